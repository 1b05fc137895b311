"""Is a server's certificate trusted, meant for its name, and good for some time to come? (RFC 5280, RFC 6125)"""

from __future__ import annotations

import ssl
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from signalbox import clock
from signalbox.checks.call import Call, Family, TalkingCheck, Trouble
from signalbox.checks.hosts import Host, Port
from signalbox.checks.starttls import StartTls, starttls
from signalbox.checks.trust import Trust, chain_words
from signalbox.clock import MICROS
from signalbox.durations import Duration
from signalbox.signals import Reason, Verdict

_DAY = 86_400
_CHAIN = 5.0  # seconds for asking once more for a chain that is not trusted


class Expiry(BaseModel):
    """How soon a certificate may expire."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    degraded: Duration | None = Field(14 * _DAY, gt=0, description="One that expires sooner is degraded; 14d.")
    down: Duration | None = Field(3 * _DAY, gt=0, description="One that expires sooner counts as down; 3d.")

    @model_validator(mode="after")
    def _in_order(self) -> Expiry:
        if self.degraded is not None and self.down is not None and self.degraded <= self.down:
            raise ValueError("expires: degraded has to be more than down")
        return self


Protocol = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$")]


class TlsCheck(TalkingCheck):
    """A TLS server. Up when its chain is trusted, the name fits, and the certificate is good for a while."""

    schemes = ("tls",)
    usual_port = 443
    examples = (
        {"kind": "tls", "host": "example.com"},
        {"kind": "tls", "host": "192.0.2.7", "port": 8443, "name": "example.com", "expires": {"degraded": "30d"}},
        {"kind": "tls", "host": "mail.example.com", "port": 587, "starttls": "smtp"},
        {"kind": "tls", "host": "example.com", "alpn": ["h2"], "tls": {"minimum": "1.3"}},
    )

    kind: Literal["tls"] = "tls"
    port: Port = Field(443, description="Its port.")
    name: Host | None = Field(None, description="Name that is asked for and must be the certificate's; else the host.")
    expires: Expiry = Field(Expiry(), description="How soon the certificate may expire: degraded 14d, down 3d.")
    tls: Trust = Field(Trust(), description="Whom to trust, how to show who we are, and the oldest version taken.")
    alpn: tuple[Protocol, ...] = Field(
        (), max_length=10, description="Protocols that we offer, such as h2; the server has to choose one of them."
    )
    starttls: StartTls | None = Field(
        None,
        description="Begin in the clear, and change to TLS as this protocol does: smtp, imap, pop3, ftp, postgres.",
    )
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    async def talk(self, call: Call) -> None:
        """Shake hands, and look at what the server showed."""
        try:
            told = await self._secured(call, self.tls)
        except Trouble as trouble:
            if trouble.reason is Reason.CERTIFICATE:
                await self._show_chain(call)
            raise
        chosen = told.selected_alpn_protocol()
        if self.alpn and chosen is None:
            call.fail(Reason.PROTOCOL, f"the server speaks none of {', '.join(self.alpn)}")
        if expiring := self._expiring(call.outcome.certificate_expires, clock.now()):
            call.evidence.note("certificates", chain_words(told))
            call.outcome.available = expiring.verdict is Verdict.DEGRADED
            raise expiring

    async def _secured(self, call: Call, trust: Trust) -> ssl.SSLObject:
        await call.connect(self.host, self.port, self.family)
        if self.starttls is not None:
            await starttls(call, self.starttls)
        return await call.start_tls(self.name or self.host, trust, self.alpn)

    def _expiring(self, expires: int | None, now: int) -> Trouble | None:
        """What is wrong with a certificate that expires then. Times are UTC microseconds."""
        if expires is None:
            return None
        left = (expires - now) / MICROS
        for limit, verdict in ((self.expires.down, Verdict.DOWN), (self.expires.degraded, Verdict.DEGRADED)):
            if limit is not None and left < limit:
                words = (
                    f"the certificate expires in {left / _DAY:.1f} days" if left > 0 else "the certificate has expired"
                )
                return Trouble(Reason.CERTIFICATE, words, verdict)
        return None

    async def _show_chain(self, call: Call) -> None:
        """Ask once more, believing anything: a handshake that failed does not tell what the server showed."""
        again = Call(call.probe, min(call.left / 2, _CHAIN))  # the verdict must not wait for it
        anything = self.tls.model_copy(update={"insecure": True, "certificate": None, "private_key": None})
        async with again.held_to_time():
            told = await self._secured(again, anything)
            call.evidence.note("certificates", chain_words(told))
        call.outcome.certificate_expires = again.outcome.certificate_expires

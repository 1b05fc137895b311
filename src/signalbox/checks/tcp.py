"""Does a server take connections, and answer as expected when it is spoken to?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from signalbox.checks.call import Call, Family, TalkingCheck
from signalbox.checks.conditions import Pattern, pattern
from signalbox.checks.starttls import StartTls, starttls
from signalbox.checks.trust import Trust
from signalbox.signals import Reason

_LARGEST = 65_536  # bytes looked through for what is expected


class TcpCheck(TalkingCheck):
    """A TCP port. Up when it takes a connection and, where something is expected, says it."""

    schemes = ("tcp",)
    examples = (
        {"kind": "tcp", "host": "db.example.com", "port": 5432},
        {"kind": "tcp", "host": "cache.example.com", "port": 11211, "send": "version\r\n", "expect": "VERSION"},
        {"kind": "tcp", "host": "mail.example.com", "port": 110, "starttls": "pop3"},
    )

    kind: Literal["tcp"] = "tcp"
    send: str = Field(
        "", max_length=4_096, description="What to send once connected. It is shown: no place for secrets."
    )
    expect: str | None = Field(None, min_length=1, max_length=1_024, description="Text that has to come back.")
    matches: Pattern | None = Field(None, description="A pattern of RE2 that has to be found in what comes back.")
    tls: Trust | None = Field(None, description="Speak TLS; {} for the usual authorities.")
    starttls: StartTls | None = Field(
        None,
        description="Begin in the clear, and change to TLS as this protocol does: smtp, imap, pop3, ftp, postgres.",
    )
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @model_validator(mode="after")
    def _fits(self) -> TcpCheck:
        if self.expect is not None and self.matches is not None:
            raise ValueError("write either expect or matches")
        return self

    async def talk(self, call: Call) -> None:
        """Connect, speak TLS where that is asked for, send, and read until what is expected came."""
        await call.connect(self.host, self.port, self.family)
        if self.starttls is not None:
            await starttls(call, self.starttls)
        if self.tls is not None or self.starttls is not None:
            await call.start_tls(self.host, self.tls or Trust())
        if self.send:
            await call.send(self.send.encode())
        if self.expect is not None or self.matches is not None:
            await self._heard(call)

    async def _heard(self, call: Call) -> None:
        seen = b""
        try:
            while not self._is_expected(seen):
                if len(seen) > _LARGEST:
                    call.fail(Reason.ASSERTION, f"what was expected is not in the first {_LARGEST // 1024} kB")
                call.doing("what was expected did not come" if seen else "no answer")
                more = await call.some()
                if not more:
                    call.fail(Reason.ASSERTION, "the server closed the connection without saying what was expected")
                seen += more
        finally:
            call.evidence.note("received", seen)

    def _is_expected(self, seen: bytes) -> bool:
        if self.expect is not None:
            return self.expect.encode() in seen
        return self.matches is None or bool(pattern(self.matches).search(seen.decode("utf-8", errors="replace")))

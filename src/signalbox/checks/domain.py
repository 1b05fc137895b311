"""How long is a domain registered? Its registry is asked by RDAP (RFC 9082, RFC 9083), found as RFC 9224 says.

A registry that does not answer, or wants to be asked less often, says nothing of the domain: that is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import SplitResult

from pydantic import Field, field_validator

from signalbox import clock
from signalbox.checks.base import AskedCheck, Outcome, Peer
from signalbox.checks.call import Call, Trouble
from signalbox.checks.curl import Answer
from signalbox.checks.failures import status_words
from signalbox.checks.fetches import fetch
from signalbox.checks.hosts import known_host
from signalbox.checks.limits import DaysLeft
from signalbox.checks.tokens import Token
from signalbox.checks.urls import is_loopback, place
from signalbox.clock import MICROS
from signalbox.signals import Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.probe import Probe

_LARGEST = 1_000_000  # bytes of an answer
_MOST_REDIRECTS = 3
_DAY = 86_400.0  # seconds
_HEADERS = ("Accept: application/rdap+json, application/json",)
_STATUSES = {  # RFC 8056, in words
    "redemption period": "the registration ended, and can be had back only for a while (redemption period)",
    "pending delete": "the domain is about to be deleted",
    "client hold": "the domain is on hold, so it is not in the DNS",
    "server hold": "the domain is on hold, so it is not in the DNS",
}


class DomainCheck(AskedCheck):
    """A domain's registration. Up while enough days are left. Registries want to be asked seldom: `every: 1d` suits."""

    schemes = ("domain",)
    examples = (
        {"kind": "domain", "domain": "example.com"},
        {"kind": "domain", "domain": "example.org", "days": {"degraded": 60, "down": 14}},
    )
    bootstrap: ClassVar[str] = "https://data.iana.org/rdap/dns.json"

    kind: Literal["domain"] = "domain"
    domain: str = Field(
        min_length=1, max_length=253, description="The domain as it is registered, such as example.com; without www."
    )
    days: DaysLeft = Field(DaysLeft(), description="How many days the registration has to last.")
    server: str | None = Field(
        None, max_length=500, description="URL of the registry's RDAP service, instead of the one that IANA lists."
    )

    @field_validator("domain")
    @classmethod
    def _is_a_domain(cls, domain: str) -> str:
        name, literal = known_host(domain)
        if literal or "." not in name.removesuffix("."):
            raise ValueError("write a registered domain, such as example.com")
        return domain

    @field_validator("server")
    @classmethod
    def _is_a_url(cls, server: str | None) -> str | None:
        if server is not None:
            place(server)
        return server

    @property
    def target(self) -> str:
        """`domain://example.com`."""
        return f"domain://{self.asked}"

    @property
    def asked(self) -> str:
        """The domain in ASCII."""
        return known_host(self.domain)[0].removesuffix(".")

    @property
    def peer(self) -> Peer | None:
        """The service that is named, if any."""
        at = None if self.server is None else place(self.server)
        return None if at is None else Peer(at.host, at.port)

    @property
    def local(self) -> bool:
        """Is the service that is named on this machine?"""
        return self.server is not None and is_loopback(*known_host(place(self.server).host))

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """The domain of `domain://example.com`."""
        if parts.netloc.lower() != (parts.hostname or "") or parts.path.strip("/") or parts.query:
            raise ValueError("write domain://example.com and nothing else; options go below `check:`")
        return {"domain": parts.hostname or ""}

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask the registry when the registration ends."""
        call, told = Call(probe, timeout, fresh=fresh), None
        async with call.held_to_time():
            told = await self._told(call)
            self._judge(call, told, clock.now())
        call.outcome.certificate_expires = None  # that one is the registry's
        if told is None and call.outcome.verdict is Verdict.DOWN:
            call.outcome.verdict, call.outcome.message = Verdict.UNKNOWN, f"the registry: {call.outcome.message}"
        return call.outcome

    # --- asking ---

    async def _told(self, call: Call) -> Mapping[str, Any]:
        """What the registry says of the domain; nothing where there is none. Failures here are the registry's."""
        server = self.server or await self._service(call)
        url = f"{server.rstrip('/')}/domain/{self.asked}"
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await fetch(call, place(url), headers=_HEADERS, largest=_LARGEST)
            if answer.redirect is None or answer.status not in (301, 302, 303, 307, 308):
                return self._read(call, answer)
            url = answer.redirect
            call.expect(_is_url(url), "it sends us to what is no URL")
        raise Trouble(Reason.PROTOCOL, "it sends us from one place to the next")

    def _read(self, call: Call, answer: Answer) -> Mapping[str, Any]:
        if answer.status == 404:  # RFC 7480 section 5.3
            return {}
        call.expect(answer.status != 429, "it wants to be asked less often (429)", Reason.STATUS)
        call.expect(answer.status == 200, f"it answered {status_words(answer.status)}", Reason.STATUS)
        told = _json(answer.body)
        if isinstance(told, dict) and str(told.get("ldhName", "")).lower().removesuffix(".") == self.asked:
            return told
        call.evidence.note("answer", answer.body)
        raise Trouble(Reason.PROTOCOL, "its answer is not one about that domain (RFC 9083)")

    async def _service(self, call: Call) -> str:
        """The RDAP service for the longest suffix of the domain that IANA lists."""

        async def fetched() -> Token:
            answer = await fetch(call, place(self.bootstrap), headers=_HEADERS, largest=_LARGEST)
            call.expect(answer.status == 200, f"IANA's list of them: {status_words(answer.status)}", Reason.STATUS)
            services = dict(_services(_json(answer.body)))
            call.expect(services, "IANA's list of them cannot be read")
            return Token(json.dumps(services), _DAY)

        text, _ = await call.probe.tokens.get(("rdap", self.bootstrap), fetched)
        services, labels = _listed(text), self.asked.split(".")
        suffixes = (".".join(labels[at:]) for at in range(1, len(labels)))
        found = next((services[suffix] for suffix in suffixes if suffix in services), None)
        call.expect(
            found, f"none is listed for .{labels[-1]} that tells by RDAP; name one by  server:", Reason.INTERNAL
        )
        return str(found)

    # --- judging ---

    def _judge(self, call: Call, told: Mapping[str, Any], now: int) -> None:
        call.expect(told, "the domain is not registered", Reason.ASSERTION)
        states = [state for state in _list(told, "status") if isinstance(state, str)]
        call.evidence.note("status", states)
        for state in states:
            call.expect(state.lower() not in _STATUSES, _STATUSES.get(state.lower(), ""), Reason.ASSERTION)
        ends = expiry(told)
        if ends is None:
            raise Trouble(Reason.PROTOCOL, "the registry does not tell when the registration ends", Verdict.UNKNOWN)
        left = (ends - now) / MICROS / _DAY
        call.evidence.note("registered until", clock.iso(ends))
        call.expect(left > 0, f"the registration ended on {clock.iso(ends)[:10]}", Reason.ASSERTION)
        call.hold(
            self.days.held("days left of the registration", left, str(int(left)), lambda limit: f"at least {limit:g}")
        )


def expiry(told: Mapping[str, Any]) -> int | None:
    """When a registration ends, in UTC microseconds; None when it is not told (RFC 9083 section 4.5)."""
    for event in _list(told, "events"):
        if isinstance(event, dict) and event.get("eventAction") == "expiration":
            try:
                moment = datetime.fromisoformat(str(event.get("eventDate")))
                return clock.to_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
            except (ValueError, OverflowError):
                return None
    return None


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else []


def _is_url(text: str) -> bool:
    try:
        place(text)
    except ValueError:
        return False
    return True


@lru_cache(2)
def _listed(text: str) -> dict[str, str]:
    listed: dict[str, str] = json.loads(text)
    return listed


def _services(told: object) -> Iterator[tuple[str, str]]:
    """Top-level domain and URL of what the list says (RFC 9224 section 4), as far as it can be read."""
    for service in _list(told, "services") if isinstance(told, dict) else []:
        if not (isinstance(service, list) and len(service) == 2 and all(isinstance(one, list) for one in service)):
            continue
        names, urls = service
        url = next(filter(_is_url, sorted(map(str, urls), reverse=True)), None)  # https before http
        if url is not None:
            yield from ((str(name).lower(), url) for name in names)

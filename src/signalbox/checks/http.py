"""Is a web address up? Asked by HEAD unless told otherwise, on a fresh connection, redirects followed."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from signalbox.checks.base import AskedCheck, Outcome, Peer
from signalbox.checks.curl import LARGEST_BODY, Answer, Request
from signalbox.checks.failures import failure, timed_out, verdict_of
from signalbox.checks.urls import Place, place, shown
from signalbox.resolver import Lookup
from signalbox.signals import NO_ANSWER, Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.probe import Probe

MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_HEAD = frozenset({405, 501})  # Method Not Allowed, Not Implemented
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HARMLESS = frozenset({"accept", "accept-language", "accept-encoding", "cache-control", "pragma", "user-agent"})

Method = Literal["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Header = Annotated[str, Field(max_length=8192)]


class HttpCheck(AskedCheck):
    """A web address. Up when the answer's status is 200 to 399."""

    examples = ({"kind": "http", "url": "https://example.com/health", "method": "GET"},)

    kind: Literal["http"] = "http"
    url: str = Field(
        min_length=1, description="What to ask, http:// or https://. Credentials in it are sent, and never shown."
    )
    method: Method = Field(
        "HEAD", description="How to ask. A HEAD that the server answers with 405 or 501 is asked again as one GET."
    )
    headers: dict[str, Header] = Field(
        {}, description="Headers to send. Values are never shown; to other origins only harmless ones go along."
    )
    follow: bool = Field(
        True, description="Follow up to 5 redirects and judge where they end. Else a redirect itself counts as up."
    )

    @field_validator("url")
    @classmethod
    def _can_be_asked(cls, url: str) -> str:
        place(url)
        return url

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} is not a header's name: letters, digits and hyphens, without the colon")
            if any(character in value for character in "\r\n\0"):
                raise ValueError(f"the value of {name} holds a line break")
        return headers

    def __repr_args__(self) -> list[tuple[str, object]]:
        return [("kind", self.kind), ("target", self.target), ("method", self.method)]

    @property
    def target(self) -> str:
        """The URL without userinfo and fragment; values of secret-looking query parameters are `***`."""
        return shown(self.url)

    @property
    def peer(self) -> Peer:
        """Host and port of the URL."""
        at = place(self.url)
        return Peer(at.host, at.port)

    @property
    def local(self) -> bool:
        """Is it a loopback address, or `localhost`?"""
        return place(self.url).loopback

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask once, redirects and a GET after a refused HEAD included, in at most `timeout` seconds.

        `fresh` looks the name up anew instead of in the resolver's cache, as a recheck should.
        """
        return await _Asking(self, probe, timeout, fresh).run()


class _Asking:
    """One check under way: where it is, what its hops took together, when it must end."""

    def __init__(self, check: HttpCheck, probe: Probe, timeout: float, fresh: bool) -> None:
        self._check, self._probe, self._timeout, self._fresh = check, probe, timeout, fresh
        self._deadline = time.monotonic() + timeout
        self._method: str = check.method
        self._place = place(check.url)
        self._origin = self._place.origin
        self._outcome = Outcome(Verdict.DOWN, Reason.INTERNAL, total=0.0)

    async def run(self) -> Outcome:
        """Hop until an answer is final."""
        redirects = 0
        while True:
            answer = await self._hop()
            if answer is None:
                return self._outcome
            if answer.error:
                return self._ended(*failure(answer, self._timeout))
            self._outcome.http_status = answer.status
            if answer.status in _NO_HEAD and self._method == "HEAD":
                self._method = "GET"
                continue
            if not self._check.follow or answer.status not in _REDIRECTS or not answer.redirect:
                return self._judged(answer)
            redirects += 1
            if redirects > MOST_REDIRECTS:
                return self._ended(Reason.PROTOCOL, f"more than {MOST_REDIRECTS} redirects")
            if problem := self._redirect(answer):
                return self._ended(Reason.PROTOCOL, problem)

    async def _hop(self) -> Answer | None:
        """Ask one server; None when it could not even be asked, and the outcome says so."""
        at = self._place
        addresses: tuple[str, ...] = (at.host,)
        if not at.literal:
            lookup = await self._lookup(at.host)
            if not lookup.addresses:
                self._ended(Reason.DNS, lookup.problem)
                return None
            addresses = lookup.addresses
        left = self._deadline - time.monotonic()
        if left <= 0:
            self._ended(*timed_out(self._timeout))
            return None
        request = Request(at.url, at.host, at.port, addresses, left, self._method, self._headers(), at.literal)
        answer = await self._probe.curl.fetch(request)
        self._add(answer)
        return answer

    async def _lookup(self, name: str) -> Lookup:
        resolver, start = self._probe.resolver, time.monotonic()
        lookup = None if self._fresh else resolver.cached(name)
        if lookup is None:
            try:
                async with asyncio.timeout(self._deadline - start):
                    lookup = await resolver.lookup(name, fresh=self._fresh)
            except TimeoutError:
                took = time.monotonic() - start
                lookup = Lookup((), f"no name server answered within {self._timeout:g} s", took)
        milliseconds = lookup.took * 1000
        self._outcome.total = (self._outcome.total or 0.0) + milliseconds
        if lookup.addresses:
            self._outcome.dns = (self._outcome.dns or 0.0) + milliseconds
        return lookup

    def _headers(self) -> list[str]:
        headers = self._check.headers
        if not headers:
            return []
        at_home = self._place.origin == self._origin
        return [f"{name}: {value}" for name, value in headers.items() if at_home or name.lower() in _HARMLESS]

    def _add(self, answer: Answer) -> None:
        """Add a hop's phases to what earlier hops took."""
        outcome = self._outcome
        outcome.dns = outcome.dns or 0.0
        outcome.connect = _sum(outcome.connect, answer.connect)
        outcome.tls = _sum(outcome.tls, answer.tls)
        outcome.ttfb = _sum(outcome.ttfb, answer.ttfb)
        outcome.total = (outcome.total or 0.0) + answer.total
        outcome.http_status = answer.status or NO_ANSWER
        if answer.certificate_expires is not None:
            outcome.certificate_expires = answer.certificate_expires

    def _redirect(self, answer: Answer) -> str:
        """Go where the answer points; words when that is nowhere to go."""
        assert answer.redirect is not None
        try:
            to = Place.of(answer.redirect.partition("#")[0])
        except ValueError:
            return "a redirect leads to something that is not a valid http or https URL"
        # What a redirect says about credentials does not count; the check's own go to its own origin only.
        userinfo = place(self._check.url).userinfo if to.origin == self._origin else ""
        self._place = replace(to, userinfo=userinfo)
        turns_to_get = answer.status == 303 or (answer.status in (301, 302) and self._method == "POST")
        if turns_to_get and self._method != "HEAD":
            self._method = "GET"
        return ""

    def _judged(self, answer: Answer) -> Outcome:
        """The outcome of an answer that no hop follows."""
        if not 200 <= answer.status < 400:
            return self._ended(Reason.STATUS, f"the server answered {_status_words(answer.status)}")
        outcome = self._outcome
        outcome.verdict, outcome.reason, outcome.available = Verdict.UP, Reason.OK, True
        if answer.cut:
            outcome.message = f"the body is longer than {LARGEST_BODY // 1_000_000} MB; the rest was not read"
        return outcome

    def _ended(self, reason: Reason, message: str) -> Outcome:
        outcome = self._outcome
        outcome.verdict, outcome.reason, outcome.message = verdict_of(reason), reason, message
        return outcome


def _sum(before: float | None, now: float | None) -> float | None:
    return before if now is None else now if before is None else before + now


def _status_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)

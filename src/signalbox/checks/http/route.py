"""By which way does a check reach servers? Name server, address family, proxy, and the guard over all of them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, NamedTuple

from signalbox.checks.call import Family, Trouble
from signalbox.checks.curl import LARGEST_BODY, Answer, Error, Extras, Proxy, Request
from signalbox.checks.failures import failure, status_words, timed_out, verdict_of
from signalbox.checks.hosts import name_server
from signalbox.checks.http.options import ProxyPlace, proxy_place
from signalbox.checks.urls import Place
from signalbox.resolver import Lookup, Resolver
from signalbox.signals import Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.http.check import HttpCheck
    from signalbox.checks.probe import Probe


_AWAY = frozenset({502, 503, 504})  # a proxy's words for a target that it cannot reach
_SOCKS = re.compile(r"\((\d+)\)\s*$")  # libcurl repeats the server's reply (RFC 1928 section 6)
_SOCKS_AWAY = frozenset({1, 3, 4, 5, 6})  # failure, network or host unreachable, refused, TTL expired


class Question(NamedTuple):
    """What is asked of one server."""

    at: Place
    method: str
    headers: Sequence[str] = ()  # "Name: value"
    body: bytes = b""
    keep: int = 0  # first bytes of the answer's body to hand back
    largest: int = LARGEST_BODY
    extras: Extras | None = None


class Route:
    """The way of one check, until its deadline."""

    __slots__ = ("_family", "_fresh", "_probe", "_proxy", "_server", "deadline", "timeout")

    def __init__(self, check: HttpCheck, probe: Probe, timeout: float, *, fresh: bool) -> None:
        self._probe, self.timeout, self._fresh = probe, timeout, fresh
        self.deadline = time.monotonic() + timeout
        self._family: Family = check.family
        self._server = None if check.resolver is None else name_server(check.resolver)
        self._proxy: ProxyPlace | None = None if check.proxy is None else proxy_place(check.proxy)

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this way from others."""
        return self._family, self._server, self._proxy

    def known(self, name: str) -> Lookup | None:
        """What is known of a name without waiting, where nothing out of the ordinary is asked for."""
        if self._fresh or self._family is not None or self._server is not None:
            return None
        return self._probe.resolver.cached(name)

    async def lookup(self, host: str, *, literal: bool) -> Lookup:
        """The host's addresses, in the family that is asked for. Trouble when the name server may not be asked."""
        found = Lookup((host,)) if literal else await self._addresses(host)
        if self._family is None or not found.addresses:
            return found
        wanted = tuple(one for one in found.addresses if (":" in one) is (self._family == "ipv6"))
        words = f"{host} has no {'IPv6' if self._family == 'ipv6' else 'IPv4'} address"
        return Lookup(wanted, "" if wanted else words, found.took)

    async def _addresses(self, name: str) -> Lookup:
        if self._server is None:
            return await self._asked(self._probe.resolver, name)
        if refusal := self._probe.guard.refusal(self._server[0]):
            raise Trouble(Reason.BLOCKED, f"the name server is not asked: {refusal}")
        with self._probe.resolvers.at(self._server) as resolver:
            if resolver is None:
                raise Trouble(Reason.MISSED, "not asked in time: too many name servers are being asked")
            return await self._asked(resolver, name)

    async def _asked(self, resolver: Resolver, name: str) -> Lookup:
        start = time.monotonic()
        try:
            async with asyncio.timeout(self.deadline - start):
                return await resolver.lookup(name, fresh=self._fresh)
        except TimeoutError:
            took = time.monotonic() - start
            return Lookup((), f"no name server answered within {self.timeout:g} s", took)

    def fetch(self, question: Question, addresses: Sequence[str]) -> Coroutine[None, None, Answer]:
        """Ask it once, at one of these addresses. Trouble when the time is up, or the way is barred."""
        if self._proxy is not None:
            return self._fetch_through(self._proxy, question, addresses)
        return self._probe.curl.fetch(self._request(question, addresses))

    def _request(self, question: Question, addresses: Sequence[str]) -> Request:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Trouble(*timed_out(self.timeout))
        at, method, headers, body, keep, largest, extras = question
        return Request(
            at.url, at.host, at.port, addresses, left, method, headers, at.literal, body, largest, keep, extras
        )

    async def _fetch_through(self, proxy: ProxyPlace, question: Question, addresses: Sequence[str]) -> Answer:
        told, through = await self._through(proxy, addresses)
        extras = (question.extras or Extras())._replace(proxy=told)
        return await self._probe.curl.fetch(self._request(question._replace(extras=extras), through))

    async def _through(self, proxy: ProxyPlace, addresses: Sequence[str]) -> tuple[Proxy, Sequence[str]]:
        """The proxy, told where to go, and its own addresses. Both are guarded: libcurl sees only the second."""
        guard = self._probe.guard
        target = next((one for one in addresses if guard.allows(one)), None)
        if target is None:
            raise Trouble(Reason.BLOCKED, f"not asked: {guard.refusal(addresses[0])}")
        known = Lookup((proxy.host,)) if proxy.literal else await self._asked(self._probe.resolver, proxy.host)
        if not known.addresses:
            raise Trouble(Reason.DNS, f"the proxy: {known.problem}", Verdict.UNKNOWN)
        if not any(map(guard.allows, known.addresses)):
            raise Trouble(Reason.BLOCKED, f"the proxy is not asked: {guard.refusal(known.addresses[0])}")
        told = Proxy(proxy.scheme, proxy.host, proxy.port, proxy.literal, target, proxy.user, proxy.password)
        return told, known.addresses

    def failure(self, answer: Answer) -> tuple[Reason, str, Verdict]:
        """Reason, words and verdict of an answer whose `error` is not 0; what the proxy is to blame for is told so."""
        if self._proxy is not None and (told := _proxy_failure(answer, self.timeout)) is not None:
            return told
        reason, words = failure(answer, self.timeout)
        return reason, words, verdict_of(reason)


def _proxy_failure(answer: Answer, timeout: float) -> tuple[Reason, str, Verdict] | None:
    """What went wrong between us and the proxy, or between it and the target; None when neither did.

    A proxy that cannot be reached, or does not let us through, says nothing of the target.
    """
    if answer.error == Error.PROXY or answer.tunnel >= 300:
        code = _SOCKS.search(answer.text)
        is_away = answer.tunnel in _AWAY if answer.tunnel else code is not None and int(code[1]) in _SOCKS_AWAY
        why = f" ({status_words(answer.tunnel)})" if answer.tunnel else ""
        if is_away:
            return Reason.CONNECT, f"the proxy could not reach the target{why}", Verdict.DOWN
        return Reason.CONNECT, f"the proxy does not let us through{why}", Verdict.UNKNOWN
    if answer.connect is None and answer.error in (Error.COULDNT_CONNECT, Error.OPERATION_TIMEDOUT):
        reason, words = failure(answer, timeout)
        return reason, f"the proxy: {words}", Verdict.UNKNOWN
    if answer.error == Error.OPERATION_TIMEDOUT and not answer.tunnel and answer.tls is None and answer.ttfb is None:
        return Reason.TIMEOUT, f"no way to the target through the proxy within {timeout:g} s", Verdict.DOWN
    return None

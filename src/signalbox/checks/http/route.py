"""By which way does a check reach servers? Name server, address family, proxy, and the guard over all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from signalbox.checks.call import Family, Trouble
from signalbox.checks.curl import LARGEST_BODY, Answer, Extras, Proxy, Request
from signalbox.checks.failures import timed_out
from signalbox.checks.hosts import name_server
from signalbox.checks.http.options import ProxyPlace, proxy_place
from signalbox.checks.urls import Place
from signalbox.resolver import Lookup, Resolver
from signalbox.signals import Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.http.check import HttpCheck
    from signalbox.checks.probe import Probe


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
            known = None if self._fresh else self._probe.resolver.cached(name)
            return known or await self._asked(self._probe.resolver, name)
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

    async def fetch(self, question: Question, addresses: Sequence[str]) -> Answer:
        """Ask it once, at one of these addresses. Trouble when the time is up, or the way is barred."""
        at, method, headers, body, keep, largest, extras = question
        if self._proxy is not None:
            proxy, addresses = await self._through(self._proxy, addresses)
            extras = (extras or Extras())._replace(proxy=proxy)
        left = self.left
        if left <= 0:
            raise Trouble(*timed_out(self.timeout))
        request = Request(
            at.url, at.host, at.port, addresses, left, method, headers, at.literal, body, largest, keep, extras
        )
        return await self._probe.curl.fetch(request)

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

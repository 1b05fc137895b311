"""Which addresses does a name have? Asked so that names in a dead zone hold up nobody else's.

One thread sends and receives for all. A lookup that waits for an answer costs an entry in a table and a timer, not a
thread, so a thousand dead names are a thousand entries. Lookups of one name at one time are one lookup.

Names come from the hosts file, then from the name servers of resolv.conf (A and AAAA, search list and ndots as in
resolv.conf(5)). Other sources of nsswitch.conf, such as mDNS, are not asked.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from signalbox.resolver.here import NamesHere
from signalbox.resolver.wire import NameServers, Reply

PATIENCE = 5.0  # seconds until a name that nobody answers for has no address
_LONGEST_TTL, _SHORTEST_TTL = 300.0, 1.0  # seconds; a name that moved is noticed within five minutes
_LONGEST_NEGATIVE, _SILENCE_TTL = 30.0, 2.0
_CACHED = 65_536  # names remembered
_LANE = 512  # lookups in the quick lane at one time
_QUICK = 0.25  # seconds after which a lookup leaves the quick lane to others
_SLOW_LANE = 4_096  # lookups at one time of names that were not answered for last time
_OTHER_FAMILY = 0.25  # seconds that a name's second address family may take longer than its first


class Lookup(NamedTuple):
    """What was found: addresses, else the problem in words. `took` is the seconds it took, 0 from the cache."""

    addresses: tuple[str, ...]
    problem: str = ""
    took: float = 0.0


class _Kept(NamedTuple):
    lookup: Lookup
    until: float  # time.monotonic()


class Resolver:
    """Looks names up from any event loop. Open it once a process, after any fork."""

    def __init__(
        self,
        nameservers: Sequence[tuple[str, int]] | None = None,
        resolv_conf: Path = Path("/etc/resolv.conf"),
        hosts: Path = Path("/etc/hosts"),
        patience: float = PATIENCE,
    ) -> None:
        """`nameservers`: (address, port) to ask instead of those in resolv.conf; `patience`: seconds a lookup has."""
        self._patience = patience
        self._here = NamesHere(resolv_conf, hosts, nameservers)
        self._cache: dict[str, _Kept] = {}
        self._under_way: dict[str, asyncio.Task[Lookup]] = {}
        self._silent: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start the thread. A second call changes nothing."""
        if self._thread is not None:
            return
        loop = self._loop = asyncio.new_event_loop()
        self._servers = NameServers()
        self._lane, self._slow_lane = asyncio.Semaphore(_LANE), asyncio.Semaphore(_SLOW_LANE)
        self._thread = threading.Thread(target=self._run, args=(loop,), name="signalbox-resolver", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cancel lookups under way and end the thread."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = self._loop = None

    def cached(self, name: str) -> Lookup | None:
        """What is known of the name right now, without waiting."""
        kept = self._cache.get(name)
        return kept.lookup if kept is not None and kept.until > time.monotonic() else None

    async def lookup(self, name: str, *, fresh: bool = False) -> Lookup:
        """The name's addresses, within the resolver's patience; `fresh`: not from the cache.

        `name` is ASCII; with a dot at its end the search list does not apply. Raises RuntimeError when not open.
        """
        if not fresh and (known := self.cached(name)) is not None:
            return known
        if self._loop is None:
            raise RuntimeError("the resolver is not open")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._joined(name), self._loop))

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._servers.close()
            loop.close()

    async def _joined(self, name: str) -> Lookup:
        """The lookup of that name which is under way, else a new one. A waiter that gives up does not end it."""
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.create_task(self._find(name))
            task.add_done_callback(lambda _: self._under_way.pop(name, None))
        return await asyncio.shield(task)

    async def _find(self, name: str) -> Lookup:
        start = time.perf_counter()
        if here := self._here.addresses(name):
            return self._keep(name, Lookup(here, took=time.perf_counter() - start), _SHORTEST_TTL)
        reply = await self._in_lane(name)
        lookup = Lookup(reply.addresses, reply.problem, time.perf_counter() - start)
        if reply.addresses:
            return self._keep(name, lookup, min(max(reply.ttl, _SHORTEST_TTL), _LONGEST_TTL))
        return self._keep(name, lookup, min(max(reply.ttl, _SHORTEST_TTL), _LONGEST_NEGATIVE))

    def _keep(self, name: str, lookup: Lookup, seconds: float) -> Lookup:
        now = time.monotonic()
        self._cache.pop(name, None)  # so that the oldest comes first
        if len(self._cache) >= _CACHED:
            for old in list(self._cache)[: _CACHED // 16]:
                del self._cache[old]
        self._cache[name] = _Kept(lookup._replace(took=0.0), now + seconds)
        return lookup

    async def _in_lane(self, name: str) -> Reply:
        """Ask, in the lane of names that answer, until this one shows that it is none of them."""
        if name in self._silent:
            async with self._slow_lane:
                return await self._asked(name)
        async with self._lane:
            asking = asyncio.create_task(self._asked(name))
            await asyncio.wait({asking}, timeout=_QUICK)
        return await asking

    async def _asked(self, name: str) -> Reply:
        try:
            async with asyncio.timeout(self._patience):
                reply = await self._searched(name)
        except TimeoutError:
            reply = Reply(problem=f"no name server answered within {self._patience:g} s", ttl=_SILENCE_TTL)
            if len(self._silent) >= _CACHED:
                self._silent.clear()
            self._silent.add(name)
        else:
            self._silent.discard(name)
        return reply

    async def _searched(self, name: str) -> Reply:
        """The first of the name's full forms that has addresses; else what was said of the last one asked."""
        reply = Reply(problem="the name cannot be looked up")
        servers = self._here.servers()
        for full in self._here.full_names(name):
            reply = await self._both_families(full, servers)
            if reply.addresses:
                break
        return reply

    async def _both_families(self, full: str, servers: Sequence[tuple[str, int]]) -> Reply:
        """IPv6 and IPv4 addresses together. A name server that keeps quiet about one family delays little."""
        asked = [asyncio.create_task(self._servers.ask(full, family, servers)) for family in ("AAAA", "A")]
        try:
            done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            if waiting and next(iter(done)).result().addresses:
                done, waiting = await asyncio.wait(asked, timeout=_OTHER_FAMILY)
            elif waiting:
                await asyncio.wait(asked)
        finally:
            for task in asked:
                task.cancel()
        replies = [task.result() for task in asked if task.done() and not task.cancelled()]
        found = tuple(address for reply in replies for address in reply.addresses)
        ttl = min((reply.ttl for reply in replies if bool(reply.addresses) == bool(found)), default=0.0)
        return Reply(found, "" if found else replies[-1].problem, ttl)

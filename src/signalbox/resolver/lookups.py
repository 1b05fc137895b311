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

from signalbox.resolver.asking import Reply
from signalbox.resolver.desk import Desk
from signalbox.resolver.here import NamesHere
from signalbox.resolver.network import Server

PATIENCE = 5.0  # seconds until a name that nobody answers for has no address
_LONGEST_TTL, _SHORTEST_TTL = 300.0, 1.0  # seconds; a name that moved is noticed within five minutes
_LONGEST_NEGATIVE = 30.0
_CACHED = 65_536  # names remembered


class Lookup(NamedTuple):
    """What was found: addresses, else the problem. `took`: seconds from the first question on, 0 from the cache."""

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
        nameservers: Sequence[Server] | None = None,
        resolv_conf: Path = Path("/etc/resolv.conf"),
        hosts: Path = Path("/etc/hosts"),
        patience: float = PATIENCE,
    ) -> None:
        """`nameservers`: (address, port) to ask instead of those in resolv.conf; `patience`: seconds a lookup has."""
        self._patience = patience
        self._here = NamesHere(resolv_conf, hosts, nameservers)
        self._cache: dict[str, _Kept] = {}
        self._desk: Desk | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start the thread. A second call changes nothing."""
        if self._thread is not None:
            return
        self._desk = Desk(self._here, self._patience, self._keep)
        self._thread = threading.Thread(target=self._desk.run, name="signalbox-resolver", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cancel lookups under way and end the thread."""
        if self._thread is None or self._desk is None:
            return
        self._desk.stop()
        self._thread.join()
        self._thread = self._desk = None

    def servers(self) -> Sequence[Server]:
        """Whom it asks: (address, port), the first one first. For questions that are not for addresses."""
        self._here.refresh()
        return tuple(self._here.servers())

    def cached(self, name: str) -> Lookup | None:
        """What is known of the name right now, without waiting."""
        kept = self._cache.get(name)
        return kept.lookup if kept is not None and kept.until > time.monotonic() else None

    async def lookup(self, name: str, *, fresh: bool = False) -> Lookup:
        """The name's addresses, within the resolver's patience; `fresh`: not from the cache.

        `name` is ASCII; with a dot at its end the search list does not apply. Raises RuntimeError when not open,
        CancelledError when closed meanwhile. A waiter that gives up does not end the lookup for others.
        """
        if not fresh and (known := self.cached(name)) is not None:
            return known
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        if self._desk is None or not self._desk.ask(name, loop, future):
            raise RuntimeError("the resolver is not open")
        reply = await future
        return Lookup(reply.addresses, reply.problem, reply.took)

    def _keep(self, name: str, reply: Reply) -> None:
        """Remember it for as long as it holds. Called on the resolver's thread."""
        seconds = min(max(reply.ttl, _SHORTEST_TTL), _LONGEST_TTL if reply.addresses else _LONGEST_NEGATIVE)
        self._cache.pop(name, None)  # so that the oldest comes first
        if len(self._cache) >= _CACHED:
            for old in list(self._cache)[: _CACHED // 16]:
                del self._cache[old]
        self._cache[name] = _Kept(Lookup(reply.addresses, reply.problem), time.monotonic() + seconds)

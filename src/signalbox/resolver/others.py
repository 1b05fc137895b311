"""Who looks names up at a name server of somebody's choice? One resolver each, shared, and not too many of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signalbox.resolver.lookups import Resolver
from signalbox.resolver.network import Server

MOST = 32  # resolvers; each is a thread
_NOTHING = Path(os.devnull)  # this machine's hosts file and search list say nothing about what that server knows


class Resolvers:
    """Resolvers by name server, made when first needed. The one not used for longest makes room for another."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._known: dict[Server, Resolver] = {}
        self._users: dict[Server, int] = {}

    @contextmanager
    def at(self, server: Server) -> Iterator[Resolver | None]:
        """An open resolver that asks that server alone; None when all there may be are in use."""
        with self._lock:
            resolver = self._taken(server)
        try:
            yield resolver
        finally:
            if resolver is not None:
                with self._lock:
                    self._users[server] = self._users.get(server, 1) - 1

    def _taken(self, server: Server) -> Resolver | None:
        resolver = self._known.pop(server, None)
        if resolver is None:
            if len(self._known) >= self._most:
                idle = next((one for one in self._known if not self._users.get(one)), None)
                if idle is None:
                    return None
                self._known.pop(idle).close()
                self._users.pop(idle, None)
            resolver = Resolver([server], resolv_conf=_NOTHING, hosts=_NOTHING)
            resolver.open()
        self._known[server] = resolver  # the newest comes last
        self._users[server] = self._users.get(server, 0) + 1
        return resolver

    def close(self) -> None:
        """Cancel lookups under way and end the threads."""
        with self._lock:
            known, self._known = self._known, {}
            self._users.clear()
        for resolver in known.values():
            resolver.close()

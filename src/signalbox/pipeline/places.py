"""Who may be asked right now? A monitor never twice at once, and a host by no more than so many checks.

A slot that comes while its monitor is still being asked gets the answer of the check that is under way: that is what
was to be seen at that moment. Who waits too long for a host is not asked any more: a late check is no check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from signalbox.checks.base import Outcome
from signalbox.monitors.service import Monitor
from signalbox.signals import Reason, Verdict

LATEST = 60.0  # seconds that a check of a slow monitor may wait


class _Host:
    """Checks of one host: who may come in, and how many there are with those who wait."""

    __slots__ = ("checks", "places")

    def __init__(self, most: int) -> None:
        self.places, self.checks = asyncio.Semaphore(most), 0


class Places:
    """Lives on one event loop."""

    def __init__(self, most_a_host: int) -> None:
        """At most `most_a_host` checks of one host at once; this machine itself may be asked by any number."""
        self._most = most_a_host
        self._under_way: dict[str, asyncio.Future[Outcome]] = {}
        self._hosts: dict[str, _Host] = {}

    async def answer(self, monitor: Monitor, ask: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """The outcome of `ask()`, or of the check of that monitor which is under way."""
        running = self._under_way.get(monitor.key)
        if running is not None:
            return await asyncio.shield(running)
        future = self._under_way[monitor.key] = asyncio.get_running_loop().create_future()
        try:
            outcome = await self._asked(monitor, ask)
        except BaseException:
            future.cancel()
            raise
        else:
            future.set_result(outcome)
            return outcome
        finally:
            del self._under_way[monitor.key]

    async def _asked(self, monitor: Monitor, ask: Callable[[], Awaitable[Outcome]]) -> Outcome:
        peer = None if monitor.check.local else monitor.check.peer
        if peer is None:
            return await ask()
        host = self._hosts.get(peer.host)
        if host is None:
            host = self._hosts[peer.host] = _Host(self._most)
        host.checks += 1
        try:
            return await self._in_turn(monitor, peer.host, host, ask)
        finally:
            host.checks -= 1
            if not host.checks:
                del self._hosts[peer.host]

    async def _in_turn(
        self, monitor: Monitor, name: str, host: _Host, ask: Callable[[], Awaitable[Outcome]]
    ) -> Outcome:
        try:
            async with asyncio.timeout(min(max(monitor.every, 2.0), LATEST)):
                await host.places.acquire()
        except TimeoutError:
            words = f"not asked in time: at most {self._most} checks ask {name} at once"
            return Outcome(Verdict.UNKNOWN, Reason.MISSED, words)
        try:
            return await ask()
        finally:
            host.places.release()

"""Who may be asked right now? A monitor never twice at once, and a host by no more than so many checks.

A slot that comes while its monitor is still being asked gets the answer of the check that is under way: that is what
was to be seen at that moment. A recheck has no moment of its own: it is none when its answer is a slot's as well, or
one failure would count twice. Who waits too long for a host is not asked any more: a late check is no check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from signalbox.checks.base import AskedCheck, Outcome
from signalbox.monitors.service import Monitor
from signalbox.signals import Reason, Verdict

LATEST = 60.0  # seconds that a check of a slow monitor may wait


class _Host:
    """Checks of one host: who may come in, and how many there are with those who wait."""

    __slots__ = ("checks", "places")

    def __init__(self, most: int) -> None:
        self.places, self.checks = asyncio.Semaphore(most), 0


class _UnderWay:
    """A check that somebody is at, and whether slots wait for its answer, too."""

    __slots__ = ("answer", "is_shared")

    def __init__(self) -> None:
        self.answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.is_shared = False


class Places:
    """Lives on one event loop."""

    def __init__(self, most_a_host: int) -> None:
        """At most `most_a_host` checks of one host at once; this machine itself may be asked by any number."""
        self._most = most_a_host
        self._under_way: dict[str, _UnderWay] = {}
        self._hosts: dict[str, _Host] = {}

    async def answer(self, monitor: Monitor, ask: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """The outcome of `ask()`, or of the check of that monitor which is under way."""
        running = self._under_way.get(monitor.key)
        if running is not None:
            running.is_shared = True
            return await asyncio.shield(running.answer)
        outcome, _ = await self._alone(monitor, ask)
        return outcome

    async def answer_again(self, monitor: Monitor, ask: Callable[[], Awaitable[Outcome]]) -> Outcome | None:
        """The outcome of `ask()`, out of turn. None where a slot has the same answer."""
        if monitor.key in self._under_way:
            return None
        outcome, is_shared = await self._alone(monitor, ask)
        return None if is_shared else outcome

    async def _alone(self, monitor: Monitor, ask: Callable[[], Awaitable[Outcome]]) -> tuple[Outcome, bool]:
        """The outcome of `ask()`, and whether slots took it, too."""
        if not isinstance(monitor.check, AskedCheck):  # costs nothing, and must see what was said just now
            return await ask(), False
        this = self._under_way[monitor.key] = _UnderWay()
        try:
            outcome = await self._asked(monitor, ask)
        except BaseException:
            this.answer.cancel()
            raise
        else:
            this.answer.set_result(outcome)
            return outcome, this.is_shared
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

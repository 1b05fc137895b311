"""Who waits for which name, and whose turn is it? What the resolver's thread does.

Names that were answered for last time, or are new, have a lane; names that were not have another. Who is not answered
for quickly goes on waiting outside, so that a lane moves on, and still not everything is sent at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from signalbox.resolver.asking import Asking, Reply
from signalbox.resolver.here import NamesHere
from signalbox.resolver.network import Network
from signalbox.resolver.turns import Turns

# Names in a lane at one time. Two packets each: what a name server's socket holds by default on Linux is about 270.
_QUICK_LANE, _SLOW_LANE = 128, 64
_SILENT = 65_536  # names remembered for their silence
_PAUSE = 0.1  # seconds after a bug of ours

_log = logging.getLogger(__name__)
_Future = asyncio.Future[Reply]


@dataclass(slots=True, eq=False)
class _Lane:
    width: int
    waiting: deque[_Job] = field(default_factory=deque)
    inside: int = 0


@dataclass(slots=True, eq=False)
class _Job:
    """One name, and who wants to know."""

    name: str
    lane: _Lane
    waiters: list[tuple[asyncio.AbstractEventLoop, _Future]]
    asking: Asking | None = None
    inside: bool = False

    def leave(self) -> None:
        """Make room in the lane."""
        if self.inside:
            self.inside = False
            self.lane.inside -= 1


class Desk:
    """Takes names from any thread, and answers on the event loop of whoever asked."""

    def __init__(self, here: NamesHere, patience: float, keep: Callable[[str, Reply], None]) -> None:
        self._here, self._patience, self._keep = here, patience, keep
        self._turns = Turns()
        self._network = Network(self._turns)
        self._quick, self._slow = _Lane(_QUICK_LANE), _Lane(_SLOW_LANE)
        self._jobs: dict[str, _Job] = {}
        self._silent: set[str] = set()
        self._out: dict[asyncio.AbstractEventLoop, list[tuple[_Future, Reply]]] = {}

    def ask(self, name: str, loop: asyncio.AbstractEventLoop, future: _Future) -> bool:
        """Have the future set. From any thread; False when it is too late."""
        return self._turns.call(partial(self._take, name, loop, future))

    def stop(self) -> None:
        """Have `run` cancel what is under way, and return. From any thread."""
        self._turns.stop()

    def run(self) -> None:
        """What the thread does. A bug of ours ends what is under way, and nothing else."""
        turns = self._turns
        try:
            while not turns.stopping:
                try:
                    turns.turn()
                    self._admit(self._quick)
                    self._admit(self._slow)
                except Exception as error:
                    _log.exception("the resolver broke")
                    self._abandon(error)
                    time.sleep(_PAUSE)
                self._hand_back()
        finally:
            turns.run_calls()
            self._abandon(None)
            self._network.close()
            turns.close()
            turns.run_calls()
            self._abandon(None)
            self._hand_back()

    def _take(self, name: str, loop: asyncio.AbstractEventLoop, future: _Future) -> None:
        """Join the lookup of that name which is under way, else begin one."""
        self._here.refresh()
        job = self._jobs.get(name)
        if job is not None:
            job.waiters.append((loop, future))
        elif here := self._here.addresses(name):
            reply = Reply(here)
            self._keep(name, reply)
            self._out.setdefault(loop, []).append((future, reply))
        else:
            lane = self._slow if name in self._silent else self._quick
            job = self._jobs[name] = _Job(name, lane, [(loop, future)])
            lane.waiting.append(job)

    def _admit(self, lane: _Lane) -> None:
        while lane.waiting and lane.inside < lane.width:
            job = lane.waiting.popleft()
            job.inside = True
            lane.inside += 1
            forms, servers = self._here.full_names(job.name), self._here.servers()
            ended = partial(self._end, job)
            job.asking = asking = Asking(forms, servers, self._patience, self._network, ended=ended, slow=job.leave)
            asking.start()

    def _end(self, job: _Job, reply: Reply) -> None:
        job.leave()
        job.asking = None  # they know each other: without this only the garbage collector would free them
        del self._jobs[job.name]
        if reply.silent:
            if len(self._silent) >= _SILENT:
                self._silent.clear()
            self._silent.add(job.name)
        else:
            self._silent.discard(job.name)
        self._keep(job.name, reply)
        for loop, future in job.waiters:
            self._out.setdefault(loop, []).append((future, reply))

    def _hand_back(self) -> None:
        if self._out:
            out, self._out = self._out, {}
            for loop, replies in out.items():
                _call(loop, partial(_deliver, replies))

    def _abandon(self, error: Exception | None) -> None:
        """End everything under way: with that error, else by cancelling."""
        for job in self._jobs.values():
            job.leave()
            if job.asking is not None:
                job.asking.abandon()
            for loop, future in job.waiters:
                _call(loop, partial(_give_up, future, error))
        self._jobs.clear()
        self._quick.waiting.clear()
        self._slow.waiting.clear()


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # that loop was closed: nobody waits
        loop.call_soon_threadsafe(function)


def _deliver(replies: list[tuple[_Future, Reply]]) -> None:
    for future, reply in replies:
        if not future.done():
            future.set_result(reply)


def _give_up(future: _Future, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.cancel()
    else:
        future.set_exception(error)

"""Is it the target that fails, or is it our own network? Before a failure is believed, canaries are asked.

A failure counts when canaries asked after it answered, and had not been silent since its check began. So what fails
because our network is cut becomes unknown, never down. Answers that are up are never held up and never touched.

Everything here belongs to one event loop; the database is asked from threads.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from signalbox import clock, resolver
from signalbox.checks.base import Outcome
from signalbox.db import Database
from signalbox.db.installation import canaries as named_canaries
from signalbox.errors import SignalboxError
from signalbox.guard import Guard
from signalbox.monitors.service import Monitor
from signalbox.runner import location, surroundings
from signalbox.runner.canaries import Canaries
from signalbox.runner.location import Announce, Cut
from signalbox.runner.surroundings import Surroundings
from signalbox.signals import Reason, Verdict

log = structlog.get_logger(__name__)

EVERY = 30.0  # seconds between two rounds of canaries while all is well
AGAIN = 5.0  # the same while they are silent
PATIENCE = 2.0  # seconds that a round takes at the most
GATHER = 0.05  # seconds that a failure waits for others: one round tells for all
APART = 1.0  # seconds between the starts of two rounds, however many failures come
MANY = 0.3  # share of monitors that fail, from which on failures of any reason are doubted
DOUBT = 600.0  # seconds of silence after which canaries are doubted, if most targets answer all the same
SURE = 2  # silent rounds in a row after which the location is written to be cut off
SETTLE = 5.0  # seconds in which a network that is back finds its ways again: neighbours, routes, leases
WRITE_AGAIN = 2.0  # seconds until the database is tried again
HEARSAY = resolver.PATIENCE + 2.0  # seconds by which what is known of a name may be older than the check it fails

_DOUBTFUL = frozenset({Reason.DNS, Reason.CONNECT, Reason.TIMEOUT})
_WORDS = "our own network was down, so this says nothing about the target"
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Round:
    """Canaries asked once."""

    start: float  # monotonic clock, in seconds
    moment: int  # the same, wall clock
    answered: bool | None  # None: silence tells nothing, for none has ever answered


class Share:
    """How many of the monitors that this process asks fail now, by their newest outcome."""

    def __init__(self) -> None:
        self._failing: dict[str, bool] = {}
        self._count = 0

    def note(self, key: str, failing: bool) -> None:
        """Take the newest outcome of a monitor."""
        before = self._failing.get(key)
        if before is not failing:
            self._failing[key] = failing
            self._count += failing - bool(before)

    def is_fine(self, key: str) -> bool:
        """Was the newest outcome of a monitor no failure?"""
        return self._failing.get(key) is False

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self._count / len(self._failing) if self._failing else 0.0


class Network:
    """The gate that failures of one process pass, and the rounds of canaries behind it."""

    def __init__(
        self, database: Database, place: str, guard: Guard, announce: Announce,
        look: Callable[[], Surroundings] = surroundings.look,
    ) -> None:  # fmt: skip
        """`place` is the location; `announce` is what notices are told by, in the transaction that writes it."""
        self._database, self._place, self._announce = database, place, announce
        self.canaries = Canaries(guard, look)
        self._share = Share()
        self._last: Round | None = None
        self._good = 0  # wall clock when the last round began that was answered
        self._silent: list[Round] = []  # in a row, up to now; the first and the last of them
        self._blind_until = _NEVER  # what began before it may have failed because of us
        self._cut: Cut | None = None
        self._written: bool | None = None  # is the location written to be online; None: nobody has looked
        self._tasks: list[asyncio.Task[None]] = []

    # --- the gate ---

    def doubts(self, monitor: Monitor, outcome: Outcome) -> bool:
        """Take note of an outcome. Is it a failure that may be our own network's? Waits for nothing."""
        failed = outcome.verdict is Verdict.DOWN
        if (not failed and self._share.is_fine(monitor.key)) or monitor.check.local:
            return False
        self._share.note(monitor.key, failed)
        return failed and (outcome.reason in _DOUBTFUL or self._share.value >= MANY)

    async def believe(self, outcome: Outcome, started: float) -> Outcome:
        """A failure as it is, or as unknown when our own network was down. `started`: when its check began, by the
        monotonic clock. Waits for a round of canaries that begins now, three seconds at the most."""
        if outcome.reason is Reason.DNS:  # it may be remembered, or have been asked by an earlier check
            started -= HEARSAY
        if not self._tasks or (self.is_open and started >= self._blind_until):
            return outcome
        self.hurry()
        with suppress(TimeoutError):  # longer only when this process itself is stuck
            async with asyncio.timeout(APART + 2 * PATIENCE):
                await asyncio.shield(self._next)
        if self._silent or started < self._blind_until:
            return replace(outcome, verdict=Verdict.UNKNOWN, reason=Reason.OFFLINE, message=_WORDS, available=False)
        return outcome

    @property
    def is_open(self) -> bool | None:
        """Is there no canary that could tell, so that failures are believed as they are? None: not known yet."""
        return None if self._last is None else self._last.answered is None

    @property
    def is_silent(self) -> bool:
        """Did no canary answer the last time?"""
        return bool(self._silent)

    @property
    def is_written(self) -> bool:
        """Does the database say how it is?"""
        return self._written is (self._cut is None)

    # --- the rounds ---

    def open(self) -> None:
        """Begin to ask canaries, on the running event loop."""
        loop = asyncio.get_running_loop()
        self._wanted, self._news, self._named = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._next: asyncio.Future[None] = loop.create_future()
        self._tasks = [loop.create_task(self._watch()), loop.create_task(self._keep_books())]

    def hurry(self) -> None:
        """Ask soon, without waiting for a failure."""
        self._wanted.set()

    async def close(self) -> None:
        """Ask no more."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._named.wait()
        while True:
            demanded = self._wanted.is_set()
            self._wanted.clear()
            waiting, self._next = self._next, asyncio.get_running_loop().create_future()
            start = time.monotonic()
            try:
                await self._round(start, learn=not demanded)
            finally:
                if not waiting.done():
                    waiting.set_result(None)
            await self._pause(start)

    async def _pause(self, start: float) -> None:
        """Until the next round is due; or until one is wanted, which waits for company, and comes not too soon."""
        with suppress(TimeoutError):
            async with asyncio.timeout(AGAIN if self._silent else EVERY):
                await self._wanted.wait()
        await asyncio.sleep(max(GATHER, start + APART - time.monotonic()))

    async def _round(self, start: float, *, learn: bool) -> None:
        now = clock.now()
        try:
            self.canaries.follow()
            answered = await self.canaries.ask(PATIENCE, learn=learn)
        except Exception:
            log.exception("canaries.bug")
            answered = None
        this = Round(start, now, answered)
        before, self._last = self._last, this
        if answered is False and not self._is_contradicted(this):
            self._miss(this)
        else:
            self._see(this, before)

    def _miss(self, this: Round) -> None:
        self._silent = [*self._silent[:1], this]
        if len(self._silent) < SURE:
            log.warning("network.silent", location=self._place, why=self.canaries.silence)
        elif self._cut is None:
            self._cut = Cut(self._good, self._silent[0].moment, self.canaries.silence)
            log.error("network.offline", location=self._place, since=clock.iso(self._good), why=self._cut.words)
            self._news.set()

    def _see(self, this: Round, before: Round | None) -> None:
        if this.answered:
            self._good = this.moment
        elif before is None or before.answered is not None:
            log.warning("network.unwatched", location=self._place, why=self.canaries.uselessness)
        if self._silent:
            log.info("network.online", location=self._place)
            self._blind_until = time.monotonic() + SETTLE
        if self._cut is not None or before is None:
            self._news.set()
        self._silent, self._cut = [], None

    def _is_contradicted(self, this: Round) -> bool:
        """Have canaries been silent for long, while most targets answer? Then it is they who are gone."""
        silent = this.start - self._silent[0].start if self._silent else 0.0
        if silent < DOUBT or self._share.value >= MANY:
            return False
        log.error("canaries.doubted", location=self._place, why=self.canaries.silence, though="most targets answer")
        self.canaries.doubt()
        self._last = replace(this, answered=None)
        return True

    # --- the books ---

    async def _keep_books(self) -> None:
        """Write when the location is cut off or sees again, until it is written; read whom the manifest names."""
        while True:
            self._news.clear()
            patience = EVERY
            try:
                names = await asyncio.to_thread(self._write)
                self.canaries.name(names)
            except SignalboxError as error:
                log.error("network.unwritten", location=self._place, error=str(error))
                patience = WRITE_AGAIN
            except Exception:
                log.exception("network.bug")
            self._named.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._news.wait()

    def _write(self) -> list[str]:
        """In a thread."""
        with self._database.read() as session:
            names = named_canaries(session)
        cut, last, now = self._cut, self._last, clock.now()
        if last is None or self._written is (cut is None):
            return names
        with self._database.begin() as session:
            if cut is None:
                location.back(session, self._place, last.moment, now, self._announce)
                written = True
            else:
                written = not location.cut_off(session, self._place, cut, now, self._announce)
        self._written = written
        return names

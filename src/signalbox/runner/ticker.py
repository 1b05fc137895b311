"""What happens each second? What is due gets its ledger row and is handed out.

The same ticker runs on a thread of the embedded process and inside Celery's beat. A tick never raises: an exception
would end the beat and leave its worker idle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence, Set

import structlog

from signalbox import clock, ledger
from signalbox.db import Database
from signalbox.errors import SignalboxError
from signalbox.monitors import editing
from signalbox.monitors.service import Monitor
from signalbox.rounds import Rounds
from signalbox.runner.due import Batch, Schedule, next_slot, parts
from signalbox.runner.slots import Slots

log = structlog.get_logger(__name__)

NEW_AT_ONCE = 100  # new monitors that are asked in one second before they have had a slot
PAST = 3_600  # seconds looked back at the most for slots that went by while nobody led
UNWRITTEN = 10_000  # batches remembered at the most while the database does not take their rows


class Ticker:
    """Ticks for one location. `hand_out` gets each batch; `leads` says whether this process may."""

    def __init__(
        self,
        database: Database,
        location: str,
        hand_out: Callable[[Batch], None],
        leads: Callable[[], bool] = lambda: True,
        slots: Slots | None = None,
    ) -> None:
        self._database, self._location, self._hand_out, self._leads = database, location, hand_out, leads
        self._slots = slots or Slots(newest=_newest(database, location))
        self._leading = False  # since an earlier tick
        self._monitors: Sequence[Monitor] = ()
        self._schedule = Schedule(())
        self._known: set[str] = set()
        self._new: deque[tuple[str, int]] = deque()  # made so lately that they had no slot, and when they have one
        self._unwritten: list[Batch] = []
        self._rounds = Rounds("ticker", self.tick, every=1.0, first=0.0)

    def replace(self, monitors: Sequence[Monitor], revision: int) -> None:
        """From the next tick on, these are the monitors. New ones need not wait for their first slot; those that are
        paused are not asked."""
        monitors = [monitor for monitor in monitors if not monitor.paused]
        now, known = clock.now(), self._known
        self._known = {monitor.key for monitor in monitors}
        self._new.extend(
            (monitor.key, next_slot(monitor.key, monitor.every, now // clock.MICROS))
            for monitor in monitors
            if monitor.key not in known and now - monitor.created_at < monitor.every * clock.MICROS
        )
        self._monitors, self._schedule = monitors, Schedule(monitors, revision)

    def tick(self) -> float:
        """Hand out what came due since the last tick. Returns the seconds until the next one; never raises."""
        try:
            self._tick()
        except Exception:
            log.exception("tick.bug")
        return self._slots.wait()

    def _tick(self) -> None:
        come = self._slots.take()
        if not self._leads():
            self._leading = False
            return
        batches = [batch for second in come.now for batch in self._due(second, come.turn)]
        batches += self._out_of_turn()
        missed = [batch for second in come.missed for batch in self._due(second, come.turn)]
        if come.now and not self._leading:
            missed = [*self._leaderless(min(come.missed + come.now)), *missed]
        if missed:
            log.warning("slots.missed", batches=len(missed), checks=sum(len(batch.monitors) for batch in missed))
        fresh = self._note([*missed, *batches])
        for batch in batches:
            if batch[:3] in fresh:
                self._hand_out(batch)

    def _leaderless(self, until: int) -> list[Batch]:
        """What was due before that second and noted by nobody, since no process led. It is due, and never answered."""
        try:
            newest = _newest(self._database, self._location)
        except SignalboxError:
            return []  # the next tick looks again: as long as nothing can be read, nothing is written either
        self._leading = True
        start = until if newest is None else max(newest // clock.MICROS + 1, until - PAST)
        there = [monitor for monitor in self._monitors if monitor.created_at < start * clock.MICROS]
        schedule = Schedule(there, self._schedule.revision)
        return [batch for second in range(start, until) for batch in schedule.batches(self._location, second)]

    def _out_of_turn(self) -> list[Batch]:
        """Monitors that somebody wants to be asked now, and some of the new ones whose slot is still to come: at a
        moment outside all slots."""
        moment, keys = clock.now(), self._wanted()
        while self._new and len(keys) < NEW_AT_ONCE:
            key, slot = self._new.popleft()
            if key in self._known and slot * clock.MICROS > moment and key not in keys:
                keys.append(key)
        moment += moment % clock.MICROS == 0
        return parts(self._location, moment, keys, self._schedule.revision)

    def _wanted(self) -> list[str]:
        """Keys of the monitors that somebody wants to be asked now."""
        try:
            with self._database.read() as session:
                if not editing.is_any_wanted(session):
                    return []
            with self._database.begin() as session:
                return [key for key in editing.take_wanted(session) if key in self._known]
        except SignalboxError as error:
            log.error("wanted.unread", error=str(error))
            return []

    def _due(self, second: int, turn: int) -> list[Batch]:
        return self._schedule.batches(self._location, second, turn)

    def _note(self, batches: list[Batch]) -> Set[tuple[str, int, int]]:
        """Write the ledger; what somebody else noted before us is not ours to hand out.

        Checks go on while the database is away; its rows are written when it is back.
        """
        self._unwritten = [*self._unwritten, *batches][-UNWRITTEN:]
        if not self._unwritten:
            return set()
        try:
            with self._database.begin() as session:
                fresh = ledger.note(session, self._unwritten)
        except SignalboxError as error:
            log.error("ledger.behind", error=str(error), batches=len(self._unwritten))
            return {batch[:3] for batch in batches}
        self._unwritten = []
        return fresh

    def start(self) -> None:
        """Tick on a thread of its own."""
        self._rounds.start()

    def close(self) -> None:
        """Stop ticking; nothing is handed out any more on return."""
        self._rounds.close(10)


def _newest(database: Database, location: str) -> int | None:
    with database.read() as session:
        return ledger.newest(session, location)

"""What changes by the clock alone? Windows end, parents recover, monitors are paused, resumed or gone.

Run about once a second by the process that leads, in one transaction; it writes nothing when nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from signalbox.clock import MICROS
from signalbox.db.installation import raise_changes
from signalbox.heartbeats import service as heartbeats
from signalbox.incidents import automatic as incidents
from signalbox.monitors import standings
from signalbox.monitors.judge import Change, Standing, pause, resume
from signalbox.monitors.roster import Roster
from signalbox.notifications import outbox
from signalbox.pipeline.holding import PARENT, Holding
from signalbox.pipeline.reactions import thread_of

_SOON = 10 * MICROS


class Sweeping:
    """Sweeps for one installation."""

    def __init__(self, roster: Roster) -> None:
        self._roster, self._holding = roster, Holding(roster)
        self._revision = -1

    def is_needed(self, session: Session, now: int) -> bool:
        """Is there anything that a sweep could change? A cheap question, asked in a reading transaction."""
        if self._roster.revision != self._revision or outbox.held(session):
            return True
        return bool(outbox.reminders(session, now + _SOON)) and bool(self._holding.calendar(session).current(now))

    def sweep(self, session: Session, now: int) -> None:
        """Do all of it."""
        revision = self._roster.revision
        if revision != self._revision:
            self._follow(session, now)
            self._revision = revision
        self._release(session, now)
        self._postpone(session, now)

    def _postpone(self, session: Session, now: int) -> None:
        """Remind nobody of what is worked on before the work is over."""
        calendar, until = self._holding.calendar(session), {}
        for thread, key in outbox.reminders(session, now + _SOON).items():
            monitor = self._roster.by_key.get(key)
            work = calendar.covering(monitor, now) if monitor is not None else None
            if work is not None:
                until[thread] = work.end
        outbox.postpone(session, until)

    def _follow(self, session: Session, now: int) -> None:
        """Let standings follow what was paused, resumed or archived."""
        seen, by_key = standings.everything(session), self._roster.by_key
        odd = {key for key, one in seen.items() if key not in by_key or by_key[key].paused != one.paused}
        known = standings.load(session, odd, hold=True)  # as they are now: others may have judged meanwhile
        changes = []
        for key, before in known.items():
            monitor = by_key.get(key)
            if monitor is not None and monitor.paused != before.paused:
                after = pause(before, now) if monitor.paused else resume(before, now)
                changes.append(Change(key, before, after, now, ""))
        gone = known.keys() - by_key.keys()
        if not changes and not gone:
            return
        standings.save(session, {change.monitor: change.after for change in changes})
        standings.write_spells(session, changes)
        standings.forget(session, gone, now)
        heartbeats.leave(session, gone)
        quiet = [change.monitor for change in changes if change.after.paused]
        outbox.withdraw(session, _threads(known, [*gone, *quiet]), now)
        raise_changes(session)
        incidents.leave(session, {*gone, *quiet}, now)

    def _release(self, session: Session, now: int) -> None:
        """Tell of what was held back and is held back no more, if it is still so."""
        held = {one.thread: one for one in outbox.held(session)}
        if not held:
            return
        reasons = self._holding.reasons(session, {thread: one.monitor for thread, one in held.items()}, now)
        free = [thread for thread in held if thread not in reasons]
        if not free:
            return
        facts = {thread: {"cause": cause} for thread in free if (cause := self._cause(held[thread].why))}
        outbox.release(session, free, now, facts)
        self._open_incidents(session, {held[thread].monitor for thread in free}, now)

    def _cause(self, why: str) -> str | None:
        parent = self._roster.by_key.get(why.removeprefix(PARENT)) if why.startswith(PARENT) else None
        return parent.name if parent else None

    def _open_incidents(self, session: Session, keys: set[str], now: int) -> None:
        steps = [
            incidents.Step(monitor, Change(key, Standing(), standing, now, ""), True)
            for key, standing in standings.load(session, keys).items()
            if (monitor := self._roster.by_key.get(key)) is not None and monitor.incident
        ]
        if steps:
            raise_changes(session)
            incidents.follow(session, steps, now)


def _threads(known: Mapping[str, Standing], keys: list[str]) -> list[str]:
    return [thread_of(key, known[key].trouble) for key in keys if known[key].trouble is not None]

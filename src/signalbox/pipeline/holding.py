"""Is somebody to hear of a trouble now, or later? Maintenance and what a monitor depends on hold notices back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.clock import MICROS
from signalbox.db.installation import revision
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.calendar import Calendar
from signalbox.monitors import standings
from signalbox.monitors.judge import Standing
from signalbox.monitors.models import SpellRow
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.signals import Verdict

MAINTENANCE, PARENT = "maintenance", "parent:"
_SLACK = 5.0  # seconds


class Holding:
    """Decides for one process. Windows are read again when the configuration changed."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._calendar: Calendar | None = None
        self._revision = -1

    def calendar(self, session: Session) -> Calendar:
        """All maintenance, as configured now."""
        current = revision(session)
        if self._calendar is None or current != self._revision:
            self._calendar, self._revision = maintenance.load(session), current
        return self._calendar

    def reasons(self, session: Session, threads: Mapping[str, str], now: int) -> dict[str, str]:
        """Why each of these threads (with the monitor's key) is held back; those that are not are left out."""
        if not threads:
            return {}
        calendar = self.calendar(session)
        parents = {parent for key in threads.values() for parent in self._roster.parents(key)}
        above = standings.load(session, parents) if parents else {}
        ended = _ended(session, parents) if parents else {}
        found = {}
        for thread, key in threads.items():
            monitor = self._roster.by_key.get(key)
            if monitor is None:
                continue
            if calendar.covering(monitor, now) is not None:
                found[thread] = MAINTENANCE
            elif parent := self._failing_parent(monitor, above, ended, now):
                found[thread] = f"{PARENT}{parent}"
        return found

    def _failing_parent(
        self, monitor: Monitor, above: Mapping[str, Standing], ended: Mapping[str, int], now: int
    ) -> str | None:
        """What it depends on and is down, or suspect, or was until so lately that this one had no time to recover."""
        for parent in self._roster.parents(monitor.key):
            standing = above.get(parent)
            if standing is None or standing.paused:
                continue
            if standing.known is Verdict.DOWN or any(place.far.length for place in standing.places.values()):
                return parent
            patience = monitor.every * monitor.rules.recoveries + 2 * monitor.timeout + _SLACK
            if now - ended.get(parent, 0) < patience * MICROS:
                return parent
        return None


def _ended(session: Session, monitors: set[str]) -> dict[str, int]:
    """When each monitor's newest outage was seen to be over."""
    query = (
        select(SpellRow.monitor, SpellRow.confirmed)
        .where(SpellRow.monitor.in_(monitors), SpellRow.verdict == Verdict.UP.value, SpellRow.end.is_(None))
    )  # fmt: skip
    return {row.monitor: row.confirmed for row in session.execute(query)}

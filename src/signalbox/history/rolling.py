"""Which days are to be rolled up, and what did they amount to?

A day is one in UTC, by its number since 1970. It is rolled up an hour after it is over, and again at growing distances
as long as late signals may come: a journal hands on what it kept while the store was away, a week's worth at the most.
Counting it twice, or by two processes at once, changes nothing, and a count never replaces a higher one: what the
store no longer has was counted when it had it.

Verbs take a session. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.history.models import DayRow, RolledRow
from signalbox.history.zooms import DAY, HOUR
from signalbox.monitors.models import MonitorRow
from signalbox.stores.base import Rollup, Store

LOOKS = (HOUR, 7 * HOUR, 25 * HOUR, 3 * DAY, 7 * DAY + HOUR)
"""How long after its end a day is counted, and counted again."""
EMPTY = 20
"""After so many days without a signal, older than any monitor, the store is taken to go back no further."""

_KEY = ("day", "monitor")
_COUNTS = ("up", "degraded", "down", "unknown")
_VALUES = tuple(column.name for column in DayRow.__table__.columns if column.name not in _KEY)


class Rolled(NamedTuple):
    """When a day was rolled up last, and how many monitors had signals then."""

    at: int
    monitors: int


def day_of(moment: int) -> int:
    """The day that a moment is in."""
    return moment // DAY


def name(day: int) -> str:
    """`2026-11-24`."""
    return clock.to_datetime(day * DAY).date().isoformat()


def is_due(day: int, rolled: Rolled | None, now: int) -> bool:
    """Is the day over long enough, and not counted since it was to be counted last?"""
    end = (day + 1) * DAY
    looks = [end + look for look in LOOKS if end + look <= now]
    return bool(looks) and (rolled is None or rolled.at < looks[-1])


def due(rolled: Mapping[int, Rolled], watched: int, now: int, most: int) -> list[int]:
    """Days to be rolled up now, oldest first: back to the day `watched`, and further until many in a row are empty.

    Oldest first, since the store is asked for whatever comes after the newest day that is rolled up: so nobody's chart
    has a gap while many days wait, after a long pause.
    """
    found: list[int] = []
    day, empty = day_of(now), 0
    while day > 0 and (day > watched or empty < EMPTY):
        day -= 1
        before = rolled.get(day)
        if is_due(day, before, now):
            found.append(day)
        empty = empty + 1 if before is None or not before.monitors else 0
    return found[::-1][:most]


def due_days(session: Session, now: int, most: int) -> list[int]:
    """See `due`, of what is rolled up so far."""
    first = session.scalars(select(func.min(MonitorRow.created_at))).one()
    return due(rolled_days(session), day_of(now if first is None else first), now, most)


def rolled_days(session: Session) -> dict[int, Rolled]:
    """All days that were rolled up, also the empty ones."""
    rows = session.execute(select(RolledRow.day, RolledRow.at, RolledRow.monitors))
    return {day: Rolled(at, monitors) for day, at, monitors in rows}


def count(store: Store, day: int) -> dict[str, Rollup]:
    """What the store has of that day, by monitor key. Raises what the store raises."""
    return store.rollups(day * DAY, (day + 1) * DAY)


def keep(session: Session, day: int, found: Mapping[str, Rollup], now: int) -> None:
    """Write a day's counts, and that it was rolled up."""
    connection = session.connection()
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
    rows = [_row(day, monitor, found[monitor]) for monitor in sorted(found)]  # in one order, so that none waits for us
    if rows:
        days = insert(DayRow)
        fuller = sum(days.excluded[name] for name in _COUNTS) >= sum(getattr(DayRow, name) for name in _COUNTS)
        values = {column: days.excluded[column] for column in _VALUES}
        connection.execute(days.on_conflict_do_update(index_elements=_KEY, set_=values, where=fuller), rows)
    mark = insert(RolledRow).values(day=day, at=now, monitors=len(rows))
    most = case((mark.excluded.monitors > RolledRow.monitors, mark.excluded.monitors), else_=RolledRow.monitors)
    again = {"at": mark.excluded.at, "monitors": most}
    connection.execute(mark.on_conflict_do_update(index_elements=["day"], set_=again))


def roll(session: Session, store: Store, day: int, now: int) -> None:
    """Count a day and keep it, for those who are alone with the database while they count."""
    keep(session, day, count(store, day), now)


def _row(day: int, monitor: str, rollup: Rollup) -> dict[str, Any]:
    counted = rollup.bucket(day * DAY)._asdict()
    del counted["start"], counted["phases"]
    return {
        "day": day, "monitor": monitor, **counted, **rollup.phases._asdict(), "histogram": rollup.histogram.pack()
    }  # fmt: skip

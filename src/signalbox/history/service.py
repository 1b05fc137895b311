"""How has a monitor done over time? Counts and latencies at any zoom, for charts.

Steps shorter than a day come from the signal store; days come from the rows that outlive it. Verbs take a session;
those that ask the store raise what it raises. Times are UTC microseconds since 1970, latencies milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from signalbox.errors import Unavailable
from signalbox.history.merging import bucket_of, merged
from signalbox.history.models import DayRow, RolledRow
from signalbox.history.week import HourOfWeek, hours_of
from signalbox.history.zooms import DAY, HOUR, Span
from signalbox.stores.base import Bucket, Readable

_DAYS = DayRow.__table__.c
_COUNTED = [column for column in _DAYS if column.name != "histogram"]


def series(session: Session, store: Readable, monitor: str, span: Span) -> list[Bucket]:
    """Buckets of the span's steps, oldest first; steps without signals are left out.

    From one day on, steps are of whole days in UTC, each in the step in which it begins, and without its store the
    newest days are missing. A shorter step raises `Unavailable` then; days of which the store has nothing left stand
    as one bucket each, where they begin.
    """
    found = _shorter_than_days if span.step < DAY else _of_days
    return found(session, store, monitor, span)


def _shorter_than_days(session: Session, store: Readable, monitor: str, span: Span) -> list[Bucket]:
    found = store.buckets([monitor], *span)[monitor]
    seen = {bucket.start // DAY for bucket in found}
    first, last = -(-span.start // DAY), span.end // DAY
    if all(day in seen for day in range(first, last)):
        return found
    whole = [bucket_of(row) for row in _rows(session, monitor, first, last, _COUNTED) if row.day not in seen]
    return sorted([*found, *whole], key=lambda bucket: bucket.start)


def _of_days(session: Session, store: Readable, monitor: str, span: Span) -> list[Bucket]:
    start, end, step = span
    newest = session.scalars(select(func.max(RolledRow.day))).one()
    rolled_until = start if newest is None else max(start, min(end, (newest + 1) * DAY))
    edge = start + (rolled_until - start) // step * step  # the first step with a day that is not rolled up
    if rolled_until >= end:
        edge = end
    columns = _COUNTED if step == DAY else list(_DAYS)
    rows = _rows(session, monitor, -(-start // DAY), -(-edge // DAY), columns)
    steps = groupby(rows, key=lambda row: (row.day * DAY - start) // step)
    found = [_one(start + number * step, list(days)) for number, days in steps]
    if edge < end:
        found += _newest(store, monitor, span._replace(start=edge))
    return found


def _newest(store: Readable, monitor: str, span: Span) -> list[Bucket]:
    try:
        return store.buckets([monitor], *span)[monitor]
    except Unavailable:
        return []


def _one(start: int, rows: Sequence[Any]) -> Bucket:
    return bucket_of(rows[0])._replace(start=start) if len(rows) == 1 else merged(start, rows)


def _rows(session: Session, monitor: str, first: int, last: int, columns: Sequence[Any]) -> Sequence[Any]:
    """Rows of days first ≤ day < last, oldest first."""
    wanted = select(*columns).where(_DAYS.monitor == monitor, _DAYS.day >= first, _DAYS.day < last)
    return session.execute(wanted.order_by(_DAYS.day)).all()


def slow_days(session: Session, first: int, last: int) -> dict[str, dict[int, float]]:
    """95th percentiles of all monitors on the days first ≤ day ≤ last (numbers since 1970, in UTC), by monitor key and
    day, to fifteen digits. Days without latencies are left out."""
    day, p95 = (func.aggregate_strings(cast(column, Text), ",") for column in (_DAYS.day, _DAYS.p95))
    wanted = select(_DAYS.monitor, day, p95).where(_DAYS.day.between(first, last), _DAYS.p95.is_not(None))
    return {  # a text for each monitor, not a row for each day: a page reads thousands
        monitor: dict(zip(map(int, days.split(",")), map(float, times.split(",")), strict=True))
        for monitor, days, times in session.connection().execute(wanted.group_by(_DAYS.monitor))
    }


def hours_of_week(store: Readable, monitor: str, weeks: int, zone: str, now: int) -> list[HourOfWeek]:
    """How slow is it at each hour of the week? From the last whole hours of so many weeks, by the clocks of `zone`."""
    end = now // HOUR * HOUR
    return hours_of(store.buckets([monitor], end - weeks * 7 * DAY, end, HOUR)[monitor], zone)

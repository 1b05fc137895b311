"""How are questions about signals answered from one SQLite file? On a connection that the caller holds.

What is asked of many rows is put together by SQLite as far as it can: a row that Python takes costs more than reading
it, since threads hand each other the interpreter for every one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence, Sized
from operator import itemgetter
from typing import Any, Final

from signalbox.signals import Signal
from signalbox.stores import sqlite_hours as hours
from signalbox.stores.base import HOUR, Bucket, Columns, Rollup, Times
from signalbox.stores.packed import columns_of_row
from signalbox.stores.rows import signal_of
from signalbox.stores.tally import buckets_of, rollups_of, times_of

COLUMNS: Final = ", ".join("received" if name == "moment" else name for name in Signal._fields)
_FEW: Final = 100  # monitors named in a query; for more it is cheaper to read all and pick
_WITHIN: Final = "FROM raw_signals WHERE received >= ? AND received < ?"
_IN_ORDER: Final = "ORDER BY received, monitor, location"
_PACKED: Final = (
    "SELECT monitor, location, url, group_concat(received - ?), group_concat(verdict), group_concat(http_status), "
    "group_concat(available), group_concat(CASE WHEN total IS NULL THEN '' ELSE printf('%!.17g', total) END) "
    f"{_WITHIN} GROUP BY monitor, location, url"
)


def latest(reader: sqlite3.Connection, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
    """See `Store.latest`. Goes back hour by hour, only through hours in which a wanted monitor has rows."""
    found: dict[str, list[Signal]] = {monitor: [] for monitor in monitors}
    wanted, hour = set(found), _hour_before(reader, None)
    while wanted and hour is not None:
        present = _present(reader, hour, wanted)
        if present:
            wanted -= _collect(reader, hour, present, limit, found)
        hour = _hour_before(reader, hour)
    for signals in found.values():
        signals.reverse()
    return found


def raw(reader: sqlite3.Connection, monitor: str | None, start: int, end: int) -> list[Signal]:
    """See `Store.raw`."""
    only, bound = ("AND monitor = ?", (monitor,)) if monitor is not None else ("", ())
    query = f"SELECT {COLUMNS} {_WITHIN} {only} {_IN_ORDER}"
    return [signal_of(row) for row in reader.execute(query, (start, end, *bound))]


def columns(reader: sqlite3.Connection, start: int, end: int) -> list[Columns]:
    """See `Store.columns`."""
    return [columns_of_row(row, start) for row in reader.execute(_PACKED, (start, start, end))]


def buckets(
    reader: sqlite3.Connection, monitors: Sequence[str], start: int, end: int, step: int
) -> dict[str, list[Bucket]]:
    """See `Store.buckets`. Percentiles are exact, save for those of several hours that are rolled up."""
    wanted = set(monitors)
    if start % HOUR or step % HOUR:
        return buckets_of(_observations(reader, wanted, start, end), monitors, start, step)
    span = _Hours(reader, start, end)
    if step == HOUR:
        return _hourly(reader, span, monitors, wanted)
    rolled = hours.rollups(reader, wanted, span.first, span.last, span.noted)
    return buckets_of(span.observations(wanted), monitors, start, step, rolled)


def times(reader: sqlite3.Connection, monitors: Sequence[str], start: int, end: int) -> dict[str, Times]:
    """See `Store.times`."""
    wanted, span = set(monitors), _Hours(reader, start, end)
    found = times_of(buckets_of(span.observations(wanted), monitors, 0, HOUR))
    for monitor, of in hours.times(reader, wanted, span.first, span.last, span.noted):
        found[monitor].update(of)
    return found


def rollups(reader: sqlite3.Connection, start: int, end: int) -> dict[str, Rollup]:
    """See `Store.rollups`."""
    span = _Hours(reader, start, end)
    rolled = hours.rollups(reader, None, span.first, span.last, span.noted)
    return rollups_of(span.observations(None), rolled)


class _Hours:
    """Which hours of a range are rolled up: first ≤ hour < last, save for those that are noted."""

    def __init__(self, reader: sqlite3.Connection, start: int, end: int) -> None:
        self._reader, self._start, self._end = reader, start, end
        self.first = -(-start // HOUR)
        self.last = max(self.first, min(end // HOUR, hours.state(reader).until))
        self.noted = hours.noted(reader, self.first, self.last)

    def observations(self, monitors: Collection[str] | None) -> Iterator[Sequence[Any]]:
        """Signals of the rest, of those monitors or all."""
        yield from _observations(self._reader, monitors, self._start, min(self.first * HOUR, self._end))
        for hour in sorted({hour for hour, monitor in self.noted if monitors is None or monitor in monitors}):
            for row in _observations(self._reader, monitors, hour * HOUR, (hour + 1) * HOUR):
                if (hour, row[0]) in self.noted:
                    yield row
        yield from _observations(self._reader, monitors, self.last * HOUR, self._end)


def _observations(
    reader: sqlite3.Connection, monitors: Collection[str] | None, start: int, end: int
) -> Iterator[Sequence[Any]]:
    """Signals in the range, of those monitors or all."""
    query = f"SELECT {hours.OBSERVATION} {_WITHIN}"
    if monitors is None or len(monitors) > _FEW:
        rows = reader.execute(query, (start, end))
        return (row for row in rows if monitors is None or row[0] in monitors)
    return iter(reader.execute(f"{query} AND monitor IN ({_marks(monitors)})", (start, end, *monitors)))


def _hourly(
    reader: sqlite3.Connection, span: _Hours, monitors: Sequence[str], wanted: set[str]
) -> dict[str, list[Bucket]]:
    """Buckets of one hour each: none has to be put together, so no histogram is read."""
    found = buckets_of(span.observations(wanted), monitors, 0, HOUR)
    for monitor, bucket in hours.buckets(reader, wanted, span.first, span.last, span.noted):
        found[monitor].append(bucket)
    return {monitor: sorted(buckets, key=itemgetter(0)) for monitor, buckets in found.items()}


def _hour_before(reader: sqlite3.Connection, hour: int | None) -> int | None:
    """The newest hour with any row, before that one if given: one seek, where DISTINCT would read them all."""
    before, bound = ("WHERE hour < ?", (hour,)) if hour is not None else ("", ())
    found: int | None = reader.execute(f"SELECT max(hour) FROM hours {before}", bound).fetchone()[0]  # noqa: S608
    return found


def _present(reader: sqlite3.Connection, hour: int, wanted: set[str]) -> set[str]:
    """Which of the wanted monitors have rows in that hour?"""
    query = "SELECT monitor FROM hours WHERE hour = ?"
    if len(wanted) <= _FEW:
        rows = reader.execute(f"{query} AND monitor IN ({_marks(wanted)})", (hour, *wanted))
        return {monitor for (monitor,) in rows}
    return wanted & {monitor for (monitor,) in reader.execute(query, (hour,))}


def _collect(
    reader: sqlite3.Connection, hour: int, present: set[str], limit: int, found: dict[str, list[Signal]]
) -> set[str]:
    """Add the hour's rows of those monitors, newest first; returns the monitors that now have enough."""
    full: set[str] = set()
    for row in _newest_first(reader, hour, present):
        signals = found[row[0]]
        if len(signals) < limit:
            signals.append(signal_of(row))
            if len(signals) == limit:
                full.add(row[0])
                if len(full) == len(present):
                    break
    return full


def _newest_first(reader: sqlite3.Connection, hour: int, monitors: set[str]) -> Iterable[tuple[Any, ...]]:
    query = f"SELECT {COLUMNS} {_WITHIN}"
    order = "ORDER BY received DESC, monitor DESC, location DESC"
    span = (hour * HOUR, (hour + 1) * HOUR)
    if len(monitors) <= _FEW:
        return reader.execute(f"{query} AND monitor IN ({_marks(monitors)}) {order}", (*span, *monitors))
    return (row for row in reader.execute(f"{query} {order}", span) if row[0] in monitors)


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))

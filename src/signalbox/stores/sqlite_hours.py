"""How are hours rolled up in SQLite? When they are over, each at once; `append` notes what must be counted again.

Everything here runs on a connection whose transaction the caller holds. An hour goes through three states: *open*
(from `until` on: its signals are counted when asked for), *rolled up* (its row in `hourly` is what its signals
amount to, unless `unrolled` names it: then its signals are asked), *sealed* (signals of it were dropped: its row is
all there is, and what comes late is added to it). What is noted has a number of its own, and is crossed out only
under that number: whoever counted before a signal came cannot cross out what that signal noted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from signalbox.signals import Signal
from signalbox.stores.base import HOUR, Bucket, Phases, Rollup, Times
from signalbox.stores.histogram import Histogram
from signalbox.stores.tally import OBSERVED, Tally, observed, tallies_of

AT_ONCE: Final = 1_000
"""Hours of monitors that are counted in one go: tens of thousands of signals."""
OBSERVATION: Final = ", ".join("received" if name == "moment" else name for name in OBSERVED)
FEW: Final = 100
"""Monitors that are looked up hour by hour; for more it is cheaper to read all and pick."""

_COLUMNS: Final = (
    "up", "degraded", "down", "unknown", "timed", "latency_sum", "latency_max", "p50", "p95", "p99",
    "dns_sum", "connect_sum", "tls_sum", "ttfb_sum", "dns_count", "connect_count", "tls_count", "ttfb_count",
)  # fmt: skip
_NAMES: Final = "hour, monitor, " + ", ".join(_COLUMNS)
_WRITE: Final = (
    f"INSERT OR REPLACE INTO hourly ({_NAMES}, histogram) VALUES (?, ?, {', '.join('?' * len(_COLUMNS))}, ?)"  # noqa: S608
)
_NOTE: Final = (
    "INSERT INTO unrolled (hour, monitor, turn) VALUES (?, ?, ?) "
    "ON CONFLICT (hour, monitor) DO UPDATE SET turn = excluded.turn"
)
_COUNTS: Final = f"SELECT {_NAMES} FROM {{}}"  # noqa: S608
_ALL: Final = f"SELECT {_NAMES}, histogram FROM {{}}"  # noqa: S608
_TIMES: Final = (
    "SELECT monitor, group_concat(hour), group_concat(printf('%!.17g', p50)), group_concat(printf('%!.17g', p95)) "
    "FROM {} AND timed > 0 GROUP BY monitor"
)
_EACH_HOUR: Final = "WITH RECURSIVE each_hour(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM each_hour WHERE n + 1 < ?)"


class State(NamedTuple):
    """How far rolling up is, in hours since 1970; see `sqlite.sql`."""

    until: int
    sealed: int


class Counted(NamedTuple):
    """Some monitors' signals of one hour, counted, and under which numbers they had been noted."""

    hour: int
    turns: Mapping[str, int]
    rows: Mapping[str, tuple[object, ...]]


def state(connection: sqlite3.Connection) -> State:
    """How far is it?"""
    return State(*connection.execute("SELECT until, sealed FROM rolling").fetchone())


def note(writer: sqlite3.Connection, signals: Sequence[Signal]) -> None:
    """See to hours that are rolled up already, before the signals are inserted in the same transaction."""
    until, sealed = state(writer)
    late = [signal for signal in signals if signal.moment < until * HOUR]
    if not late:
        return
    again = {(signal.moment // HOUR, signal.monitor) for signal in late if signal.moment >= sealed * HOUR}
    if again:
        turn = _next_turn(writer)
        writer.executemany(_NOTE, [(*pair, turn) for pair in again])
    _add(writer, [signal for signal in late if signal.moment < sealed * HOUR])


def advance(writer: sqlite3.Connection, before: int) -> int:
    """Close the next hour before that one which has signals: returns how many monitors' are to be counted now."""
    until, _ = state(writer)
    query = "SELECT min(hour) FROM hours WHERE hour >= ? AND hour < ?"
    hour = writer.execute(query, (until, before)).fetchone()[0]
    if hour is None:
        writer.execute("UPDATE rolling SET until = max(until, ?)", (before,))
        return 0
    return _close(writer, hour, hour)


def count(reader: sqlite3.Connection, before: int) -> Counted | None:
    """Count what is noted of the oldest hour before that one, or a part of it; None when nothing is noted."""
    hour = reader.execute("SELECT min(hour) FROM unrolled WHERE hour < ?", (before,)).fetchone()[0]
    if hour is None:
        return None
    noted = "SELECT monitor, turn FROM unrolled WHERE hour = ? ORDER BY monitor LIMIT ?"
    turns = dict(reader.execute(noted, (hour, AT_ONCE)).fetchall())
    rows = reader.execute(
        f"SELECT {OBSERVATION} FROM raw_signals "  # noqa: S608
        "WHERE received >= ? AND received < ? AND monitor >= ? AND monitor <= ?",
        (hour * HOUR, (hour + 1) * HOUR, min(turns), max(turns)),
    )
    found = tallies_of((row for row in rows if row[0] in turns), hour * HOUR, HOUR)
    return Counted(hour, turns, {monitor: _row(hour, monitor, tallies[0]) for monitor, tallies in found.items()})


def keep(writer: sqlite3.Connection, counted: Counted) -> int:
    """Write what was counted, unless it was noted again or crossed out meanwhile. Returns how many hours that were."""
    noted = writer.execute("SELECT monitor, turn FROM unrolled WHERE hour = ?", (counted.hour,))
    same = [monitor for monitor, turn in noted if counted.turns.get(monitor) == turn]
    rows = [counted.rows[monitor] for monitor in same if monitor in counted.rows]
    writer.executemany(_WRITE, rows)
    writer.executemany(
        "DELETE FROM unrolled WHERE hour = ? AND monitor = ?", [(counted.hour, monitor) for monitor in same]
    )
    return len(rows)


def count_new(signals: Sequence[Signal]) -> dict[tuple[int, str], tuple[object, ...]]:
    """Rows of `hourly`, by hour and monitor, for signals that are all there are of their hours."""
    seen = map(observed, signals)
    return {
        (hour, monitor): _row(hour, monitor, tally)
        for monitor, tallies in tallies_of(seen, 0, HOUR).items()
        for hour, tally in tallies.items()
    }


def keep_new(writer: sqlite3.Connection, rows: Mapping[tuple[int, str], tuple[object, ...]]) -> bool:
    """Write rows of hours that have no signals yet, before their signals. False, and nothing done, if some have."""
    first, last = min(rows)[0], max(rows)[0]
    until, sealed = state(writer)
    there = writer.execute("SELECT hour, monitor FROM hours WHERE hour >= ? AND hour <= ?", (first, last))
    if first < sealed or any(pair in rows for pair in there):
        return False
    if last >= until:
        marks = (
            "INSERT INTO unrolled (hour, monitor, turn) SELECT hour, monitor, ? FROM hours WHERE hour BETWEEN ? AND ?"
        )
        writer.execute(marks, (_next_turn(writer), until, last))
        writer.execute("UPDATE rolling SET until = ?", (last + 1,))
    writer.executemany(_WRITE, rows.values())
    return True


def seal(writer: sqlite3.Connection, before: int) -> bool:
    """From now on hours before that one are never counted again. False when some are still to be counted."""
    noted = writer.execute("SELECT 1 FROM unrolled WHERE hour < ? LIMIT 1", (before,)).fetchone()
    if noted or state(writer).until < before:
        return False
    writer.execute("UPDATE rolling SET sealed = max(sealed, ?)", (before,))
    return True


def buckets(
    reader: sqlite3.Connection, monitors: Collection[str], first: int, last: int, but: Collection[tuple[int, str]]
) -> Iterator[tuple[str, Bucket]]:
    """Of hours first ≤ hour < last that are rolled up, save for some; percentiles as when they were counted."""
    for row in _rows(reader, monitors, first, last, _COUNTS):
        if row[1] in monitors and not (but and row[:2] in but):
            yield row[1], Bucket._make((row[0] * HOUR, *row[2:12], _phases(row[12:16], row[16:20])))


def rollups(
    reader: sqlite3.Connection,
    monitors: Collection[str] | None,
    first: int,
    last: int,
    but: Collection[tuple[int, str]],
) -> Iterator[tuple[str, int, Rollup]]:
    """The same with their histograms, of those monitors or all: monitor, start, what the hour amounts to."""
    for row in _rows(reader, monitors, first, last, _ALL):
        if (monitors is None or row[1] in monitors) and row[:2] not in but:
            yield row[1], row[0] * HOUR, _rollup(row)


def times(
    reader: sqlite3.Connection, monitors: Collection[str], first: int, last: int, but: Collection[tuple[int, str]]
) -> Iterator[tuple[str, Times]]:
    """The median and the 95th percentile alone, a monitor at a time; hours without latencies are left out."""
    for monitor, numbers, p50, p95 in _rows(reader, monitors, first, last, _TIMES):
        if monitor in monitors:
            times = zip(map(float, p50.split(",")), map(float, p95.split(",")), strict=True)
            hours = map(int, numbers.split(","))
            yield (
                monitor,
                {hour * HOUR: both for hour, both in zip(hours, times, strict=True) if (hour, monitor) not in but},
            )


def noted(reader: sqlite3.Connection, first: int, last: int) -> set[tuple[int, str]]:
    """Hours first ≤ hour < last whose signals must be asked, by hour and monitor."""
    return set(reader.execute("SELECT hour, monitor FROM unrolled WHERE hour >= ? AND hour < ?", (first, last)))


def _close(writer: sqlite3.Connection, first: int, last: int) -> int:
    """Let those hours be over, with all between them: they are to be counted. Returns how many monitors' that are."""
    these = "SELECT hour, monitor, ? FROM hours WHERE hour BETWEEN ? AND ?"
    turn = _next_turn(writer)
    noted = writer.execute(f"INSERT INTO unrolled (hour, monitor, turn) {these}", (turn, first, last)).rowcount
    writer.execute("UPDATE rolling SET until = ?", (last + 1,))
    return noted


def _next_turn(writer: sqlite3.Connection) -> int:
    writer.execute("UPDATE rolling SET turn = turn + 1")
    turn: int = writer.execute("SELECT turn FROM rolling").fetchone()[0]
    return turn


def _add(writer: sqlite3.Connection, signals: Sequence[Signal]) -> None:
    """Add signals to sealed hours, those that are not there under their names already."""
    name = "SELECT 1 FROM raw_signals WHERE received = ? AND monitor = ? AND location = ?"
    new = {
        (signal.moment, signal.monitor, signal.location): signal
        for signal in signals
        if writer.execute(name, (signal.moment, signal.monitor, signal.location)).fetchone() is None
    }
    for monitor, tallies in tallies_of(map(observed, new.values()), 0, HOUR).items():
        for hour, tally in tallies.items():
            _add_to(writer, hour, monitor, tally)


def _add_to(writer: sqlite3.Connection, hour: int, monitor: str, tally: Tally) -> None:
    query = f"SELECT {_NAMES}, histogram FROM hourly WHERE hour = ? AND monitor = ?"  # noqa: S608
    before = writer.execute(query, (hour, monitor)).fetchone()
    if before is None:
        writer.execute(_WRITE, _row(hour, monitor, tally))
    else:
        both = _rollup(before).merged(tally.rollup())
        writer.execute(_WRITE, _written(hour, monitor, both, both.bucket(0)[8:11]))


def _rows(
    reader: sqlite3.Connection, monitors: Collection[str] | None, first: int, last: int, query: str
) -> Iterator[tuple[Any, ...]]:
    """What a query says of the hours first ≤ hour < last; of all monitors when many are asked for. Its `{}` is where
    the rows come from."""
    if first >= last:
        return iter(())
    if monitors is None or len(monitors) > FEW:
        return reader.execute(query.format("hourly WHERE hour >= ? AND hour < ?"), (first, last))
    marks = ", ".join("?" * len(monitors))
    source = f"each_hour CROSS JOIN hourly ON hour = n AND monitor IN ({marks})"
    return reader.execute(f"{_EACH_HOUR} {query.format(source)}", (first, last, *monitors))


def _row(hour: int, monitor: str, tally: Tally) -> tuple[object, ...]:
    return _written(hour, monitor, *tally.exactly())


def _written(hour: int, monitor: str, rollup: Rollup, percentiles: Sequence[float | None]) -> tuple[object, ...]:
    """The values of a row; the percentiles may be exact, as those of the histogram are not."""
    return (
        hour, monitor, *rollup[:7], *percentiles, *rollup.phase_sums, *rollup.phase_counts, rollup.histogram.pack(),
    )  # fmt: skip


def _rollup(row: Sequence[Any]) -> Rollup:
    return Rollup._make((*row[2:9], row[12:16], row[16:20], Histogram.unpack(row[20])))


def _phases(sums: Sequence[float], counts: Sequence[int]) -> Phases:
    (dns, connect, tls, ttfb), (n_dns, n_connect, n_tls, n_ttfb) = sums, counts
    return Phases(
        dns / n_dns if n_dns else None, connect / n_connect if n_connect else None, tls / n_tls if n_tls else None,
        ttfb / n_ttfb if n_ttfb else None,
    )  # fmt: skip

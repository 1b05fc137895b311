"""How are signals kept in one SQLite file?

The rows lie in the order in which they come: the key starts with the time, so a batch touches the end of one tree
instead of one page per monitor (458 bytes written a row against 9,500). The price is that one monitor's rows are
scattered; `hours` says in which hours a monitor has any, so that looking for the newest rows of a rare one skips
the hours without.

A transaction is in the write-ahead log when `append` returns: it survives the death of the process. With
`synchronous=NORMAL` (the default) a power cut may take the last transactions with it, though never half of one;
`sqlite:///PATH?synchronous=FULL` syncs each.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from operator import attrgetter, itemgetter
from pathlib import Path
from threading import Lock
from typing import Any, Final

from signalbox.clock import MICROS, now
from signalbox.errors import ConfigurationError, Refused, Unavailable
from signalbox.signals import Signal
from signalbox.stores import sqlite_hours as hours
from signalbox.stores.base import HOUR, Bucket, Rollup
from signalbox.stores.rows import as_values, cleaned, signal_of
from signalbox.stores.tally import buckets_of, rollups_of

_GRACE: Final = 2 * 60 * MICROS  # after an hour, in which its last signals come
_ROLLING_S: Final = 1.0
_PRUNED_AT_ONCE: Final = 20_000  # rows a transaction, so that a big clean-up never holds up an append for long
_LOADED_AT_ONCE: Final = 5_000  # values made ready, so that a big lot is not in memory twice
_FEW: Final = 100  # monitors named in a query; for more it is cheaper to read all and pick
_REMEMBERED: Final = 200_000  # (hour, monitor) pairs known to be on disk
_SCHEMA: Final = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_COLUMNS: Final = ", ".join("received" if name == "moment" else name for name in Signal._fields)
_MARKS: Final = ", ".join("?" * len(Signal._fields))
_INSERT: Final = f"INSERT OR REPLACE INTO raw_signals ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608
_INSERT_HOUR: Final = "INSERT OR IGNORE INTO hours (hour, monitor) VALUES (?, ?)"
_IN_ORDER: Final = "ORDER BY received, monitor, location"
_name = attrgetter("monitor", "location", "moment")
_SYNCHRONOUS: Final = frozenset({"OFF", "NORMAL", "FULL", "EXTRA"})


class SQLiteStore:
    """A store in one file, written by one connection at a time and read by as many as there are threads."""

    def __init__(self, path: Path, synchronous: str = "NORMAL") -> None:
        if synchronous.upper() not in _SYNCHRONOUS:
            raise ConfigurationError(f"synchronous={synchronous} is not one of {', '.join(sorted(_SYNCHRONOUS))}")
        self.path, self._synchronous = path, synchronous.upper()
        self._writing = Lock()
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []
        self._hours: set[tuple[int, str]] = set()

    def open(self) -> None:
        """Make the file and its tables where they are missing."""
        with self._said("open"), self._writing:
            if self._writer is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                writer = self._connect()
                writer.execute("PRAGMA journal_mode = WAL")
                writer.executescript(_SCHEMA)
                self._writer = writer

    def append(self, signals: Sequence[Signal]) -> None:
        """Keep them in one transaction: all or, when it raises, none."""
        try:
            self._insert(as_values(signals), signals)
        except UnicodeEncodeError:
            whole = [cleaned(signal) for signal in signals]
            self._insert(as_values(whole), whole)

    def _insert(self, rows: list[tuple[object, ...]], signals: Sequence[Signal]) -> None:
        pairs = {(signal.moment // HOUR, signal.monitor) for signal in signals}
        with self._transaction() as writer:
            pairs -= self._hours
            hours.note(writer, signals)
            writer.executemany(_INSERT, rows)
            writer.executemany(_INSERT_HOUR, pairs)
        with self._writing:
            self._hours = self._hours | pairs if len(self._hours) < _REMEMBERED else pairs

    def load(self, signals: Sequence[Signal]) -> None:
        """See `Store.load`. Hours that are over and come whole are rolled up from what is at hand."""
        over = (now() - _GRACE) // HOUR * HOUR
        if not signals or any(signal.moment >= over for signal in signals) or not self._load_new(signals):
            self.append(signals)

    def _load_new(self, signals: Sequence[Signal]) -> bool:
        """Keep signals of hours that have none yet, and what these amount to. False, and nothing done, otherwise."""
        if len(set(map(_name, signals))) < len(signals):
            return False
        rows = hours.count_new(signals)
        try:
            with self._transaction() as writer:
                if not hours.keep_new(writer, rows):
                    return False
                for first in range(0, len(signals), _LOADED_AT_ONCE):
                    writer.executemany(_INSERT, as_values(signals[first : first + _LOADED_AT_ONCE]))
                writer.executemany(_INSERT_HOUR, rows)
        except UnicodeEncodeError:  # they must be cleaned first
            return False
        return True

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """See `Store.latest`. Goes back hour by hour, only through hours in which a wanted monitor has rows."""
        found: dict[str, list[Signal]] = {monitor: [] for monitor in monitors}
        with self._said("read"), self._reader() as reader:
            wanted, hour = set(found), _hour_before(reader, None)
            while wanted and hour is not None:
                present = _present(reader, hour, wanted)
                if present:
                    wanted -= _collect(reader, hour, present, limit, found)
                hour = _hour_before(reader, hour)
        for signals in found.values():
            signals.reverse()
        return found

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """See `Store.raw`."""
        only, bound = ("AND monitor = ?", (monitor,)) if monitor is not None else ("", ())
        query = f"SELECT {_COLUMNS} FROM raw_signals WHERE received >= ? AND received < ? {only}"  # noqa: S608
        with self._said("read"), self._reader() as reader:
            return [signal_of(row) for row in reader.execute(f"{query} {_IN_ORDER}", (start, end, *bound))]

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Store.buckets`. Percentiles are exact, save for those of several hours that are rolled up."""
        wanted = set(monitors)
        with self._said("read"), self._snapshot() as reader:
            if start % HOUR or step % HOUR:
                return buckets_of(_observations(reader, wanted, start, end), monitors, start, step)
            span = _Hours(reader, start, end)
            if step == HOUR:
                return _hourly(reader, span, monitors, wanted)
            rolled = hours.rollups(reader, wanted, span.first, span.last, span.noted)
            return buckets_of(span.observations(wanted), monitors, start, step, rolled)

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """See `Store.rollups`."""
        with self._said("read"), self._snapshot() as reader:
            span = _Hours(reader, start, end)
            rolled = hours.rollups(reader, None, span.first, span.last, span.noted)
            return rollups_of(span.observations(None), rolled)

    def roll(self, now: int) -> int:
        """See `Store.roll`. The oldest hours come first; each transaction is short."""
        rolled, began = 0, time.monotonic()
        while time.monotonic() - began < _ROLLING_S:
            done = self._roll_some((now - _GRACE) // HOUR)
            if done is None:
                break
            rolled += done
        return rolled

    def _roll_some(self, before: int) -> int | None:
        """Count a part of an hour before that one, or close the next; None when there is nothing left to do.

        Counting holds up nobody who writes. Killed anywhere, it is done again by the next.
        """
        with self._said("read"), self._snapshot() as reader:
            counted = hours.count(reader, before)
            if counted is None and hours.state(reader).until >= before:
                return None
        with self._transaction() as writer:
            if counted is not None:
                return hours.keep(writer, counted)
            return 0 if hours.advance(writer, before) else None

    def prune(self, before: int, *, dry: bool = False) -> int:
        """See `Store.prune`. Freed pages are used again; the file does not shrink."""
        old = "FROM raw_signals WHERE received < ?"
        with self._said("read"), self._reader() as reader:
            if dry:
                return int(reader.execute(f"SELECT count(*) {old}", (before,)).fetchone()[0])
            if reader.execute(f"SELECT 1 {old} LIMIT 1", (before,)).fetchone() is None:
                return 0
        self._seal(-(-before // HOUR))
        gone = 0
        while True:
            with self._transaction() as writer:
                cut = writer.execute(
                    f"SELECT received {old} ORDER BY received LIMIT 1 OFFSET ?", (before, _PRUNED_AT_ONCE)
                ).fetchone()
                if cut is None:
                    gone += writer.execute(f"DELETE {old}", (before,)).rowcount
                    writer.execute("DELETE FROM hours WHERE hour < ?", (before // HOUR,))
                    self._hours.clear()
                    return gone
                gone += writer.execute("DELETE FROM raw_signals WHERE received <= ?", cut).rowcount

    def _seal(self, before: int) -> None:
        """Roll up all hours before that one, and let nobody count them again."""
        while True:
            while self._roll_some(before) is not None:
                pass
            with self._transaction() as writer:
                if hours.seal(writer, before):
                    return

    def prune_hours(self, before: int, *, dry: bool = False) -> int:
        """See `Store.prune_hours`. Hours whose signals are all there stay: they would only be counted again."""
        with self._said("read"), self._reader() as reader:
            last = before // HOUR if dry else min(before // HOUR, hours.state(reader).sealed)
            gone = int(reader.execute("SELECT count(*) FROM hourly WHERE hour < ?", (last,)).fetchone()[0])
        for _ in range(0, 0 if dry else gone, _PRUNED_AT_ONCE):
            with self._transaction() as writer:
                writer.execute(
                    "DELETE FROM hourly WHERE (hour, monitor) IN "
                    "(SELECT hour, monitor FROM hourly WHERE hour < ? ORDER BY hour, monitor LIMIT ?)",
                    (last, _PRUNED_AT_ONCE),
                )
        return gone

    def ping(self) -> None:
        """See `Store.ping`."""
        with self._said("read"), self._reader() as reader:
            reader.execute("SELECT 1 FROM hours LIMIT 1").fetchone()

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the file."""
        with self._writing:
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA cache_size = -16000")  # KiB; the end of the tree stays in memory between batches
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The one writer, inside BEGIN IMMEDIATE … COMMIT; rolled back whole when anything goes wrong."""
        with self._said("write"), self._writing:
            if self._writer is None:
                raise Unavailable(f"the signal store {self.path} is not open")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses now, kept for the next reader when nothing went wrong."""
        if self._writer is None:
            raise Unavailable(f"the signal store {self.path} is not open")
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """A reader that sees one state of the file, whatever is written meanwhile."""
        with self._reader() as reader:
            reader.execute("BEGIN")
            yield reader
            reader.execute("COMMIT")

    @contextmanager
    def _said(self, verb: str) -> Iterator[None]:
        """Turn SQLite's errors into ours, in words."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise Unavailable(f"cannot {verb} the signal store {self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise Refused(f"the signal store {self.path} cannot be used: {error}") from error


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
    query = f"SELECT {hours.OBSERVATION} FROM raw_signals WHERE received >= ? AND received < ?"  # noqa: S608
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
    query = f"SELECT {_COLUMNS} FROM raw_signals WHERE received >= ? AND received < ?"  # noqa: S608
    order = "ORDER BY received DESC, monitor DESC, location DESC"
    span = (hour * HOUR, (hour + 1) * HOUR)
    if len(monitors) <= _FEW:
        return reader.execute(f"{query} AND monitor IN ({_marks(monitors)}) {order}", (*span, *monitors))
    return (row for row in reader.execute(f"{query} {order}", span) if row[0] in monitors)


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))

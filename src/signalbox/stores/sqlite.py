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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import Final

from signalbox.clock import MICROS, now
from signalbox.errors import ConfigurationError, Refused, Unavailable
from signalbox.signals import Signal
from signalbox.stores import sqlite_hours as hours
from signalbox.stores import sqlite_reading as reading
from signalbox.stores.base import HOUR, Bucket, Columns, Rollup, Times
from signalbox.stores.rows import as_values, cleaned

_GRACE: Final = 2 * 60 * MICROS  # after an hour, in which its last signals come
_ROLLING_S: Final = 1.0
_PRUNED_AT_ONCE: Final = 20_000  # rows a transaction, so that a big clean-up never holds up an append for long
_LOADED_AT_ONCE: Final = 5_000  # values made ready, so that a big lot is not in memory twice
_REMEMBERED: Final = 200_000  # (hour, monitor) pairs known to be on disk
_SCHEMA: Final = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_MARKS: Final = ", ".join("?" * len(Signal._fields))
_INSERT: Final = f"INSERT OR REPLACE INTO raw_signals ({reading.COLUMNS}) VALUES ({_MARKS})"  # noqa: S608
_INSERT_HOUR: Final = "INSERT OR IGNORE INTO hours (hour, monitor) VALUES (?, ?)"
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
        """See `Store.latest`."""
        with self._said("read"), self._reader() as reader:
            return reading.latest(reader, monitors, limit)

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """See `Store.raw`."""
        with self._said("read"), self._reader() as reader:
            return reading.raw(reader, monitor, start, end)

    def columns(self, start: int, end: int) -> list[Columns]:
        """See `Store.columns`."""
        with self._said("read"), self._reader() as reader:
            return reading.columns(reader, start, end)

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Store.buckets`. Percentiles are exact, save for those of several hours that are rolled up."""
        with self._said("read"), self._snapshot() as reader:
            return reading.buckets(reader, monitors, start, end, step)

    def times(self, monitors: Sequence[str], start: int, end: int) -> dict[str, Times]:
        """See `Store.times`."""
        with self._said("read"), self._snapshot() as reader:
            return reading.times(reader, monitors, start, end)

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """See `Store.rollups`."""
        with self._said("read"), self._snapshot() as reader:
            return reading.rollups(reader, start, end)

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

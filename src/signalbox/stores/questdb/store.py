"""How are signals kept in QuestDB? In over HTTP, out over PGwire, one table deduplicated by the signal's name.

Written rows can be read some tens of milliseconds later. Rows are dropped by the server's time to live.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Final

import structlog

from signalbox.clock import MICROS, now
from signalbox.errors import Unavailable
from signalbox.signals import Signal
from signalbox.stores.base import USUAL, Bucket, Columns, Kept, Rollup, Times
from signalbox.stores.deadletters import DeadLetters
from signalbox.stores.questdb import schema
from signalbox.stores.questdb.address import Address
from signalbox.stores.questdb.adoption import Adoption
from signalbox.stores.questdb.ilp import LineWriter
from signalbox.stores.questdb.pgwire import Reader
from signalbox.stores.questdb.reading import Questions

_log = structlog.get_logger(__name__)
_PATIENCE_S: Final = 60.0
_DAY: Final = 24 * 3_600 * MICROS
_HEALTH: Final = f"SELECT suspended, errorMessage FROM wal_tables() WHERE name = '{schema.TABLE}'"  # noqa: S608
_MONTH_DAYS: Final = 365 / 12


class QuestDBStore:
    """A store on a QuestDB server. `append` returns when the server has said yes; Unavailable while it is away."""

    def __init__(
        self,
        address: Address,
        dead_letters: DeadLetters,
        identities: Mapping[str, str] | None = None,
        told: Callable[[str], None] | None = None,
        kept: Kept = USUAL,
    ) -> None:
        """`told` hears each finished step of an adoption."""
        self.address, self._kept = address, kept
        self._reader = Reader(address)
        self._writer = LineWriter(address, dead_letters, lambda table: schema.require_ours(self._reader, table))
        self._questions = Questions(self._reader, identities or {})
        self._adoption = Adoption(self._reader, self._writer.write, identities or {}, told)
        self._resumed = False

    @classmethod
    def at(cls, url: str, data: Path, identities: Mapping[str, str] | None = None) -> QuestDBStore:
        """The store that a URL names, its dead letters in the data folder."""
        return cls(Address.parse(url), DeadLetters(data / "dead-letters" / "signals.jsonl"), identities)

    def open(self) -> None:
        """Make the table, or adopt the tutorial's. One process at a time: the caller holds the migration lock."""
        self._adoption.run()
        schema.create_views(self._reader)
        if not self._await_applied():
            _log.warning("QuestDB is still merging rows, so old ones are not limited yet", table=schema.TABLE)
            return
        self._limit_life()
        self._await_applied()  # a server that is killed with a change of the table before it may suspend the table

    def _await_applied(self) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while not schema.is_applied(self._reader):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _limit_life(self) -> None:
        if self._kept.raw_days is None:
            schema.limit_life(self._reader, now() - schema.TTL_DAYS * _DAY)
        else:
            schema.keep_for(self._reader, ceil(self._kept.raw_days))
        if self._kept.hourly_days is not None:
            schema.keep_hours_for(self._reader, max(1, round(self._kept.hourly_days / _MONTH_DAYS)))

    def append(self, signals: Sequence[Signal]) -> None:
        """See `Store.append`. A row that the server will never take goes to the dead letters instead."""
        self._writer.write(signals, schema.TABLE)

    def load(self, signals: Sequence[Signal]) -> None:
        """See `Store.load`."""
        self.append(signals)

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """See `Store.latest`."""
        return self._questions.latest(monitors, limit)

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """See `Store.raw`."""
        return self._questions.raw(monitor, start, end)

    def columns(self, start: int, end: int) -> list[Columns]:
        """See `Store.columns`."""
        return self._questions.columns(start, end)

    def times(self, monitors: Sequence[str], start: int, end: int) -> dict[str, Times]:
        """See `Store.times`."""
        return self._questions.times(monitors, start, end)

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Store.buckets`. Percentiles come from the server's histogram of two significant digits."""
        return self._questions.buckets(monitors, start, end, step)

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """See `Store.rollups`."""
        return self._questions.rollups(start, end)

    def roll(self, now: int) -> int:
        """Nothing: the server keeps the hourly view."""
        return 0

    def prune(self, before: int, *, dry: bool = False) -> int:
        """Nothing: the table's time to live does it."""
        return 0

    def prune_hours(self, before: int, *, dry: bool = False) -> int:
        """Nothing: the view's time to live does it, after two years."""
        return 0

    def ping(self) -> None:
        """See `Store.ping`. A table that the server has suspended (its disk was full) is resumed once by itself."""
        health = self._reader.ping(_HEALTH)
        if not health:
            raise Unavailable(f"{self.address} has no table {schema.TABLE}")
        suspended, why = health[0]
        if not suspended:
            self._resumed = False
            return
        if not self._resumed:
            self._resumed = True
            schema.resume(self._reader)
        raise Unavailable(f"{self.address} has suspended the table {schema.TABLE}: {why or 'no reason given'}")

    def incarnation(self) -> str:
        """When the server was started. What it had not synced before that may be gone."""
        return str(self._reader.ping("SELECT pg_postmaster_start_time()")[0][0])

    def close(self) -> None:
        """See `Store.close`."""
        self._writer.close()
        self._reader.close()

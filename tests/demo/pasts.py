"""Pasts that tests look at: seeded at one moment, a few days before which clocks went back in Budapest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from signalbox.clock import to_micros
from signalbox.db import Database
from signalbox.demo.seeding import seed, zone
from signalbox.demo.world import Beginning, World
from signalbox.stores.memory import MemoryStore

NOW = to_micros(datetime(2026, 11, 3, 14, 20, 30, tzinfo=UTC))
FEW = ("checkout", "search", "cards", "uploads", "email")


def beginning(days: int = 3, number: int = 1, now: int = NOW) -> Beginning:
    """What a past is made from."""
    return Beginning(number, now, days, zone())


def made(
    database: Database, from_: Beginning, only: Collection[str] = FEW, raw_days: int = 29
) -> tuple[World, MemoryStore]:
    """A past of these monitors in that database, its signals in memory."""
    store = MemoryStore()
    return seed(database, store, from_, only=only, raw_days=raw_days), store


@contextmanager
def small(folder: Path) -> Iterator[Database]:
    """A database in a file."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'state.db'}", data=folder)
    database.migrate()
    try:
        yield database
    finally:
        database.close()

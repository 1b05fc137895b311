"""Where are signals kept? `open_store` makes the store that a URL names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from signalbox.errors import ConfigurationError
from signalbox.stores.base import USUAL, Bucket, Kept, Rollup, Store
from signalbox.stores.memory import MemoryStore
from signalbox.stores.sqlite import SQLiteStore

__all__ = ["RETENTION_DAYS", "Bucket", "Rollup", "Store", "open_store"]

RETENTION_DAYS = 30
"""How long raw signals are kept where `Store.prune` drops them (QuestDB does so by itself, after 400 days)."""


def open_store(
    url: str,
    *,
    data: Path,
    identities: Mapping[str, str] | None = None,
    insecure: bool = False,
    migration_lock: Callable[[], AbstractContextManager[object]] = nullcontext,
    kept: Kept = USUAL,
) -> Store:
    """The store that the URL names, not yet opened: the caller calls `open()` under the migration lock.

    `data` is the installation's folder (journals, dead letters). `identities` says which monitor a URL in a table of
    the tutorial's belongs to; URLs it does not name get the slug of the URL. `insecure` allows default and empty
    passwords over the network. `migration_lock` is taken by a store whose server was away at `open()` and is back.
    `kept` is for a store that drops what is old by itself; others do so when told to (`Store.prune`).
    Raises ConfigurationError for a URL that no store understands.
    """
    scheme = url.partition(":")[0]
    match scheme:
        case "memory":
            return MemoryStore()
        case "sqlite":
            return _sqlite(url)
        case "questdb":
            from signalbox.stores.questdb import journaled_questdb

            return journaled_questdb(url, data, identities or {}, insecure, migration_lock, kept=kept)
        case _:
            raise ConfigurationError(
                f"no signal store is called {scheme!r}: write "
                "sqlite:///PATH, memory:// or questdb://USER:PASSWORD@HOST:9000"
            )


def _sqlite(url: str) -> SQLiteStore:
    parts = urlsplit(url)
    path = parts.path.removeprefix("/")
    if parts.netloc or not path:
        raise ConfigurationError("a SQLite signal store is written sqlite:///PATH, sqlite:////PATH if absolute")
    return SQLiteStore(Path(path), parse_qs(parts.query).get("synchronous", ["NORMAL"])[-1])

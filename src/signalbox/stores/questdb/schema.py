"""What does our table look like, and how does a server get it? Numbered files, each safe to run again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import structlog

from signalbox.errors import Refused
from signalbox.stores.base import HOUR
from signalbox.stores.questdb.counting import BUCKET, NAMED, TIMED
from signalbox.stores.questdb.pgwire import Reader

_log = structlog.get_logger(__name__)

TABLE: Final = "signals"
TTL_DAYS: Final = 400
HOURLY: Final = f"{TABLE}_hourly"
SPREAD: Final = f"{TABLE}_hourly_spread"
_FILES: Final = sorted(Path(__file__).parent.glob("[0-9][0-9][0-9]_*.sql"))
_TUTORIAL: Final = frozenset({"url", "http_status", "received", "available"})
_OURS: Final = frozenset({
    "received", "observed", "monitor", "location", "url", "kind", "verdict", "reason", "http_status", "available",
    "dns", "connect", "tls", "ttfb", "total", "message", "certificate_expires",
})  # fmt: skip


def tables(reader: Reader) -> set[str]:
    """Names of all tables of that server."""
    return {row[0] for row in reader.rows("SELECT table_name FROM tables()")}


def create(reader: Reader, table: str = TABLE) -> None:
    """Run the numbered files that make or change a table. It has no time to live yet: see `limit_life`."""
    _run(reader, table, views=False)


def create_views(reader: Reader) -> None:
    """Run the numbered files that make views of our table. Renaming the table would invalidate them."""
    _run(reader, TABLE, views=True)
    broken = "SELECT view_name, invalidation_reason FROM materialized_views() WHERE view_status = 'invalid'"
    for view, why in reader.rows(f"{broken} AND view_name IN ('{HOURLY}', '{SPREAD}')"):
        _log.warning(
            "QuestDB no longer keeps an hourly view, so charts take longer", view=view, why=why,
            to_mend_it=f"REFRESH MATERIALIZED VIEW {view} FULL  (this forgets hours whose rows are gone)",
        )  # fmt: skip


def _run(reader: Reader, table: str, *, views: bool) -> None:
    for file in _FILES:
        if file.stem.endswith("_view") == views:
            for statement in re.sub(r"--[^\n]*", "", file.read_text(encoding="utf-8")).split(";"):
                if statement.strip():
                    reader.rows(
                        statement.format(
                            table=table, hourly=HOURLY, spread=SPREAD, counted=NAMED, bucket=BUCKET, timed=TIMED
                        )
                    )


def hours_counted_until(reader: Reader) -> int:
    """Hours before that moment are to be taken from the views; microseconds since 1970.

    Views that are invalid, behind for more than a minute, or whose newest rows cannot be read yet are only asked for
    what the table's rows no longer tell.
    """
    found = reader.rows(
        "SELECT view_status = 'invalid' OR (refresh_base_table_txn < base_table_txn AND "  # noqa: S608
        "last_refresh_start_timestamp < dateadd('m', -1, now())) OR writerTxn < sequencerTxn, refresh_period_hi::long "
        f"FROM materialized_views() JOIN wal_tables() ON view_name = name WHERE view_name IN ('{HOURLY}', '{SPREAD}')"
    )
    if len(found) < 2 or any(until is None for _, until in found):
        return 0
    counted = int(min(until for _, until in found))
    span = time_span(reader) if any(doubtful for doubtful, _ in found) else None
    return min(counted, span[0] // HOUR * HOUR) if span else counted


def is_tutorial(reader: Reader, table: str = TABLE) -> bool:
    """Is that table the tutorial's, still to be adopted? Refused when it is neither the tutorial's nor ours."""
    columns = _columns(reader, table)
    if columns >= _OURS:
        return False
    if columns >= _TUTORIAL and "monitor" not in columns:
        return True
    raise Refused(
        f"QuestDB has a table {table!r} that is neither the tutorial's nor Signalbox's (it has the columns "
        f"{', '.join(sorted(columns))}): rename it, and start again"
    )


def require_ours(reader: Reader, table: str = TABLE) -> None:
    """Return if the table is there with all our columns; Refused if not."""
    missing = _OURS - (_columns(reader, table) if table in tables(reader) else frozenset())
    if missing:
        raise Refused(f"QuestDB's table {table!r} lacks {', '.join(sorted(missing))}: restart Signalbox to mend it")


def is_applied(reader: Reader, table: str = TABLE) -> bool:
    """Can all rows that the table was given be read? They are written ahead first, and merged in later."""
    found = reader.rows("SELECT writerTxn, sequencerTxn FROM wal_tables() WHERE name = :table", table=table)
    return bool(found) and found[0][0] >= found[0][1]


def resume(reader: Reader, table: str = TABLE) -> None:
    """Let a suspended table go on where it stopped (never from a later transaction: that would lose some)."""
    reader.rows(f"ALTER TABLE {table} RESUME WAL")


def limit_life(reader: Reader, oldest_kept: int, table: str = TABLE, days: int = TTL_DAYS) -> None:
    """Let the server drop rows older than so many days, unless the table already holds older ones.

    Those came with a table of the tutorial's, whose rows are kept; `oldest_kept` is the moment before which the
    server would drop, in microseconds since 1970. A time to live that somebody set stays.
    """
    ttl = reader.rows("SELECT ttlValue FROM tables() WHERE table_name = :table", table=table)
    if ttl and ttl[0][0]:
        return
    if (span := time_span(reader, table)) and span[0] < oldest_kept:
        _log.warning(
            "rows older than the usual retention are kept, so nothing is dropped by itself",
            table=table, to_drop_them=f"ALTER TABLE {table} SET TTL {days} DAYS",
        )  # fmt: skip
        return
    reader.rows(f"ALTER TABLE {table} SET TTL {days} DAYS")


def keep_for(reader: Reader, days: int, table: str = TABLE) -> None:
    """Let the server drop rows older than so many days, because somebody said so."""
    reader.rows(f"ALTER TABLE {table} SET TTL {days} DAYS")


def keep_hours_for(reader: Reader, months: int) -> None:
    """Let the server drop counted hours older than so many months: the views' partitions are months."""
    for view in (HOURLY, SPREAD):
        reader.rows(f"ALTER MATERIALIZED VIEW {view} SET TTL {months} MONTHS")


def time_span(reader: Reader, table: str = TABLE) -> tuple[int, int] | None:
    """Times of the oldest and the newest row, in microseconds since 1970; None of an empty table."""
    found = reader.rows(f"SELECT min(received)::long, max(received)::long FROM {table}")  # noqa: S608
    return (found[0][0], found[0][1]) if found and found[0][0] is not None else None


def _columns(reader: Reader, table: str) -> frozenset[str]:
    return frozenset(str(row[0]) for row in reader.rows(f"SHOW COLUMNS FROM {table}"))

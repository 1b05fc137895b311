"""How do we connect? One engine for SQLite or PostgreSQL, with limits on every wait."""

from __future__ import annotations

import importlib.util
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from signalbox.db import patience
from signalbox.errors import ConfigurationError, MissingExtra

WRITES = "signalbox_writes"  # execution option of connections whose transactions write
BUSY_TIMEOUT = 5_000  # ms that a SQLite transaction waits for another process's
_POSTGRES_LIMITS = {
    "connect_timeout": 5,  # s; covers the whole handshake, also with a frozen server
    "application_name": "signalbox",
    "tcp_user_timeout": 15_000,  # ms until a vanished host is given up
    "keepalives_idle": 10,  # s
    "keepalives_interval": 5,  # s
    "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}
_ACCEPTED = "write sqlite:///PATH or postgresql://USER:PASSWORD@HOST:5432/NAME"


def parse_url(text: str) -> URL:
    """The URL in SQLAlchemy's form, its driver chosen by us. A wrong one is a ConfigurationError without its text."""
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"SIGNALBOX_DATABASE_URL is not a URL: {_ACCEPTED}") from None
    match backend:
        case "sqlite":
            if not url.database or url.database == ":memory:" or url.query:
                raise ConfigurationError(f"SIGNALBOX_DATABASE_URL must name a file and nothing else: {_ACCEPTED}")
            return url.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            if importlib.util.find_spec("psycopg") is None:
                raise MissingExtra("State in PostgreSQL", "postgres")
            return url.set(drivername="postgresql+psycopg")
        case _:
            raise ConfigurationError(f"SIGNALBOX_DATABASE_URL cannot be {backend}: {_ACCEPTED}")


def connect(url: URL) -> Engine:
    """An engine for that URL; nothing is connected yet. Statement parameters never appear in its errors."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    options = {**_POSTGRES_LIMITS, **url.query}
    engine = create_engine(
        url.set(query={}),
        connect_args=options,
        hide_parameters=True,
        pool_size=4,
        max_overflow=4,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1_800,
    )
    patience.bound(engine)
    return engine


def _sqlite(url: URL) -> Engine:
    try:
        Path(str(url.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"the folder of {url.database} cannot be made: {error.strerror}") from error
    engine = create_engine(url, hide_parameters=True, pool_size=4, max_overflow=4, pool_timeout=10)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver's own would come too late
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL: what was committed survives a power cut too; state is written seldom enough to afford it
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # a deferred transaction that turns to writing fails at once when another one wrote in between
    writes = bool(connection.get_execution_options().get(WRITES))
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

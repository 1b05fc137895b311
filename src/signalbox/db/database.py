"""Where is state kept? One relational database, SQLite or PostgreSQL, behind sessions that end in one piece.

Calls block and are safe from any thread; callers in an event loop hand them to a thread. Errors of the drivers come
out as `Unavailable` or `Refused`, without statements, parameters or passwords.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from signalbox.db import engine as engines
from signalbox.db import installation, migration
from signalbox.db.failures import place, spoken_plainly, translate
from signalbox.db.lock import advisory_lock, file_lock
from signalbox.db.vault import Vault
from signalbox.errors import Unavailable

_WRITER_PATIENCE = 30.0  # seconds that a thread waits for other threads of this process to finish writing
_PING_PATIENCE = 4  # seconds


class Database:
    """The relational database of one installation. Nothing is connected before the first use."""

    def __init__(self, url: str, *, data: Path, secret_key: SecretStr | None = None) -> None:
        """`data` is the folder of the key and the lock file. ConfigurationError when the URL or the key is wrong."""
        self.url: URL = engines.parse_url(url)
        self._data = data
        self._vault = Vault.with_key(secret_key, data)
        self._engine = engines.connect(self.url)
        self._writing = self._engine.execution_options(**{engines.WRITES: True})
        self._reading = self._engine.execution_options(**_snapshot_options(self.url))
        self._writer = threading.Lock() if self._embedded else nullcontext()
        self._migrating = threading.RLock()
        self._migrations_held = 0

    @property
    def _embedded(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing transaction: committed at the end, rolled back by any exception. Only doors open one."""
        with (
            self._one_writer(),
            spoken_plainly(self.url),
            Session(self._writing, expire_on_commit=False, info={"vault": self._vault}) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot to read from. Writing in it is refused."""
        with (
            spoken_plainly(self.url),
            Session(self._reading, expire_on_commit=False, info={"vault": self._vault}) as session,
        ):
            yield session

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """SQLite takes one writer: threads of this process queue here, other processes at BEGIN IMMEDIATE."""
        if isinstance(self._writer, nullcontext):
            yield
            return
        if not self._writer.acquire(timeout=_WRITER_PATIENCE):
            raise Unavailable(f"the database at {place(self.url)} is busy: another thread has not finished writing")
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def migration_lock(self, patience: float = 300.0) -> Iterator[None]:
        """The one lock for changing schemas, here and in the signal store. Waits `patience` seconds, then Unavailable.

        May be taken again by the thread that holds it.
        """
        with self._migrating, spoken_plainly(self.url), self._lock(patience):
            self._migrations_held += 1
            try:
                yield
            finally:
                self._migrations_held -= 1

    def _lock(self, patience: float) -> AbstractContextManager[None]:
        if self._migrations_held:
            return nullcontext()
        return file_lock(self._data, patience) if self._embedded else advisory_lock(self._engine, patience)

    def migrate(self) -> None:
        """Bring the schema up to date, and see that the key is the one of this installation's secrets."""
        with self.migration_lock():
            with self._one_writer(), spoken_plainly(self.url), self._writing.begin() as connection:
                migration.upgrade(connection)
            with self.begin() as session:
                installation.check_key(session)

    def ping(self) -> None:
        """Return if the database answers; raise `Unavailable` with its reason if not. Takes at most 5 seconds."""
        options = {"connect_timeout": _PING_PATIENCE} if not self._embedded else {"timeout": _PING_PATIENCE}
        # a connection of its own: the handshake is the one thing that a frozen server cannot hold up for ever
        probe = create_engine(self.url, poolclass=NullPool, connect_args=options, hide_parameters=True)
        try:
            with probe.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise Unavailable(str(translate(error, self.url))) from error

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def _snapshot_options(url: URL) -> dict[str, object]:
    """SQLite's transactions are snapshots; PostgreSQL is asked for one."""
    if url.get_backend_name() == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

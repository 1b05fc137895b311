"""Who may change schemas now? One holder at a time, over all processes that share a database or a data folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from signalbox.errors import ConfigurationError, Unavailable

LOCK_FILE = "migration.lock"
_ADVISORY_KEY = 0x5369676E616C  # "Signal" in ASCII; any number that nobody else uses in this database
_PAUSE = 0.1  # seconds between attempts


@contextmanager
def advisory_lock(engine: Engine, patience: float) -> Iterator[None]:
    """PostgreSQL's advisory lock, on a connection of its own. It goes when the connection does."""
    key = {"key": _ADVISORY_KEY}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        attempt = text("SELECT pg_try_advisory_lock(:key)")
        _await(lambda: bool(connection.execute(attempt, key).scalar()), patience, "the database")
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


@contextmanager
def file_lock(data: Path, patience: float) -> Iterator[None]:
    """`flock` on a file in the data folder. It goes when the process does; the file stays."""
    file = data / LOCK_FILE
    try:
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be opened: {error.strerror}") from error
    try:
        _await(lambda: _lock_now(descriptor), patience, str(file))
        yield
    finally:
        os.close(descriptor)


def _lock_now(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _await(locked: Callable[[], bool], patience: float, what: str) -> None:
    deadline = time.monotonic() + patience
    while not locked():
        if time.monotonic() > deadline:
            raise Unavailable(
                f"another Signalbox process has held the migration lock of {what} for {patience:g} s: "
                "wait until it has finished, or stop it, then start again"
            )
        time.sleep(_PAUSE)

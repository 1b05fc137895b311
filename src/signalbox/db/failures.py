"""What does a driver's error mean to us? `Unavailable` (try again) or `Refused` (trying again changes nothing).

Texts are made of the driver's own first line. They never hold a statement, its parameters or a password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from signalbox.errors import Refused, SignalboxError, Unavailable

# primary result codes, https://www.sqlite.org/rescode.html
_SQLITE_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# SQLSTATE classes, https://www.postgresql.org/docs/current/errcodes-appendix.html:
# connection, transaction rollback, resources, lock not available, operator intervention, system error
_POSTGRES_PASSING = ("08", "40", "53", "55", "57", "58")
# libpq gives no SQLSTATE for a refused log-in, only these words
_POSTGRES_LASTING_WORDS = ("authentication failed", "does not exist", "no pg_hba.conf entry")


@contextmanager
def spoken_plainly(url: URL) -> Iterator[None]:
    """Turn errors of SQLAlchemy and its drivers, raised inside, into ours. Everything else passes through."""
    try:
        yield
    except SQLAlchemyError as error:
        raise translate(error, url) from error


def translate(error: SQLAlchemyError, url: URL) -> SignalboxError:
    """The error of ours that says the same without secrets. A bug of ours (bad query) becomes `Refused`."""
    where = f"the database at {place(url)}"
    if isinstance(error, PoolTimeout):
        return Unavailable(f"{where} is busy: no connection came free in time")
    if not isinstance(error, DBAPIError) or error.orig is None:
        return Refused(f"{where} could not be used: {type(error).__name__}")
    text = _without(url.password, str(error.orig).strip().partition("\n")[0])
    name = getattr(error.orig, "sqlite_errorname", None)
    text = f"{text} ({name})" if name else text
    if _passes(error.orig, error.connection_invalidated):
        return Unavailable(f"{where} cannot be used now: {text}")
    return Refused(f"{where} refused: {text}")


def place(url: URL) -> str:
    """The database's address as people may see it: no user, no password, no options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or 'a local socket'}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def _passes(error: BaseException, connection_lost: bool) -> bool:
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_PASSING
    state = getattr(error, "sqlstate", None)
    if state:
        return connection_lost or str(state).startswith(_POSTGRES_PASSING)
    if type(error).__name__ != "OperationalError" and type(error).__name__ != "ConnectionTimeout":
        return connection_lost
    return not any(words in str(error) for words in _POSTGRES_LASTING_WORDS)


def _without(password: object, text: str) -> str:
    return text.replace(str(password), "***") if password else text

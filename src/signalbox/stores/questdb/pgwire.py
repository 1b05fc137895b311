"""How is QuestDB read? By SQL over PGwire, through a SQLAlchemy engine whose every wait has an end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError

from signalbox.errors import MissingExtra, Refused, Unavailable
from signalbox.stores.questdb.address import Address

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import RV, PQGen
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

Row = Sequence[Any]
_POOL: Final = 4  # connections kept; as many again may be open for a moment: QuestDB hangs from the 65th
_CONNECT_S: Final = 3
_ANSWER_S: Final = 30.0
_PING_S: Final = 2.0
_FRESH_S: Final = 1.0


class Reader:
    """Runs statements with bound parameters; retries nothing, and never waits longer than it says."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._engine: Engine | None = None

    def rows(self, sql: str, **bound: object) -> list[Row]:
        """All rows of a statement; `:name` in it stands for a bound value. An empty list where it has no rows."""
        return self._rows(sql, bound)

    def _rows(self, sql: str, bound: Mapping[str, object]) -> list[Row]:
        with self._said():
            if self._engine is None:
                self._engine = _engine(self._address)
            with self._engine.connect() as connection:
                result = connection.execute(text(sql), bound)
                return [*result.all()] if result.returns_rows else []

    def ping(self, sql: str) -> list[Row]:
        """Rows of a statement over a connection of its own; Unavailable within 5 seconds if there is no answer."""
        with self._said(), _connect(self._address, 2, _PING_S) as connection:
            return [*connection.execute(sql.encode()).fetchall()]

    def close(self) -> None:
        """Close every connection that is not in use."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn psycopg's and SQLAlchemy's errors into ours; neither repeats the address with its password."""
        import psycopg

        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            words = " ".join(str(cause).split())
            if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
                raise Unavailable(f"{self._address} does not answer queries: {words}") from None
            raise Refused(f"{self._address} refused a query: {words}") from None
        except SQLAlchemyError as error:
            raise Unavailable(f"{self._address} cannot be queried now: {error}") from None


def _engine(address: Address) -> Engine:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: _connect(address, _CONNECT_S, _ANSWER_S),
        use_native_hstore=False, isolation_level="AUTOCOMMIT",
        pool_size=_POOL, max_overflow=_POOL, pool_timeout=5, pool_recycle=600,
    )  # fmt: skip

    @event.listens_for(engine, "checkin")
    def rest(_: object, record: ConnectionPoolEntry) -> None:
        record.info["rests"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        """Only one that was not used just now may have been hung up: asking first takes as long as a short answer."""
        if time.monotonic() - record.info.get("rests", float("inf")) > _FRESH_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    return engine


def _connect(address: Address, connect_s: int, answer_s: float) -> psycopg.Connection[tuple[Any, ...]]:
    return _connection_class(answer_s).connect(
        host=address.host, port=address.pgwire, user=address.user, password=address.password, dbname="qdb",
        connect_timeout=connect_s, autocommit=True, sslmode="require" if address.tls else "disable",
    )  # fmt: skip


def _connection_class(answer_s: float) -> type[psycopg.Connection[tuple[Any, ...]]]:
    """A psycopg connection that gives up on a server which neither answers nor hangs up (stopped, or cut off)."""
    try:
        import psycopg
    except ImportError as error:
        raise MissingExtra("QuestDB", "questdb") from error

    class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
        def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
            try:
                return super().wait(gen, interval, answer_s if timeout is None else timeout)
            except psycopg.errors._WaitTimeout as error:
                self.close()  # an answer that came now would be taken for the next question's
                raise psycopg.OperationalError(f"no answer within {answer_s:g} s") from error

    return BoundedConnection

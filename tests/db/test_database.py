"""Sessions that end in one piece, and errors that say what is wrong without telling secrets."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text

from signalbox.db import Database, engine, patience
from signalbox.db.installation import InstallationRow, raise_revision, revision
from signalbox.errors import ConfigurationError, Refused, Unavailable
from tests.servers.postgres import PostgresServer
from tests.servers.process import await_condition, free_port
from tests.servers.still import frozen


def _fact(database: Database, key: str) -> str | None:
    with database.read() as session:
        return session.scalars(select(InstallationRow.value).where(InstallationRow.key == key)).one_or_none()


def test_a_transaction_that_ends_well_is_kept(database: Database) -> None:
    with database.begin() as session:
        session.add(InstallationRow(key="a", value="b"))
    assert _fact(database, "a") == "b"


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.begin() as session:
            session.add(InstallationRow(key="a", value="b"))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert _fact(database, "a") is None


def test_reading_sees_one_moment_whatever_others_write(database: Database) -> None:
    with database.read() as session:
        before = revision(session)
        with database.begin() as other:
            raise_revision(other)
        assert revision(session) == before
    with database.read() as session:
        assert revision(session) == before + 1


def test_writing_in_a_reading_session_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match=r"read-?only"), database.read() as session:
        raise_revision(session)
    with database.begin() as session:  # and the connection is as good as before
        session.add(InstallationRow(key="a", value="b"))


def _write_together(databases: list[Database]) -> None:
    """Each raises the revision 25 times, at the same time as all others."""
    errors: list[BaseException] = []

    def work(database: Database) -> None:
        try:
            for _ in range(25):
                with database.begin() as session:
                    raise_revision(session)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_threads_that_write_together_lose_nothing(database: Database) -> None:
    _write_together([database] * 6)
    with database.read() as session:
        assert revision(session) == 150


def test_strangers_that_write_together_lose_nothing(database: Database, state_url: str, tmp_path: Path) -> None:
    strangers = [Database(state_url, data=tmp_path / "data") for _ in range(3)]  # no lock of ours in common
    _write_together(strangers)
    with database.read() as session:
        assert revision(session) == 75
    for stranger in strangers:
        stranger.close()


def test_a_broken_rule_of_the_schema_is_refused_without_the_values(database: Database) -> None:
    with pytest.raises(Refused) as caught, database.begin() as session:
        session.add(InstallationRow(key="revision", value="hunter2"))
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_ping_returns_while_the_database_answers(database: Database) -> None:
    database.ping()


def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'down' / 'state.db'}", data=tmp_path)
    with database.begin() as session:
        settings = [
            session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous", "query_only")
        ]
    assert settings == ["wal", 5_000, 1, 2, 0]
    database.close()


def test_a_sqlite_file_that_another_process_holds_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 50)
    database = Database(f"sqlite:///{tmp_path / 'state.db'}", data=tmp_path)
    database.migrate()
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"), database.begin() as session:
        raise_revision(session)
    with database.read() as session:  # reading goes on meanwhile
        assert revision(session) == 0
    other.execute("ROLLBACK")
    other.close()
    database.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("no database at all, but long enough to be taken for one " * 50)
    database = Database(f"sqlite:///{tmp_path / 'state.db'}", data=tmp_path)
    with pytest.raises(Refused, match="not a database"):
        database.migrate()
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://root:hunter2@localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://a:hunter2@h:x/d",
    ],
)
def test_a_url_that_cannot_be_is_refused_without_repeating_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Database(url, data=tmp_path)
    assert "hunter2" not in str(caught.value)
    assert "sqlite:///PATH" in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_usual_spellings_of_a_postgresql_url_work(postgres_url: str, scheme: str, tmp_path: Path) -> None:
    database = Database(postgres_url.replace("postgresql", scheme, 1) + "?application_name=elsewhere", data=tmp_path)
    with database.read() as session:
        assert session.execute(text("SHOW application_name")).scalar() == "elsewhere"
        assert session.execute(text("SHOW statement_timeout")).scalar() == "30s"
    database.close()


def _everywhere(database: Database) -> list[Callable[[], object]]:
    def read() -> None:
        with database.read() as session:
            revision(session)

    def write() -> None:
        with database.begin() as session:
            raise_revision(session)

    return [read, write, database.migrate, database.ping]


def test_a_wrong_password_is_refused_and_never_shown(postgres_server: PostgresServer, tmp_path: Path) -> None:
    database = Database(postgres_server.url("postgres", password="hunter2-not-it"), data=tmp_path)
    for use in _everywhere(database):
        with pytest.raises((Refused, Unavailable), match="authentication failed") as caught:
            use()
        assert "hunter2-not-it" not in "".join(traceback.format_exception(caught.value))
    database.close()


def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    port = free_port()
    database = Database(f"postgresql://signalbox:hunter2@127.0.0.1:{port}/x", data=tmp_path)
    for use in _everywhere(database):
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port}/x") as caught:
            use()
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    database.close()


def test_a_killed_server_is_used_again_once_it_is_back(own_postgres: PostgresServer, tmp_path: Path) -> None:
    database = Database(own_postgres.fresh_database(), data=tmp_path)
    database.migrate()
    own_postgres.kill()
    for use in _everywhere(database):
        with pytest.raises(Unavailable):
            use()
    own_postgres.up()
    for use in _everywhere(database):
        use()
    database.close()


def test_a_frozen_server_does_not_hold_up_a_ping(own_postgres: PostgresServer, tmp_path: Path) -> None:
    database = Database(own_postgres.fresh_database(), data=tmp_path)
    database.ping()
    own_postgres.signal(signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        database.ping()
    own_postgres.signal(signal.SIGCONT)
    assert time.monotonic() - started < 20  # 4 s and what a busy machine adds; without a limit it would be for ever
    database.ping()
    database.close()


def test_nobody_waits_for_a_frozen_server(own_postgres: PostgresServer, tmp_path: Path) -> None:
    """It is used again once it thaws."""
    database = Database(own_postgres.fresh_database(), data=tmp_path)
    database.migrate()
    read, write = _everywhere(database)[:2]
    with frozen(own_postgres):
        started = time.monotonic()
        with pytest.raises(Unavailable):
            read()
        assert time.monotonic() - started < 20  # some 6 s; for ever without a limit
        started = time.monotonic()
        for use in (write, read):
            with pytest.raises(Unavailable, match="neither answers nor hangs up"):
                use()
        assert time.monotonic() - started < 3  # it is known by now
    await_condition(lambda: _works(write), "the server to be tried again")
    for use in _everywhere(database):
        use()
    database.close()


def test_a_transaction_in_a_server_that_freezes_ends(own_postgres: PostgresServer, tmp_path: Path) -> None:
    database = Database(own_postgres.fresh_database(), data=tmp_path)
    database.migrate()

    def write_while_it_freezes() -> None:
        with database.begin() as session:
            raise_revision(session)
            with frozen(own_postgres):
                raise_revision(session)

    with pytest.raises(Unavailable, match="neither answers nor hangs up"):
        write_while_it_freezes()
    await_condition(lambda: _works(_everywhere(database)[0]), "the server to be tried again")
    with database.read() as session:
        assert revision(session) == 0
    database.close()


def _works(use: Callable[[], object]) -> bool:
    try:
        use()
    except Unavailable:
        return False
    return True


def test_a_statement_that_takes_long_on_a_server_that_lives_is_waited_for(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.1)
    database = Database(postgres_url, data=tmp_path)
    with database.read() as session:
        assert session.execute(text("SELECT 'there' FROM pg_sleep(1)")).scalar() == "there"
    database.close()

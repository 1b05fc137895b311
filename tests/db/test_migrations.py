"""The schema comes up to date on both databases, once, whoever starts together."""

from __future__ import annotations

import importlib
import multiprocessing
import pkgutil
import signal
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import signalbox
from signalbox import audit, ledger
from signalbox.db import Database, engine, installation, migration, migrations
from signalbox.db.base import Base
from signalbox.db.lock import LOCK_FILE
from signalbox.errors import ConfigurationError, Unavailable

SPAWN = multiprocessing.get_context("spawn")


def _tables() -> set[str]:
    """All tables that the code knows, wherever they are declared."""
    for module in pkgutil.walk_packages(signalbox.__path__, "signalbox."):
        if module.name.endswith((".models", ".locations")):
            importlib.import_module(module.name)
    assert {
        audit.AuditRow.__tablename__,
        ledger.LedgerRow.__tablename__,
        installation.InstallationRow.__tablename__,
    } <= Base.metadata.tables.keys()
    return set(Base.metadata.tables)


def test_all_steps_together_make_exactly_the_tables_of_the_models(database: Database, state_url: str) -> None:
    assert {"monitors", "pages", "ledger", "lease", "installation"} <= _tables()
    probe = create_engine(engine.parse_url(state_url))
    with probe.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    probe.dispose()


def test_the_step_we_take_for_the_newest_is_the_newest() -> None:
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_heads() == [migrations.NEWEST]


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    with database.read() as session:
        assert installation.revision(session) == 0


def test_a_step_that_fails_leaves_nothing_behind(
    state_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: object) -> None:
        upgrade(connection)  # type: ignore[arg-type]
        raise LookupError

    upgrade = migration.upgrade
    monkeypatch.setattr(migration, "upgrade", fail)
    database = Database(state_url, data=tmp_path)
    with pytest.raises(LookupError):
        database.migrate()
    monkeypatch.undo()
    database.migrate()
    database.close()


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer Signalbox"):
        database.migrate()


def test_those_that_start_together_migrate_once(state_url: str, tmp_path: Path) -> None:
    failed: list[BaseException] = []
    gate = threading.Barrier(5)

    def start() -> None:
        database = Database(state_url, data=tmp_path / "data")
        gate.wait()
        try:
            database.migrate()
        except BaseException as error:
            failed.append(error)
        database.close()

    starting = [threading.Thread(target=start) for _ in range(5)]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert not failed
    database = Database(state_url, data=tmp_path / "data")
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM installation WHERE key = 'revision'")).scalar() == 1
    database.close()


def _hold(url: str, data: Path, held: Connection) -> None:
    with Database(url, data=data).migration_lock():
        held.send("held")
        time.sleep(600)


def test_the_migration_lock_keeps_others_out_until_its_holder_dies(state_url: str, tmp_path: Path) -> None:
    ours, theirs = SPAWN.Pipe()
    holder = SPAWN.Process(target=_hold, args=(state_url, tmp_path, theirs))
    holder.start()
    assert ours.recv() == "held"
    database = Database(state_url, data=tmp_path)
    with pytest.raises(Unavailable, match="another Signalbox process"), database.migration_lock(patience=0.3):
        pass
    holder.kill()
    holder.join(60)
    assert holder.exitcode == -signal.SIGKILL
    with database.migration_lock(patience=60):
        database.migrate()  # the thread that holds it may take it again
    database.close()


def test_a_lock_file_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).mkdir()
    database = Database(f"sqlite:///{tmp_path / 'state.db'}", data=tmp_path)
    with pytest.raises(ConfigurationError, match=LOCK_FILE):
        database.migrate()
    database.close()

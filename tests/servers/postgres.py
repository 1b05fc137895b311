"""A real PostgreSQL for tests, run as `postgres` when we are root; and a migrated database of either kind."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from signalbox.db import Database
from tests.servers.process import Process, free_port, program

_ELSEWHERE = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_FAST = ["fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60", "autovacuum=off"]


def _program(name: str) -> str:
    return program(name, *(str(folder / name) for folder in _ELSEWHERE))


def _as_owner() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return [program("setpriv"), "--reuid=postgres", "--regid=postgres", "--init-groups"]


class PostgresServer(Process):
    """A PostgreSQL with a password, on a free port. Can be killed, frozen and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port, self.password = free_port(), secrets.token_urlsafe(12)
        self._cluster, self._databases = folder / "cluster", 0
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *_FAST]
        flags = [part for option in options for part in ("-c", option)]
        super().__init__([*_as_owner(), _program("postgres"), "-D", str(self._cluster), *flags], folder, "postgres")

    def up(self) -> PostgresServer:
        """Make the cluster if there is none, start it and wait until it answers queries."""
        if not self._cluster.exists():
            self._make_cluster()
        self.start(self._answers)
        return self

    def _make_cluster(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password, encoding="ascii")
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            shutil.chown(secret, "postgres", "postgres")
        subprocess.run(
            [*_as_owner(), _program("initdb"), "-D", str(self._cluster), "-U", "signalbox", "--no-sync", "--no-locale",
             "--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={secret}"],
            cwd=self.folder, check=True, capture_output=True, timeout=120,
        )  # fmt: skip

    def _answers(self) -> bool:
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False, timeout=30).returncode == 0

    def run(self, statement: str) -> None:
        """Run a statement outside any transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=30) as connection:
            connection.execute(statement.encode())

    def fresh_database(self, template: str = "template1") -> str:
        """The URL of a new database."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Away with a database, whoever is still connected."""
        self.run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def url(self, database: str, password: str | None = None) -> str:
        """State URL of a database on this server."""
        return f"postgresql://signalbox:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self, patience: float = 20.0) -> int:
        """End it at once, clients or not: nobody will read these files again."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(signal.SIGQUIT)
        return super().stop(patience)


def temporary_server() -> Iterator[PostgresServer]:
    """A server in a folder that its own user may enter, which pytest's folders are not for."""
    folder = Path(tempfile.mkdtemp(prefix="signalbox-postgres-"))
    try:
        with PostgresServer(folder) as server:
            yield server.up()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run; take a `fresh_database` from it and leave the server running."""
    yield from temporary_server()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for one test, which may kill or freeze it."""
    yield from temporary_server()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a new, empty database, gone after the test: a hundred of them would keep the disk busy."""
    url = postgres_server.fresh_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database: the test runs on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(state_url: str, tmp_path: Path) -> Iterator[Database]:
    """A migrated database: the test runs on each kind."""
    database = Database(state_url, data=tmp_path / "data")
    database.migrate()
    yield database
    database.close()

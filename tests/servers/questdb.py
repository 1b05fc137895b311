"""A real QuestDB for tests: the released jar on Java, on free ports, in a temporary folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.process import Process, await_condition, free_port, listens, program

_VERSION = "9.3.4"
_JAVAS = ("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "/usr/lib/jvm/java-17-openjdk-arm64/bin/java")
_CONF = """\
http.bind.to=127.0.0.1:{http}
pg.net.bind.to=127.0.0.1:{pgwire}
http.user={user}
http.password={password}
pg.user={user}
pg.password={password}
line.tcp.enabled=false
http.min.enabled=false
line.auto.create.new.columns=false
line.auto.create.new.tables=false
shared.worker.count=1
dev.mode.enabled=true
cairo.writer.data.append.page.size=128k
cairo.o3.column.memory.size=128k
cairo.wal.writer.data.append.page.size=128k
"""


def questdb_jar() -> Path:
    """Where the released jar lies; `make test` fetches it."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "signalbox" / "questdb"
    jar = folder / f"questdb-{_VERSION}.jar"
    assert jar.exists(), f"{jar.name} is not in the cache folder: run  make test, which fetches it"
    return jar


class QuestDBServer(Process):
    """A QuestDB of its own; `url` reaches it. Can be killed and started again on the same ports and data."""

    user, password = "founder", "not-the-default"

    def __init__(self, folder: Path) -> None:
        self.http, self.pgwire = free_port(), free_port()
        self.data = folder / "questdb"
        (self.data / "conf").mkdir(parents=True, exist_ok=True)
        self._configure()
        super().__init__(
            [program("java", *_JAVAS), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             "-p", str(questdb_jar()), "-m", "io.questdb/io.questdb.ServerMain", "-d", str(self.data)],
            folder, "questdb", {"QDB_TELEMETRY_ENABLED": "false"},
        )  # fmt: skip

    @property
    def port(self) -> int:
        """The HTTP port: line protocol in, console, SQL over REST."""
        return self.http

    @property
    def url(self) -> str:
        """Store URL of this server."""
        return f"questdb://{self.user}:{self.password}@127.0.0.1:{self.http}?pgwire={self.pgwire}"

    def up(self) -> QuestDBServer:
        """Start it and wait until both doors are open."""
        self.start(lambda: listens(self.http) and listens(self.pgwire))
        return self

    def restart(self) -> None:
        """`kill -9` it and start it again on the same data."""
        self.kill()
        self.up()

    def sql(self, statement: str, *bound: object) -> list[tuple[Any, ...]]:
        """Run one statement as any PGwire client would (`%s` for bound values); its rows, if it has any."""
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.pgwire, user=self.user, password=self.password, dbname="qdb", autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode(), bound or None)
            return cursor.fetchall() if cursor.description else []

    def await_rows(self, count: int, table: str = "signals") -> None:
        """Wait until that many rows can be read from the table."""
        await_condition(
            lambda: self.sql(f"SELECT count() FROM {table}") == [(count,)], f"{count} rows in QuestDB's {table}"
        )

    def _configure(self) -> None:
        conf = _CONF.format(http=self.http, pgwire=self.pgwire, user=self.user, password=self.password)
        (self.data / "conf" / "server.conf").write_text(conf, encoding="utf-8")


@pytest.fixture
def questdb_server(tmp_path: Path) -> Iterator[QuestDBServer]:
    """A QuestDB for one test."""
    with QuestDBServer(tmp_path) as server:
        yield server.up()


@pytest.fixture(scope="session")
def shared_questdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuestDBServer]:
    """A QuestDB that many tests use one after the other. Each empties it first; none kills it."""
    with QuestDBServer(tmp_path_factory.mktemp("shared")) as server:
        yield server.up()


@pytest.fixture
def empty_questdb(shared_questdb: QuestDBServer) -> QuestDBServer:
    """The shared QuestDB without any table."""
    for (view,) in shared_questdb.sql("SELECT view_name FROM materialized_views()"):
        shared_questdb.sql(f'DROP MATERIALIZED VIEW "{view}"')
    for (table,) in shared_questdb.sql("SELECT table_name FROM tables()"):
        shared_questdb.sql(f'DROP TABLE "{table}"')
    return shared_questdb

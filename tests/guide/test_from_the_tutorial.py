"""Does "Coming from the tutorial" work as written? Its SQL and its three shells, on a real QuestDB and Redis."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.guide.blocks import blocks
from tests.servers.process import Process, await_condition, free_port
from tests.servers.questdb import QuestDBServer
from tests.servers.redis import RedisServer
from tests.servers.target import Target

ROOT = Path(__file__).parents[2]
SAID = blocks(ROOT / "docs/guide/from-the-tutorial.md")
COMMANDS = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
OLD_URL = "https://questdb.io"
OLD_ROWS = 3
PORT_OF_GUIDE = "8000"


class Shells(NamedTuple):
    """The guide's API and worker, running."""

    base: str
    target: str


def read(url: str) -> str:
    """The text at that URL, or nothing while nobody answers there."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def series(base: str) -> dict[str, list[dict[str, Any]]]:
    """What the tutorial's client reads: records by URL."""
    return {entry["url"]: entry["records"] for entry in json.loads(read(f"{base}/signals?limit=60") or "[]")}


def write_tutorial_table(questdb: QuestDBServer) -> None:
    """The tutorial's table, with three rows written as its worker writes them."""
    questdb.sql(SAID["sql: table"].rstrip(";"))
    insert = SAID["sql: insert"].rstrip(";")
    for minute in range(OLD_ROWS):
        questdb.sql(insert.replace("T12:00:", f"T12:0{minute}:"))
    questdb.await_rows(OLD_ROWS)


def set_up(folder: Path, questdb: QuestDBServer, redis: RedisServer, target: str) -> None:
    """`signalbox init`, then the two lines of .env that the guide says to change, and what is watched."""
    assert "signalbox init --servers" in SAID["shell: setup"]
    init = Process([str(Path(sys.executable).with_name("signalbox")), "init", "--servers"], folder, "init")
    assert init.start().popen.wait(60) == 0, init.output()
    ours = {"SIGNALBOX_SIGNALS_URL": questdb.url, "SIGNALBOX_BROKER_URL": redis.url}
    assert [line.partition("=")[0] for line in SAID["env: servers"].splitlines()] == list(ours)
    with (folder / ".env").open("a", encoding="utf-8") as env:
        env.writelines(f"{name}={value}\n" for name, value in ours.items())
    manifest = f"monitors:\n  - {{url: '{OLD_URL}', every: 30d}}\n  - {{name: Here, url: '{target}', every: 2s}}\n"
    (folder / "signalbox.yaml").write_text(manifest, encoding="utf-8")


@contextmanager
def typed(command: str, folder: Path, name: str) -> Iterator[Process]:
    """A command of the guide, running in a shell of its own."""
    with Process(["sh", "-c", f"exec {command}"], folder, name, COMMANDS) as process:
        yield process.start()


@pytest.fixture
def shells(
    tmp_path: Path, questdb_server: QuestDBServer, redis_server: RedisServer, target: Target
) -> Iterator[Shells]:
    """The guide followed up to its second shell."""
    write_tutorial_table(questdb_server)
    set_up(tmp_path, questdb_server, redis_server, target.url("/ok"))
    port = free_port()
    assert f"--port {PORT_OF_GUIDE}" in SAID["shell: api"]
    api = SAID["shell: api"].replace(PORT_OF_GUIDE, str(port))
    base = f"http://127.0.0.1:{port}"
    with typed(api, tmp_path, "api") as serving, typed(SAID["shell: worker"], tmp_path, "worker") as working:

        def up() -> bool:
            for process in (serving, working):
                assert process.popen.poll() is None, f"{process.name} ended:\n{process.output()}"
            return read(f"{base}/healthz") != ""

        await_condition(up, "the API to answer")
        yield Shells(base, target.url("/ok"))


@pytest.mark.timeout(300)
def test_the_tutorials_readers_find_everything_where_it_was(shells: Shells, questdb_server: QuestDBServer) -> None:
    await_condition(lambda: series(shells.base).get(shells.target), "a first signal of the worker")
    its_client_reads_new_and_adopted_records(shells)
    its_sql_still_works(questdb_server)
    its_api_is_there_to_the_letter(shells.base)
    assert "service uptime in the past 60 minutes" in read(f"{shells.base}/").lower()


def its_client_reads_new_and_adopted_records(shells: Shells) -> None:
    """`/signals` has the worker's signals, and the rows of the tutorial's table, oldest first."""
    records = series(shells.base)
    newest = records[shells.target][-1]
    assert newest == {
        "url": shells.target,
        "http_status": 200,
        "available": True,
        "received": newest["received"],
    }
    assert newest["received"].endswith("Z")
    adopted = [record for record in records[OLD_URL] if record["received"].startswith("2026-11-01T12:0")]
    assert [record["received"][15] for record in adopted] == ["0", "1", "2"]
    assert {(record["http_status"], record["available"]) for record in adopted} == {(200, True)}


def its_sql_still_works(questdb: QuestDBServer) -> None:
    """The old rows are found by the old query, the old table is kept, and an old worker may still write."""
    newest = SAID["sql: newest"].rstrip(";")
    assert len(questdb.sql(newest)) >= OLD_ROWS
    kept = [table for (table,) in questdb.sql("SELECT table_name FROM tables()") if table != "signals"]
    assert any(questdb.sql(f'SELECT count() FROM "{table}"') == [(OLD_ROWS,)] for table in kept)
    questdb.sql(SAID["sql: insert"].rstrip(";").replace("T12:00:", "T12:30:"))
    await_condition(lambda: any(row_has(row, ":30:") for row in questdb.sql(newest)), "the tutorial's new row")


def its_api_is_there_to_the_letter(base: str) -> None:
    """Title, documentation, and the right to read from the dev server's origin, without credentials."""
    assert json.loads(read(f"{base}/openapi.json"))["info"]["title"] == "Status Page"
    for path in ("/docs", "/redoc"):
        assert "<html" in read(f"{base}{path}").lower()
    question = urllib.request.Request(f"{base}/signals", headers={"Origin": "http://localhost:3000"})
    with urllib.request.urlopen(question, timeout=10) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert answer.headers["Access-Control-Allow-Credentials"] is None


def row_has(row: tuple[Any, ...], text: str) -> bool:
    """Does any value of that row say this?"""
    return any(text in str(value) for value in row)


def test_the_third_shell_is_the_dev_server_on_port_3000() -> None:
    """`tests/e2e/test_dev_server.py` runs it."""
    folder, *_, start = SAID["shell: web"].splitlines()
    assert (folder, start) == ("cd web/page", "yarn dev")
    scripts = json.loads((ROOT / "web/page/package.json").read_text(encoding="utf-8"))["scripts"]
    assert scripts["dev"] == "nuxt dev --port 3000"

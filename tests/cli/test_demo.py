"""`signalbox demo` as a person starts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_up import COMMAND, run
from tests.servers.process import Process, await_condition, free_port

SMALL = ("--days", "2", "--raw", "1")
# Writes down whom a Python process looks up, connects to or sends to.
_WATCHING = """
import os, sys
def told(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname") or (
        event in ("socket.connect", "socket.sendto") and not isinstance(args[1], (str, bytes))
    ):
        with open(os.environ["TOLD"], "a") as file:
            file.write(f"{event} {args!r}\\n")
sys.addaudithook(told)
"""


@contextmanager
def running(folder: Path, *arguments: str, **env: str) -> Iterator[tuple[Process, int]]:
    """A demo that serves, and its port."""
    port = free_port()
    with Process([COMMAND, "demo", "--port", str(port), *arguments], folder, "demo", env) as process:
        process.start(lambda: "http://127.0.0.1" in process.output())
        yield process, port


def get(port: int, path: str) -> Any:
    """The JSON that it answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return json.load(answer)


def test_it_shows_twenty_services_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path, *SMALL, TMPDIR=str(tmp_path)) as (process, port):
        (made,) = tmp_path.glob("signalbox-demo-*")
        await_condition(lambda: get(port, "/api/page")["newest_result_at"], "the hour before")
        page = get(port, "/api/page")
        assert page["page"]["title"] == "Larkspur Maps status"
        assert sum(len(group["items"]) for group in page["groups"]) == 20
        assert [one["title"] for one in page["incidents"]][-1] == "Search is slow"
        assert page["headline"]["code"] not in {"stale", "no_data"}
        os.kill(process.popen.pid, signal.SIGINT)
        assert process.popen.wait(30) == 0
        assert "Traceback" not in process.output()
        assert not made.exists()


def test_it_goes_on_where_it_was_left(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--data", "here", "--no-serve", *SMALL)
    assert done.returncode == 0, done.stderr
    assert "2 days of past" in done.stderr
    first = (tmp_path / "here/demo.json").read_text(encoding="utf-8")
    with running(tmp_path, "--data", "here") as (process, port):
        assert "of past" not in process.output()
        await_condition(lambda: get(port, "/api/page")["newest_result_at"], "the hour before")
        assert "Search is slow" in {one["title"] for one in get(port, "/api/page")["incidents"]}
        assert process.stop() == 0
    assert (tmp_path / "here/demo.json").read_text(encoding="utf-8") == first


def test_it_looks_nobody_up_and_connects_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_WATCHING, encoding="utf-8")
    told = tmp_path / "told"
    told.touch()
    with running(tmp_path, *SMALL, PYTHONPATH=str(tmp_path), TOLD=str(told)) as (process, port):

        def newest() -> object:
            return get(port, "/api/page")["newest_result_at"]

        await_condition(newest, "the hour before")
        before = newest()
        await_condition(lambda: newest() != before, "a signal of now")
        assert process.stop() == 0
    assert told.read_text(encoding="utf-8") == ""


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "state.db").write_bytes(b"somebody's")
    done = run(tmp_path, "demo", "--data", "data", "--no-serve")
    assert done.returncode == 2
    assert "is no demo" in done.stderr
    assert "--data" in done.stderr
    assert [file.name for file in data.iterdir()] == ["state.db"]
    assert (data / "state.db").read_bytes() == b"somebody's"


@pytest.mark.parametrize("mark", ['{"complete": false}', "[]", "{"])
def test_a_demo_that_was_never_finished_is_said(tmp_path: Path, mark: str) -> None:
    (tmp_path / "demo.json").write_text(mark, encoding="utf-8")
    done = run(tmp_path, "demo", "--data", ".", "--no-serve")
    assert done.returncode == 2
    assert "remove the folder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("reached", ["", "lock", "demo.json", "state.db", "signals.db-wal"])
def test_after_a_kill_while_it_is_made_it_begins_or_says_what_to_do(tmp_path: Path, reached: str) -> None:
    """Killed as soon as that is in its folder."""
    here = tmp_path / "here"
    with Process([COMMAND, "demo", "--data", "here", "--no-serve", "--days", "90"], tmp_path, "demo") as killed:
        killed.start((here / reached).exists)
        killed.kill()
    again = run(tmp_path, "demo", "--data", "here", "--no-serve", *SMALL)
    if again.returncode:
        assert (again.returncode, "was never finished: remove the folder" in again.stderr) == (2, True), again.stderr
        shutil.rmtree(here)
        again = run(tmp_path, "demo", "--data", "here", "--no-serve", *SMALL)
    assert again.returncode == 0, again.stderr
    assert "2 days of past" in again.stderr


def test_nobody_is_told_to_remove_a_demo_that_is_being_made(tmp_path: Path) -> None:
    with Process([COMMAND, "demo", "--data", "here", "--no-serve", "--days", "90"], tmp_path, "demo") as making:
        making.start((tmp_path / "here/state.db").exists)
        making.signal(signal.SIGSTOP)
        again = run(tmp_path, "demo", "--data", "here", "--no-serve")
        making.signal(signal.SIGCONT)
    assert again.returncode == 2
    assert f"process {making.popen.pid} already" in again.stderr
    assert "remove" not in again.stderr


def test_what_the_environment_says_of_a_real_installation_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "SIGNALBOX_DATABASE_URL=postgresql://nobody:secret-enough@127.0.0.1:1/none\n"
        "SIGNALBOX_SIGNALS_URL=sqlite:///real.db\n",
        encoding="utf-8",
    )
    done = run(tmp_path, "demo", "--data", "here", "--no-serve", *SMALL)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "real.db").exists()
    assert {file.name for file in (tmp_path / "here").iterdir()} >= {"demo.json", "signals.db", "state.db"}

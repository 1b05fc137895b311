"""`signalbox up` as a person starts it: it works, or says in one breath what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.systems import BIN, System, embedded, write_manifest
from tests.servers.process import Process, await_condition, free_port, listens
from tests.servers.target import Target

COMMAND = str(BIN / "signalbox")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("SIGNALBOX_")}
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_without_a_manifest_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = run(tmp_path, "up")
    assert done.returncode == 2
    assert "signalbox init" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_bad_manifest_is_refused_and_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "signalbox.yaml").write_text("monitors:\n  - name: x\n    url: ftp://a\n", encoding="utf-8")
    done = run(tmp_path, "up")
    assert done.returncode == 2
    assert "signalbox.yaml:3" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SIGNALBOX_PORT=eight\n", encoding="utf-8")
    done = run(tmp_path, "up", "http://127.0.0.1:1")
    assert done.returncode == 2
    assert "SIGNALBOX_PORT" in done.stderr


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path, target: Target) -> None:
    done = run(tmp_path, "up", target.url("/ok"), "--port", str(target.port))
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_urls_need_no_file(tmp_path: Path, target: Target) -> None:
    port = free_port()
    command = [COMMAND, "up", target.url("/ok"), target.url("/gone"), "--port", str(port)]
    with Process(command, tmp_path, "up") as process:
        process.start(lambda: listens(port))
        await_condition(lambda: f"http://127.0.0.1:{port}/" in process.output(), "the page's URL")
        assert process.stop() == 0


def test_a_page_that_watches_itself_is_up_from_its_first_check_on(tmp_path: Path) -> None:
    port = free_port()
    own = f"http://127.0.0.1:{port}/healthz"
    system = System(tmp_path, port, "")
    with Process([COMMAND, "up", own, "--port", str(port)], tmp_path, "up") as process:
        process.start(lambda: listens(port))
        await_condition(lambda: system.records(own), "its first signal")
        assert all(record["available"] for record in system.records(own))


def test_an_address_that_is_not_ours_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "up", "http://127.0.0.1:1", "--host", "192.0.2.1")
    assert done.returncode == 2
    assert "--host" in done.stderr


def test_a_second_one_on_the_same_folder_is_refused_and_changes_nothing(tmp_path: Path, target: Target) -> None:
    write_manifest(tmp_path, [{"name": "first", "url": target.url("/ok")}])
    with embedded(tmp_path) as system:
        done = run(tmp_path, "up", target.url("/gone"), "--port", "0")
        assert done.returncode == 2
        assert str(system.parts["up"].popen.pid) in done.stderr
        page = system.get("/api/page")
        assert [item["name"] for group in page["groups"] for item in group["items"]] == ["first"]


def test_after_kill_9_everything_acknowledged_is_there_and_it_starts_again(tmp_path: Path, target: Target) -> None:
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok")}])
    with embedded(tmp_path) as system:
        await_condition(lambda: len(system.records(target.url("/ok"))) >= 2, "signals")
        shown = system.records(target.url("/ok"))
        system.parts["up"].kill()
    with embedded(tmp_path) as system:
        await_condition(lambda: len(system.records(target.url("/ok"))) > len(shown), "more signals than before")
        assert system.records(target.url("/ok"))[: len(shown)] == shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_asked(tmp_path: Path, target: Target, number: signal.Signals) -> None:
    write_manifest(tmp_path, [{"name": "hanging", "url": target.url("/hang")}])
    with embedded(tmp_path) as system:
        process = system.parts["up"]
        await_condition(lambda: target.asked["/hang"], "a check in flight")
        os.kill(process.popen.pid, number)
        assert process.popen.wait(30) == 0
        assert "Traceback" not in process.output()


def test_hanging_up_reloads_the_manifest(tmp_path: Path, target: Target) -> None:
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok")}])
    with embedded(tmp_path) as system:
        process = system.parts["up"]
        await_condition(lambda: process.output().count("manifest.applied") == 1, "the first reading")
        os.kill(process.popen.pid, signal.SIGHUP)
        await_condition(lambda: process.output().count("manifest.applied") == 2, "the second reading")


def test_the_command_names_its_version_and_its_commands() -> None:
    done = subprocess.run([sys.executable, "-m", "signalbox", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("signalbox ")

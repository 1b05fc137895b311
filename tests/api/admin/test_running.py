"""The closed part of a running `signalbox up`: what it makes is watched and shown at once, and survives a reload."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.api.serving import Answer, Client
from tests.cli.test_up import run
from tests.runner.systems import System, embedded, write_manifest
from tests.servers.process import await_condition
from tests.servers.target import Target


def _token(folder: Path, *scopes: str) -> str:
    made = run(folder, "token", "create", "test", *(part for scope in scopes for part in ("--scope", scope)))
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def _ask(system: System, token: str, path: str, method: str = "GET", body: Any = None) -> Answer:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return Client(system.port).ask(f"/api/v1{path}", method, headers, None if body is None else json.dumps(body))


def _shown(system: System) -> set[str]:
    return {item["name"] for group in system.get("/api/page")["groups"] for item in group["items"]}


def test_what_the_api_makes_is_asked_and_shown_and_stays_when_the_manifest_changes(
    tmp_path: Path, target: Target
) -> None:
    write_manifest(tmp_path, [{"name": "first", "url": target.url("/ok")}])
    with embedded(tmp_path) as system:
        token = _token(tmp_path, "monitors")
        check = {"kind": "http", "url": target.url("/gone")}
        made = _ask(system, token, "/monitors", "POST", {"id": "mine", "name": "mine", "every": "1s", "check": check})
        assert made.status == 201, made.text
        await_condition(lambda: system.records(target.url("/gone")), "it to be asked", 10)
        await_condition(lambda: _shown(system) == {"first", "mine"}, "it to be shown", 10)
        await_condition(lambda: _ask(system, token, "/monitors/mine/standing").json["verdict"] == "down", "its verdict")

        write_manifest(tmp_path, [{"name": "second", "url": target.url("/ok")}])
        os.kill(system.parts["up"].popen.pid, signal.SIGHUP)
        await_condition(lambda: _shown(system) == {"second", "mine"}, "the new manifest")
        assert _ask(system, token, "/monitors/mine").json["origin"] == "api"
        assert _ask(system, token, "/monitors/second").json["origin"] == "manifest"

        assert _ask(system, token, "/monitors/mine", "DELETE").status == 204
        await_condition(lambda: _shown(system) == {"second"}, "it to be gone")


def test_a_paused_monitor_is_not_asked_until_it_is_resumed(tmp_path: Path, target: Target) -> None:
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok")}])
    with embedded(tmp_path) as system:
        token = _token(tmp_path, "monitors")
        await_condition(lambda: target.asked["/ok"] > 1, "its first checks")
        assert _ask(system, token, "/monitors/fine/pause", "POST").json["paused"]
        await_condition(lambda: _ask(system, token, "/monitors/fine/standing").json["paused"], "the pause")
        await_condition(lambda: _rests(target), "no more checks")
        assert _ask(system, token, "/monitors/fine/resume", "POST").status == 200
        before = target.asked["/ok"]
        await_condition(lambda: target.asked["/ok"] > before + 1, "checks again")


def test_what_is_expected_is_kept_and_held_as_it_was_written(tmp_path: Path, target: Target) -> None:
    write_manifest(tmp_path, [])
    headers = {"content-length": "0", "x-nothing": {"exists": False}, "connection": {"contains": "close"}}
    with embedded(tmp_path) as system:
        token = _token(tmp_path, "monitors")
        for id_, path, expect in (("well", "/ok", {"headers": headers}), ("ill", "/broken", {"headers": headers})):
            check = {"kind": "http", "url": target.url(path), "expect": expect}
            spec = {"id": id_, "name": id_, "every": "1s", "recheck": "0s", "check": check}
            assert _ask(system, token, "/monitors", "POST", spec).status == 201

        def verdict(id_: str) -> Any:
            return _ask(system, token, f"/monitors/{id_}/standing").json.get("verdict")

        await_condition(lambda: verdict("ill") == "down", "the one that answers 500 to be down", 20)
        await_condition(lambda: verdict("well") == "up", "the one that is well to be up", 20)
        found = _ask(system, token, "/monitors/ill/evidence").json["items"]
        assert "status: expected 200-399; came 500" in str(found)


def test_a_monitor_is_asked_now_and_a_pause_ends_by_itself(tmp_path: Path, target: Target) -> None:
    write_manifest(tmp_path, [{"name": "rare", "url": target.url("/ok"), "every": "31d"}])
    with embedded(tmp_path) as system:
        token = _token(tmp_path, "monitors")
        await_condition(lambda: target.asked["/ok"] == 1, "its first look")
        assert _ask(system, token, "/monitors/rare/check", "POST").status == 202
        await_condition(lambda: target.asked["/ok"] == 2, "the check that was asked for", 10)
        soon = datetime.now(UTC) + timedelta(seconds=2)
        paused = _ask(system, token, "/monitors/rare/pause", "POST", {"until": soon.isoformat()})
        assert paused.json["paused_until"]
        assert _ask(system, token, "/monitors/rare/check", "POST").status == 409
        await_condition(lambda: not _ask(system, token, "/monitors/rare").json["paused"], "its end", 10)


def _rests(target: Target) -> bool:
    """Is it not asked for three intervals?"""
    before = target.asked["/ok"]
    subprocess.run(["sleep", "3"], check=True)
    return target.asked["/ok"] == before

"""`signalbox token` as a person types it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.cli.test_up import run


def test_a_token_is_shown_once_and_kept_nowhere(tmp_path: Path) -> None:
    made = run(tmp_path, "token", "create", "deploy", "--scope", "read", "--scope", "incidents", "--expires", "90d")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    assert secret.startswith("sbx_")
    assert len(secret) >= 4 + 22  # 128 bits
    for file in (tmp_path / "data").iterdir():
        assert secret[4:].encode() not in file.read_bytes(), file
    listed = json.loads(run(tmp_path, "token", "list", "--json").stdout)
    assert [(one["name"], one["scopes"]) for one in listed] == [("deploy", ["read", "incidents"])]
    assert listed[0]["expires_at"] > listed[0]["created_at"]
    assert secret not in run(tmp_path, "token", "list").stdout


def test_a_revoked_token_is_gone_and_its_name_is_free(tmp_path: Path) -> None:
    for _ in range(2):
        assert run(tmp_path, "token", "create", "ci", "-s", "read").returncode == 0
        assert run(tmp_path, "token", "revoke", "ci").returncode == 0
    assert json.loads(run(tmp_path, "token", "list", "--json").stdout) == []
    assert "signalbox token create" in run(tmp_path, "token", "list").stdout
    with sqlite3.connect(tmp_path / "data" / "state.db") as database:
        actions = database.execute("SELECT action, kind, subject, actor FROM audit ORDER BY id").fetchall()
    assert [action for action, *_ in actions] == ["create", "revoke"] * 2
    assert all(actor.startswith("cli") for *_, actor in actions)


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    assert run(tmp_path, "token", "create", "ci", "-s", "read").returncode == 0
    for arguments, word in (
        (("create", "ci", "-s", "read"), "already"),
        (("create", "other", "-s", "everything"), "everything"),
        (("create", "other", "-s", "read", "--expires", "soon"), "--expires"),
        (("revoke", "nobody"), "nobody"),
    ):
        done = run(tmp_path, "token", *arguments)
        assert done.returncode in {1, 2}
        assert word in done.stderr
        assert "Traceback" not in done.stderr

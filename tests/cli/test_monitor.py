"""`signalbox monitor`, `signalbox audit`: verbs of the API, typed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_up import run

URL = "https://ada:planted@example.com/health?token=planted"


def test_a_monitor_s_life(tmp_path: Path) -> None:
    added = run(tmp_path, "monitor", "add", URL, "--group", "Core", "--tag", "a", "--tag", "b", "--every", "30s")
    assert added.returncode == 0, added.stderr
    assert "example-com-health" in added.stdout
    assert "is paused until" in run(tmp_path, "monitor", "pause", "example-com-health", "--for", "2h").stdout
    assert run(tmp_path, "monitor", "check", "example-com-health").returncode == 1
    assert run(tmp_path, "monitor", "resume", "example-com-health").returncode == 0
    assert "is asked" in run(tmp_path, "monitor", "check", "example-com-health").stdout
    assert json.loads(run(tmp_path, "monitor", "evidence", "example-com-health", "--json").stdout) == []
    for verb in ("pause", "resume"):
        assert run(tmp_path, "monitor", verb, "example-com-health").returncode == 0
    shown = json.loads(run(tmp_path, "monitor", "show", "example-com-health").stdout)
    assert (shown["origin"], shown["paused_at"], shown["spec"]["every"]) == ("api", None, 30.0)
    assert shown["spec"]["tags"] == ["a", "b"]
    listed = run(tmp_path, "monitor", "list")
    assert "example-com-health" in listed.stdout
    assert run(tmp_path, "monitor", "archive", "example-com-health").returncode == 0
    assert json.loads(run(tmp_path, "monitor", "list", "--json").stdout) == []
    log = json.loads(run(tmp_path, "audit", "--json").stdout)
    assert [one["action"] for one in log] == ["archive", "resume", "pause", "check", "resume", "pause", "create"]
    assert all(one["actor"].startswith("cli") for one in log)
    assert "pause monitor example-com-health" in " ".join(run(tmp_path, "audit").stdout.split())
    printed = [added.stdout, json.dumps(shown), listed.stdout, json.dumps(log)]
    assert "planted" not in "".join(printed)


def test_what_is_wrong_is_said_in_one_line_and_without_the_secret(tmp_path: Path) -> None:
    assert run(tmp_path, "monitor", "add", URL).returncode == 0
    for arguments, word in (
        (("add", URL), "already"),
        (("add", "ftp://ada:planted@example.com"), "URL"),
        (("add", "https://ada:planted@[example.com"), "URL"),
        (("add", "https://example.org", "--every", "soon"), "--every"),
        (("add", "https://example.org", "--method", "LO OK"), "--method"),
        (("pause", "nobody"), "nobody"),
    ):
        done = run(tmp_path, "monitor", *arguments)
        assert done.returncode in {1, 2}, arguments
        assert word in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "planted" not in done.stderr


def test_other_kinds_are_added_by_their_urls(tmp_path: Path) -> None:
    added = run(tmp_path, "monitor", "add", "tcp://db.example.com:5432")
    assert added.stdout == '"db-example-com-5432" is watched: tcp://db.example.com:5432 every 1m\n'
    assert "tcp://db.example.c" in run(tmp_path, "monitor", "list").stdout  # the table folds what is long
    wrong = run(tmp_path, "monitor", "add", "tcp://db.example.com")
    assert (wrong.returncode, wrong.stderr) == (2, "signalbox: URL: write the port, too: tcp://host:port\n")

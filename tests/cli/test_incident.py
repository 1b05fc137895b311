"""`signalbox incident`: from the first word to the postmortem, typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_up import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation that watches `db`."""
    added = run(tmp_path, "monitor", "add", "https://example.com", "--id", "db", "--name", "Database")
    assert added.returncode == 0, added.stderr
    return tmp_path


def said(folder: Path, *arguments: str) -> Any:
    """What a subcommand prints with --json."""
    done = run(folder, "incident", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_incident_is_told_to_its_end(folder: Path) -> None:
    made = said(
        folder, "open", "--title", "Slow", "--impact", "major", "--monitor", "db=degraded", "--message", "We **look**.",
        "--next-update", "30m", "--started", "10m ago", "--no-notify",
    )  # fmt: skip
    id_ = made["id"]
    assert (made["title"], made["impact"], made["monitors"]) == ("Slow", "major", {"db": "degraded"})
    assert (made["notify"], made["next_update_by"] > made["created_at"] > made["started_at"]) == (False, True)
    assert said(folder, "update", id_, "--status", "identified", "-m", "Found.")["status"] == "identified"
    assert said(folder, "edit", id_, "--update", "2", "-m", "An index.")["edits"][0]["earlier"] == "Found."
    assert said(folder, "edit", id_, "--title", "Was slow")["title"] == "Was slow"
    assert "db=degraded" in run(folder, "incident", "list").stdout
    over = said(folder, "resolve", id_, "-m", "Done.")
    assert (over["status"], over["monitors"]) == ("resolved", {"db": "operational"})
    assert said(folder, "postmortem", id_, "-m", "Learnt.")["postmortem"] == "Learnt."
    shown = run(folder, "incident", "show", id_).stdout
    for words in ("Was slow  (major)", "An index.", "identified, edited", "Postmortem"):
        assert words in shown
    assert said(folder, "list") == []
    assert [one["id"] for one in said(folder, "list", "--resolved")] == [id_]


def test_drafts_are_published_and_discarded(folder: Path) -> None:
    first, second = (said(folder, "open", "--title", "Trouble", "--draft")["id"] for _ in range(2))
    assert said(folder, "publish", first)["draft"] is False
    said(folder, "update", first, "-m", "Later.", "--draft")
    said(folder, "publish", first, "--update", "2")
    assert run(folder, "incident", "discard", second).returncode == 0
    assert [one["id"] for one in said(folder, "list")] == [first]


WRONG: list[tuple[Sequence[str], int, str]] = [
    (("open",), 2, "write a title, or name a template"),
    (("open", "--title", "x", "--monitor", "db"), 2, "--monitor db: write its id and its state"),
    (("open", "--title", "x", "--monitor", "db=bad"), 2, "--monitor: Input should be 'operational'"),
    (("open", "--title", "x", "--monitor", "none=major"), 1, "there is no monitor none"),
    (("open", "--title", "x", "--started", "soon"), 2, "--started: write a time such as"),
    (("open", "--title", "x", "--started", "2090-01-01"), 1, "still to come"),
    (("open", "--title", "x", "--next-update", "soon"), 2, "--next-update: write a duration"),
    (("open", "--template", "none"), 1, 'there is no template "none"'),
    (("edit", "abc"), 2, "write what to change"),
    (("edit", "abc", "-m", "x"), 2, "say which one with --update N"),
    (("edit", "abc", "--title", "x", "--update", "1"), 2, "leave --update out"),
    (("resolve", "abc"), 1, 'there is no incident "abc"'),
]


def test_what_is_wrong_is_said_in_one_line(folder: Path) -> None:
    for arguments, code, words in WRONG:
        done = run(folder, "incident", *arguments)
        assert (done.returncode, words in done.stderr) == (code, True), (arguments, done.stderr)
        assert len(done.stderr.splitlines()) == 1

"""`signalbox maintenance`: from the beginning of some work to its end, typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_up import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation that watches `db` in the group Core, tagged prod."""
    added = run(tmp_path, "monitor", "add", "https://example.com", "--id", "db", "--group", "Core", "--tag", "prod")
    assert added.returncode == 0, added.stderr
    return tmp_path


def said(folder: Path, *arguments: str) -> Any:
    """What a subcommand prints with --json."""
    done = run(folder, "maintenance", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_work_begins_lasts_longer_and_ends(folder: Path) -> None:
    began = run(folder, "maintenance", "start", "--for", "30m", "db", "tag:prod", "group:Core", "--title", "Repairs")
    assert began.returncode == 0, began.stderr
    assert '"repairs" (Repairs): under way until' in began.stdout
    (listed,) = said(folder, "list")
    assert (listed["id"], listed["state"], listed["origin"]) == ("repairs", "running", "api")
    assert [listed["spec"][key] for key in ("monitors", "tags", "groups")] == [["db"], ["prod"], ["Core"]]
    longer = said(folder, "extend", "repairs", "--for", "15m")
    assert longer["window"]["end"] > longer["window"]["planned"] == listed["window"]["end"]
    table = " ".join(run(folder, "maintenance", "list").stdout.split())
    assert "db, tag:prod, group:Core" in table
    assert said(folder, "end", "repairs")["state"] == "over"
    assert said(folder, "list") == []
    assert [one["id"] for one in said(folder, "list", "--over")] == ["repairs"]
    log = json.loads(run(folder, "audit", "--kind", "maintenance", "--json").stdout)
    assert [one["action"] for one in log] == ["end", "extend", "start"]


def test_work_is_announced_looked_at_and_taken_back(folder: Path) -> None:
    made = said(
        folder, "schedule", "--title", "Backup", "--all", "--start", "2026-03-01 02:30", "--for", "1h", "--rrule",
        "FREQ=DAILY", "--timezone", "Europe/Budapest", "--expect", "brief",
    )  # fmt: skip
    assert (made["id"], made["spec"]["expected"], made["next"]["start"][:4] >= "2026") == ("backup", "brief", True)
    found = said(folder, "preview", "backup")
    assert len(found) >= 10
    cancelled = run(folder, "maintenance", "cancel", "backup")
    assert cancelled.returncode == 0, cancelled.stderr
    assert said(folder, "list", "--over") == []


def test_a_rule_is_looked_at_before_it_is_announced(folder: Path) -> None:
    rule = ("--rrule", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "--start", "2099-01-01 02:30")
    shown = run(folder, "maintenance", "preview", *rule, "--timezone", "Europe/Budapest")
    assert shown.returncode == 0, shown.stderr
    table = " ".join(shown.stdout.split())
    assert "Europe/Budapest" in table
    assert "begins later: clocks skip its time" in table
    found = said(folder, "preview", *rule, "--timezone", "Europe/Budapest")
    assert len(found) == 10
    assert found[0] == {
        "start": "2099-03-29T01:30:00.000000Z", "end": "2099-03-29T02:30:00.000000Z", "marks": ["moved"]
    }  # fmt: skip


WRONG: list[tuple[Sequence[str], int, str]] = [
    (("start", "--for", "30m"), 2, "write what it touches, such as"),
    (("start", "--for", "30m", "db", "--all"), 2, "write what it touches, such as"),
    (("start", "--for", "soon", "db"), 2, "--for: write a duration such as 30s"),
    (("start", "--for", "500d", "db"), 1, "for: work lasts at least 1s and at most 366d"),
    (("start", "--for", "1h", "host:db"), 2, "host:db: write the id of a monitor, tag:NAME"),
    (("start", "--for", "1h", "dbb"), 1, 'there is no monitor "dbb"; did you mean "db"?'),
    (("start", "--for", "1h", "page:none"), 1, 'there is no page "none"'),
    (("schedule", "--title", "x", "--start", "soon", "--for", "1h", "db"), 2, "--start: write a day and a time"),
    (("schedule", "--title", "x", "--start", "2026-12-24 22:00", "db"), 2, "does not say when it ends: add"),
    (("preview",), 2, "write either the ID of what is announced, or --rrule"),
    (("preview", "--rrule", "FREQ=MINUTELY"), 2, "--rrule: windows come hourly at most"),
    (("preview", "--rrule", "FREQ=DAILY", "--timezone", "Nowhere"), 2, "--timezone: no such time zone"),
    (("end", "nothing"), 1, 'there is no maintenance "nothing"'),
]


def test_what_is_wrong_is_said_in_one_line(folder: Path) -> None:
    for arguments, code, words in WRONG:
        done = run(folder, "maintenance", *arguments)
        assert (done.returncode, words in done.stderr) == (code, True), (arguments, done.stderr)
        assert len(done.stderr.splitlines()) == 1


def test_help_names_the_verbs(folder: Path) -> None:
    shown = run(folder, "maintenance", "--help").stdout
    for verb in ("start", "schedule", "end", "extend", "cancel", "list", "preview"):
        assert verb in shown

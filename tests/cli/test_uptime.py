"""`signalbox uptime` and `signalbox annotation` as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signalbox.db import Database
from signalbox.uptime.days import moment
from tests.cli.test_up import run
from tests.uptime.test_service import judge, watch

DAY = ("--window", "2024-11-23")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with an installation of two monitors and a day of history."""
    data = tmp_path / "data"
    data.mkdir()
    database = Database(f"sqlite:///{data / 'state.db'}", data=data)
    database.migrate()
    with database.begin() as session:
        watch(session, "api", "docs")
        judge(session, "api", (-9, 6, "up"), (6, 7, "down"), (7, 24, "up"))
    database.close()
    return tmp_path


def test_uptime_is_shown_with_its_coverage_and_its_sum(here: Path) -> None:
    shown = run(here, "uptime", *DAY)
    assert shown.returncode == 0, shown.stderr
    assert "95.83 %" in shown.stdout
    assert "1 h down of 24 h" in shown.stdout
    assert "—" in shown.stdout  # docs
    one, other = json.loads(run(here, "uptime", *DAY, "--json").stdout)
    assert (one["monitor"], one["uptime"], one["coverage"], one["seconds"]["down"]) == ("api", 95.83, 100.0, "3600")
    assert (other["monitor"], other["uptime"], other["coverage"]) == ("docs", None, None)


def test_a_receipt_is_shown_and_an_annotation_changes_it(here: Path) -> None:
    shown = run(here, "uptime", "api", *DAY, "--receipt", "--zone", "Europe/Budapest")
    assert shown.returncode == 0, shown.stderr
    assert "2024-11-23 07:00:00" in shown.stdout
    assert "✕ down" in shown.stdout
    document = json.loads(run(here, "uptime", "api", *DAY, "--receipt", "--json").stdout)[0]
    (spell,) = [piece["spell"] for piece in document["pieces"] if piece["counted"] == "down"]
    said = run(here, "annotation", "add", "api", "false-positive", "--spell", str(spell), "--note", "our proxy")
    assert said.returncode == 0, said.stderr
    assert json.loads(run(here, "uptime", "api", *DAY, "--json").stdout)[0]["uptime_text"] == "100.00"
    assert "our proxy" in " ".join(run(here, "uptime", "api", *DAY, "--receipt").stdout.split())  # it may be wrapped
    (listed,) = json.loads(run(here, "annotation", "list", "api", "--json").stdout)
    assert (listed["monitor"], listed["what"], listed["note"]) == ("api", "false-positive", "our proxy")
    assert run(here, "annotation", "withdraw", str(listed["id"])).returncode == 0
    assert json.loads(run(here, "uptime", "api", *DAY, "--json").stdout)[0]["uptime_text"] == "95.83"
    assert "withdrawn" in run(here, "annotation", "list", "--all").stdout


def test_a_time_is_annotated_in_the_zone_it_is_said_in(here: Path) -> None:
    said = run(here, "annotation", "add", "api", "maintenance", "--from", "2024-11-23T07:30", "--to",
               "2024-11-23T08:30", "--zone", "Europe/Budapest")  # fmt: skip
    assert "2024-11-23T06:30:00Z to 2024-11-23T07:30:00Z" in said.stdout, said.stderr
    (one,) = json.loads(run(here, "uptime", "api", *DAY, "--json").stdout)
    assert (one["seconds"]["down"], one["seconds"]["maintenance"]) == ("1800", "3600")
    assert moment("2024-11-23T07:30", "Europe/Budapest") == moment("2024-11-23T06:30Z", "UTC")


def test_wrong_flags_are_said_in_one_line(here: Path) -> None:
    for arguments, word, code in (
        (("uptime", "--window", "soon"), "30d", 2),
        (("uptime", "--zone", "Europe/Budapst"), "Europe/Budapest", 2),
        (("uptime", "nobody"), "nobody", 1),
        (("annotation", "add", "api", "our-side"), "--spell", 2),
        (("annotation", "add", "api", "our-side", "--from", "2024-11-23", "--to", "2100-01-01"), "past", 1),
        (("annotation", "withdraw", "9"), "annotation 9", 1),
    ):
        done = run(here, *arguments)
        assert (done.returncode, word in done.stderr) == (code, True), (arguments, done.stderr)
        assert "Traceback" not in done.stderr

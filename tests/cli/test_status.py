"""`signalbox status`: what is true, in words, signs and an exit code; what is old is never green."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import insert

from signalbox.cli import status
from signalbox.cli.looks import lasted
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.incidents import writing
from signalbox.incidents.specs import IncidentSpec
from signalbox.ledger import LedgerRow
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.specs import What
from signalbox.monitors import editing, standings
from signalbox.monitors.judge import Standing
from signalbox.monitors.specs import MonitorSpec
from signalbox.signals import Reason, Verdict
from tests.cli.test_up import run
from tests.runner.systems import embedded, write_manifest
from tests.servers.process import await_condition
from tests.servers.target import Target

NOW = 1_800_000_000 * MICROS
DOWN = Standing(Verdict.DOWN, Verdict.DOWN, Reason.CONNECT, "connection refused", NOW - 725 * MICROS)
UP = Standing(Verdict.UP, Verdict.UP, Reason.OK, "", NOW - 90_000 * MICROS)


def watched(database: Database, stands: dict[str, Standing | None], *, asked: int = NOW) -> None:
    with database.begin() as session:
        for id_, standing in stands.items():
            check = {"kind": "http", "url": "https://example.com"}
            spec = MonitorSpec.model_validate({"id": id_, "name": id_.title(), "group": "Core", "check": check})
            editing.create(session, spec, by="x", now=NOW)
            if standing is not None:
                standings.save(session, {id_: standing})
        session.execute(
            insert(LedgerRow).values(moment=asked, location="local", part=0, due=1, settled=1, revision=1, missed=0)
        )


def seen(database: Database, now: int = NOW, everything: bool = False) -> tuple[status.Status, str]:
    with database.read() as session:
        found = status.gathered(session, now)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(status.report(found, everything))
    return found, console.export_text()


def test_what_is_down_is_said_with_its_reason_and_for_how_long(database: Database) -> None:
    watched(database, {"api": DOWN, "web": UP, "new": None})
    found, text = seen(database)
    assert found.trouble
    assert "1 down · 1 no data · 1 up" in text
    line = next(line for line in text.splitlines() if "Api" in line)
    assert "✕ down" in line
    assert "for 12 min" in line
    assert "connect: connection refused" in line
    assert "✓ up" in next(line for line in text.splitlines() if "Web" in line)
    assert "waiting for its first checks" in next(line for line in text.splitlines() if "New" in line)


def test_nothing_down_is_no_trouble_and_a_paused_one_neither(database: Database) -> None:
    watched(database, {"web": UP, "api": DOWN})
    with database.begin() as session:
        editing.pause(session, "api", by="x", now=NOW)
    found, text = seen(database)
    assert not found.trouble
    assert "1 up · 1 paused" in text


def test_what_nobody_has_asked_about_for_long_is_old(database: Database) -> None:
    watched(database, {"web": UP})
    assert not seen(database, NOW + 180 * MICROS)[0].trouble
    found, text = seen(database, NOW + 200 * MICROS)
    assert found.is_old
    assert found.trouble
    assert "last we knew" in text
    assert status.document(found)["watched"] is False


def test_of_many_only_those_that_are_not_up_are_listed(database: Database) -> None:
    watched(database, {"api": DOWN, **{f"m{number}": UP for number in range(50)}})
    _, text = seen(database)
    assert "Api" in text
    assert "M7" not in text
    assert "and 50 that are up" in text
    assert "M7" in seen(database, everything=True)[1]


def test_work_under_way_and_open_incidents_are_shown_and_what_is_worked_on_is_no_trouble(database: Database) -> None:
    watched(database, {"api": DOWN, "web": UP})
    with database.begin() as session:
        what, spec = What(monitors=("api",)), IncidentSpec(title="Slow uploads", body="We look into it.")
        maintenance.start_now(session, title="Moving house", for_=3600.0, what=what, by="x", now=NOW)
        writing.open_(session, spec, by="x", now=NOW)
    found, text = seen(database)
    assert not found.trouble
    assert "1 maintenance · 1 up" in text
    assert "◆ maintenance" in next(line for line in text.splitlines() if "Api" in line)
    assert "◆ Moving house  until" in text
    assert "! Slow uploads  investigating" in text
    shown = status.document(found)
    assert [one["title"] for one in shown["maintenance"]] == ["Moving house"]
    assert [one["title"] for one in shown["incidents"]] == ["Slow uploads"]
    assert [one["maintenance"] for one in shown["monitors"]] == [True, False]


def test_an_empty_installation_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path, "status")
    assert done.returncode == 0
    assert "signalbox monitor add" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.9, "59 s"), (725, "12 min"), (11_100, "3 h 5 min"), (187_200, "2 d 4 h")]
)
def test_how_long_something_lasts_is_said_in_two_units_at_most(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


def test_it_tells_of_a_running_installation(tmp_path: Path, target: Target) -> None:
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok")}])
    with embedded(tmp_path):
        await_condition(lambda: run(tmp_path, "status").returncode == 0, "somebody to watch")
        await_condition(
            lambda: json.loads(run(tmp_path, "status", "--json").stdout)["monitors"][0]["verdict"] == "up",
            "its verdict",
        )
        assert json.loads(run(tmp_path, "status", "--json").stdout)["monitors"][0]["uptime_24h"] == 100.0
        down = run(tmp_path, "monitor", "add", target.url("/gone"), "--every", "1s", "--id", "gone")
        assert down.returncode == 0
        await_condition(lambda: run(tmp_path, "status").returncode == 1, "the outage")
        assert "✕ down" in run(tmp_path, "status").stdout

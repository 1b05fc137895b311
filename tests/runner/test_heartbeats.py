"""Heartbeats through the whole product: on time, over restarts, and after `kill -9`."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.errors import SignalboxError
from signalbox.monitors import standings
from signalbox.monitors.judge import Standing
from signalbox.monitors.models import SpellRow
from signalbox.signals import Reason, Signal, Verdict
from tests.runner.systems import BIN, MODES, System, distributed, embedded, write_manifest
from tests.servers.process import Process, await_condition, listens

pytestmark = pytest.mark.timeout(240)

TOKEN = "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A"


def watch(folder: Path, interval: str = "4s", grace: str = "1s", every: str = "60s") -> None:
    """Watch a job, which is written down how it stands only each minute, and something that people watch."""
    check = {"kind": "push", "token": TOKEN, "interval": interval, "grace": grace}
    job = {"id": "job", "name": "Job", "check": check, "every": every}
    write_manifest(folder, [job, {"id": "ferry", "name": "Ferry", "check": {"kind": "manual"}, "every": every}])


def ping(system: System, more: str = "") -> int:
    """Send a heartbeat; when it was answered."""
    with urllib.request.urlopen(f"http://127.0.0.1:{system.port}/ping/{TOKEN}{more}", timeout=10) as answer:
        assert answer.read() == b"OK"
    return clock.now()


def standing(system: System, monitor: str = "job") -> Standing:
    """How it stands."""
    with suppress(SignalboxError), system.database() as database, database.read() as session:
        return standings.load(session, [monitor]).get(monitor, Standing())
    return Standing()  # its tables are still being made


def stands(system: System, verdict: Verdict, monitor: str = "job") -> Standing:
    """How it stands, once it stands so."""
    await_condition(
        lambda: standing(system, monitor).verdict is verdict, f"{monitor} to be {verdict}; {system.output()}"
    )
    return standing(system, monitor)


def silence(system: System) -> Signal:
    """The first signal that says that no heartbeat came."""
    return next(one for one in sorted(system.stored(), key=lambda one: one.moment) if one.reason is Reason.SILENT)


@pytest.mark.parametrize("mode", list(MODES))
def test_a_heartbeat_that_does_not_come_is_down_at_its_deadline(mode: str, tmp_path: Path) -> None:
    watch(tmp_path)
    with MODES[mode](tmp_path) as system:
        await_condition(lambda: listens(system.port) and standing(system).since, "a first look")
        assert standing(system).verdict is Verdict.UNKNOWN
        heard = ping(system)
        stands(system, Verdict.UP)
        down = stands(system, Verdict.DOWN)
        assert down.reason is Reason.SILENT
        assert abs(down.since - (heard + 5 * MICROS)) < MICROS
        first = silence(system)
        assert first.observed - (heard + 5 * MICROS) < MICROS
        ping(system)
        stands(system, Verdict.UP)
        ping(system, "/7")
        assert stands(system, Verdict.DOWN).message == "exit status 7"


def test_a_deadline_that_comes_after_a_restart_is_kept(tmp_path: Path) -> None:
    watch(tmp_path, interval="12s")
    with embedded(tmp_path) as system:
        heard = ping(system)
        stands(system, Verdict.UP)
        system.parts["up"].kill()
    with embedded(tmp_path) as system:
        down = stands(system, Verdict.DOWN)
        assert abs(down.since - (heard + 13 * MICROS)) < MICROS
        assert abs(silence(system).observed - (heard + 13 * MICROS)) < MICROS


def test_a_deadline_that_passed_while_the_process_was_off_is_told_at_once(tmp_path: Path) -> None:
    watch(tmp_path, interval="3s")
    with embedded(tmp_path) as system:
        heard = ping(system)
        stands(system, Verdict.UP)
        system.parts["up"].kill()
    await_condition(lambda: clock.now() > heard + 5 * MICROS, "the deadline to pass")
    with embedded(tmp_path) as system:
        began = clock.now()
        down = stands(system, Verdict.DOWN)
        assert abs(down.since - (heard + 4 * MICROS)) < MICROS
        assert silence(system).observed - began < 2 * MICROS


def test_a_ping_that_was_answered_is_judged_whatever_happens(tmp_path: Path) -> None:
    watch(tmp_path, interval="1h")
    with embedded(tmp_path) as system:
        ping(system)
        stands(system, Verdict.UP)
        failed = ping(system, "/3")
        system.parts["up"].kill()  # before anybody can have looked
        assert standing(system).verdict is Verdict.UP
    with embedded(tmp_path) as system:
        down = stands(system, Verdict.DOWN)
        assert down.message == "exit status 3"
        assert abs(down.since - failed) < MICROS


def test_pings_outlive_kill_after_kill(tmp_path: Path) -> None:
    watch(tmp_path, interval="1h")
    answered = 0
    for _ in range(3):
        with embedded(tmp_path) as system:
            for number in range(10):
                ping(system, f"/{number % 2}")
                answered += 1
            system.parts["up"].kill()
    with embedded(tmp_path) as system:
        await_condition(lambda: len(told(system)) == answered, f"{answered} signals of their own moment")
        assert stands(system, Verdict.DOWN).message == "exit status 1"


def told(system: System) -> set[int]:
    """Moments of signals that pings made."""
    return {one.moment for one in system.stored() if one.monitor == "job" and one.message in {"", "exit status 1"}
            and one.moment % MICROS and one.reason in {Reason.OK, Reason.STATUS}}  # fmt: skip


def test_two_workers_are_as_good_as_one(tmp_path: Path) -> None:
    watch(tmp_path, interval="1h")
    command = [str(BIN / "celery"), "--app", "signalbox.runner.celery", "worker", "-Q", "main-queue", "-c", "1"]
    with distributed(tmp_path) as system, Process([*command, "-n", "second@%h"], tmp_path, "second") as second:
        await_condition(lambda: listens(system.port) and standing(system).since, "a first look")
        second.start(lambda: "ready" in second.output())
        ping(system)
        stands(system, Verdict.UP)
        for _ in range(3):
            ping(system, "/1")
            stands(system, Verdict.DOWN)
            ping(system)
            stands(system, Verdict.UP)
        with system.database() as database, database.read() as session:
            spells = session.scalars(select(SpellRow).where(SpellRow.monitor == "job").order_by(SpellRow.start)).all()
        assert [one.verdict for one in spells] == ["unknown", *["up", "down"] * 3, "up"]
        await_condition(lambda: len(told(system)) == 7, "each ping's signal, once")
        assert "Traceback" not in system.output() + second.output()


def test_people_say_how_something_stands(tmp_path: Path) -> None:
    watch(tmp_path)
    with embedded(tmp_path) as system:
        command = [str(BIN / "signalbox"), "monitor", "set", "ferry", "down", "in the dock"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        assert stands(system, Verdict.DOWN, "ferry").message == "in the dock"
        subprocess.run([*command[:-2], "up"], cwd=tmp_path, check=True, capture_output=True)
        stands(system, Verdict.UP, "ferry")
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{system.port}/ping/ferry", timeout=10)
        await_condition(lambda: shown(system)["Ferry"] == "operational", "the page to show it")


def shown(system: System) -> dict[str, str]:
    """States on the page, by name."""
    page = system.get("/api/page")
    return {item["name"]: item["state"] for group in page["groups"] for item in group["items"]}

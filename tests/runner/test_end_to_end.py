"""One story over both runners: what is due is asked, kept, counted and shown, with hanging targets among it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.clock import MICROS
from signalbox.signals import Reason, Verdict
from tests.runner.systems import MODES, System, write_manifest
from tests.servers.process import await_condition, listens
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(params=list(MODES))
def system(request: pytest.FixtureRequest, tmp_path: Path, target: Target) -> Iterator[System]:
    """A running installation that watches good, bad and hanging URLs every second."""
    hanging = [{"name": f"hang {number}", "url": target.url(f"/hang?n={number}")} for number in range(10)]
    write_manifest(
        tmp_path,
        [
            {"name": "fine", "url": target.url("/ok")},
            {"name": "gone", "url": target.url("/gone"), "group": "Bad"},
            *hanging,
        ],
    )
    with MODES[request.param](tmp_path) as running:
        try:
            await_condition(lambda: listens(running.port) and len(running.records(target.url("/ok"))) >= 8, "signals")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{running.output()}") from error
        yield running


def test_a_signal_is_asked_kept_counted_and_shown(system: System, target: Target) -> None:
    fine, gone = system.records(target.url("/ok")), system.records(target.url("/gone"))
    assert {(record["http_status"], record["available"]) for record in fine} == {(200, True)}
    assert {(record["http_status"], record["available"]) for record in gone} == {(404, False)}
    assert all(record["received"].endswith("Z") for record in fine)
    assert [record["received"] for record in fine] == sorted(record["received"] for record in fine)

    # hanging targets hold up nobody: the healthy one has every second, and they themselves end by their deadline
    await_condition(lambda: system.records(target.url("/hang?n=9")), "a hanging target's record")
    signals = system.stored()
    moments = sorted(signal.moment for signal in signals if signal.monitor == "fine")
    slots = [moment for moment in moments if moment % MICROS == 0]
    assert len(moments) - len(slots) <= 1  # a new monitor is asked at once, unless its first slot comes sooner
    assert slots == list(range(slots[0], slots[-1] + 1, MICROS))
    hung = [signal for signal in signals if signal.monitor.startswith("hang")]
    assert {(s.http_status, s.available, s.verdict, s.reason) for s in hung} == {
        (-1, False, Verdict.DOWN, Reason.TIMEOUT)
    }
    totals = [signal.total or 0 for signal in hung]
    assert min(totals) > 2_900
    assert max(totals) < 10_000  # three seconds, and room for a busy machine

    # nothing that was due more than a timeout ago is unanswered
    await_condition(lambda: not system.open_batches(older_than=5), "every batch to be settled")

    page = system.get("/api/page")
    states = {item["name"]: item["state"] for group in page["groups"] for item in group["items"]}
    assert states["fine"] == "operational"
    assert states["gone"] == "major"
    assert page["headline"]["code"] == "major"


def test_a_stop_takes_five_seconds_at_the_most_and_loses_nothing(system: System, target: Target) -> None:
    shown = len(system.records(target.url("/ok")))
    started = time.monotonic()
    for part in reversed(system.parts.values()):
        assert part.stop() in (0, -signal.SIGTERM), system.output()  # raw uvicorn ends as the signal says
    assert time.monotonic() - started < 15  # five, and room for a busy machine
    assert sum(signal.monitor == "fine" for signal in system.stored()) >= shown
    assert "Traceback" not in system.output()


def test_a_changed_manifest_is_followed_and_a_bad_one_refused(system: System, target: Target) -> None:
    (system.folder / "signalbox.yaml").write_text("monitors: [{evry: 5}]\n", encoding="utf-8")
    await_condition(lambda: "manifest.refused" in system.output(), "the refusal")
    assert "evry" in system.output()
    before = len(system.records(target.url("/ok")))
    await_condition(lambda: len(system.records(target.url("/ok"))) > before, "checks to go on")

    new = target.url("/ok?new=1")
    write_manifest(system.folder, [{"name": "fine", "url": target.url("/ok")}, {"name": "new", "url": new}])
    await_condition(lambda: system.records(new), "the new monitor")
    assert [entry["url"] for entry in system.get("/signals")] == [target.url("/ok"), new]

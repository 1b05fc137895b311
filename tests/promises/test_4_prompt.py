"""Promise 4: down → first notice within interval + 10 s + 2 × time-out, with 1 000 monitors every 30 s."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox import clock
from signalbox.clock import MICROS
from tests.promises.outages import LONG, await_told, told, watch
from tests.runner.systems import embedded
from tests.servers.hooks import Hooks
from tests.servers.process import await_condition, listens
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(900)

MONITORS, EVERY, TIMEOUT = 1_000, 30, 2
OUTAGES = 10 if LONG else 1


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    """A receiver of webhooks."""
    with Hooks() as receiver:
        yield receiver


def test_an_outage_is_told_in_time_beside_a_thousand_monitors(tmp_path: Path, target: Target, hooks: Hooks) -> None:
    others = [{"name": f"m{n}", "url": target.url(f"/ok?n={n}")} for n in range(MONITORS - 1)]
    settings = {"every": f"{EVERY}s", "timeout": f"{TIMEOUT}s", "recheck": "3s"}
    watch(tmp_path, hooks, [{"id": "api", "name": "Api", "url": target.url("/switch")}, *others], **settings)
    with embedded(tmp_path) as system:
        await_condition(lambda: listens(system.port) and target.asked["/ok"] >= MONITORS - 1, "a first round")
        await_condition(lambda: target.asked["/switch"] >= 2, "the one that is to fail to be asked")
        for _ in range(OUTAGES):
            count = len(told(hooks))
            target.switched = b"500 Internal Server Error"
            began = clock.now()
            await_told(hooks, count + 1)
            took = (clock.now() - began) / MICROS
            assert told(hooks)[-1].kind == "down"
            assert took <= EVERY + 10 + 2 * TIMEOUT
            target.switched = b"200 OK"
            await_told(hooks, count + 2)


def test_a_thousand_failing_at_once_are_told_in_one_message(tmp_path: Path, target: Target, hooks: Hooks) -> None:
    monitors = [{"id": f"m{n}", "name": f"M{n}", "url": target.url(f"/switch?n={n}")} for n in range(MONITORS)]
    watch(tmp_path, hooks, monitors, every="5s", timeout="5s", recheck="3s")
    with embedded(tmp_path) as system:
        await_condition(lambda: listens(system.port) and target.asked["/switch"] >= MONITORS, "a first round")
        target.switched = b"500 Internal Server Error"
        await_condition(lambda: len({one.thread for one in told(hooks)}) >= MONITORS, "everybody's notice", 120)
        heard = told(hooks)
        assert len(heard) == MONITORS
        assert {one.kind for one in heard} == {"down"}
        # five seconds of slots and their rechecks: no quiet moment between them, so one message
        assert len({one.letter for one in heard}) == 1

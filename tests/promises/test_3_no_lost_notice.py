"""Promise 3: every confirmed outage is told, down and up, whatever is killed: no loss, at most one duplicate a kill.

The pure and SQL layers are crashed a thousand times in `tests/notifications`; here whole processes are, twenty times.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox import clock
from signalbox.monitors import standings
from signalbox.signals import Verdict
from tests.promises.outages import Told, await_checks, kill, outages, revive, told, watch
from tests.promises.test_1_no_silent_loss import noted, unaccounted
from tests.runner.systems import MODES, System
from tests.servers.hooks import Hooks
from tests.servers.process import await_condition, listens
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(1_500)

KILLS = 20


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    """A receiver of webhooks."""
    with Hooks() as receiver:
        yield receiver


@pytest.mark.parametrize("mode", list(MODES))
def test_no_notice_is_lost_when_processes_are_killed_during_an_outage_that_comes_and_goes(
    mode: str, tmp_path: Path, target: Target, hooks: Hooks
) -> None:
    chance = random.Random(7)
    watch(tmp_path, hooks, [{"id": "api", "name": "Api", "url": target.url("/switch")}])
    with MODES[mode](tmp_path) as system:
        await_condition(lambda: listens(system.port) and target.asked["/switch"], "a first check")
        await_verdict(system, Verdict.UP)
        for turn in range(KILLS):
            goes_down = turn % 2 == 0
            target.switched = b"500 Internal Server Error" if goes_down else b"200 OK"
            await_checks(target, "/switch", chance.randrange(6))
            kill(system, chance)
            revive(system)
            await_verdict(system, Verdict.DOWN if goes_down else Verdict.UP)
        threads = {f"api@{spell.trouble}" for spell in outages(system)}
        assert len(threads) >= KILLS // 2
        await_condition(lambda: missing(threads, told(hooks)) == [], "every notice", 120)
        until = clock.now()
        await_condition(lambda: not unaccounted(system, until), "every slot to be accounted for", 240)
        assert [row.moment for row in noted(system, until) if row.settled + row.missed != row.due] == []

    heard = told(hooks)
    assert {one.thread for one in heard} == threads  # nothing is told that was not
    assert in_order(heard)
    counts = Counter((one.thread, one.kind) for one in heard)
    assert sum(counts.values()) - len(counts) <= KILLS
    letters = {(one.thread, one.kind): one.letter for one in heard}
    assert all(letters[one.thread, one.kind] == one.letter for one in heard)  # a duplicate can be told from its id


def await_verdict(system: System, wanted: Verdict) -> None:
    """Return when the monitor stands so."""
    await_condition(lambda: verdict(system) is wanted, f"the monitor to be {wanted}", 120)


def verdict(system: System) -> Verdict | None:
    """How the monitor stands."""
    with system.database() as database, database.read() as session:
        standing = standings.load(session, {"api"}).get("api")
    return standing.verdict if standing else None


def missing(threads: set[str], heard: list[Told]) -> list[tuple[str, str]]:
    """What was never told."""
    there = {(one.thread, one.kind) for one in heard}
    return [(thread, kind) for thread in sorted(threads) for kind in ("down", "up") if (thread, kind) not in there]


def in_order(heard: list[Told]) -> bool:
    """Does every thread begin with its outage?"""
    first: dict[str, str] = {}
    for one in heard:
        first.setdefault(one.thread, one.kind)
    return set(first.values()) == {"down"}

"""What happens to the demo's services, told by the world alone."""

from __future__ import annotations

from itertools import pairwise

import pytest

from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.demo.seeding import manifest
from signalbox.demo.world import DAY, MINUTE, SHOW, World, on_show
from signalbox.manifest import apply
from signalbox.monitors.service import active
from signalbox.signals import Reason, Verdict
from tests.demo.pasts import NOW, beginning


@pytest.fixture
def world(database: Database) -> World:
    """All twenty, ninety days."""
    with database.begin() as session:
        apply.apply(session, manifest())
        return World(active(session), beginning(days=90))


def test_twenty_services_in_five_groups(world: World) -> None:
    monitors = [one.monitor for one in world.answering.values()]
    assert len(monitors) == 20
    assert len({one.group for one in monitors}) == 5
    assert all(one.target.split("/")[2].endswith(".example") for one in monitors)


def test_troubles_of_many_sorts_never_overlap(world: World) -> None:
    for troubles in world.troubles.values():
        assert all(one.end <= other.start for one, other in pairwise(troubles))
    kinds = {one.ailment.reason for troubles in world.troubles.values() for one in troubles}
    assert kinds >= {Reason.STATUS, Reason.TIMEOUT, Reason.CONNECT, Reason.DNS, Reason.CERTIFICATE, Reason.SLOW}


def test_an_ordinary_day_has_its_busy_hours_its_tail_and_no_failure(world: World) -> None:
    answering = world.answering["search"]
    day = [answering.well(world.slots("search", NOW - DAY, NOW))]
    took = sorted(signal.total or 0.0 for signal in day[0])
    assert all(signal.verdict is Verdict.UP for signal in day[0])
    middle, tail = took[len(took) // 2], took[int(len(took) * 0.995)]
    assert tail > 1.8 * middle
    assert took[-1] < (answering.monitor.slow or 0) * 1000
    start = NOW // DAY * DAY  # a Tuesday
    night = answering.well(world.slots("search", start + 2 * 60 * MINUTE, start + 3 * 60 * MINUTE))
    evening = answering.well(world.slots("search", start - 5 * 60 * MINUTE, start - 4 * 60 * MINUTE))
    assert sum(one.total or 0 for one in evening) > 1.3 * sum(one.total or 0 for one in night)


def test_phases_add_up_to_the_whole(world: World) -> None:
    for signal in world.answering["tiles"].well(world.slots("tiles", NOW - DAY // 4, NOW)):
        parts = (signal.dns, signal.connect, signal.tls, signal.ttfb)
        assert sum(part or 0 for part in parts) == pytest.approx(signal.total)


def test_something_happens_every_few_minutes_to_whoever_watches(world: World) -> None:
    seen = set()
    for turn in range(NOW // SHOW + 1, NOW // SHOW + 21):
        shown = on_show(1, turn)
        assert turn * SHOW <= shown.start < shown.end <= (turn + 1) * SHOW
        assert shown.end - shown.start > 2 * MINUTE
        assert world.signal(shown.monitor, shown.start).verdict is not Verdict.UP
        seen.add(shown.monitor)
    assert len(seen) > 3
    assert on_show(1, NOW // SHOW) == on_show(1, NOW // SHOW)
    assert all(world.ailment(key, NOW - 5 * 60 * MINUTE + MICROS) is None for key in seen)

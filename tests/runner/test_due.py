"""The schedule: even, complete, and the same after a restart."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from signalbox.clock import MICROS
from signalbox.runner.due import BATCH, Schedule, next_slot, place


class Monitor(NamedTuple):
    key: str
    every: float


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(1, 120)), max_size=30), st.integers(0, 2_000_000_000))
def test_every_monitor_is_due_exactly_once_in_each_of_its_intervals(rows: list[tuple[str, int]], start: int) -> None:
    monitors = [Monitor(key, every) for key, every in dict(rows).items()]
    schedule = Schedule(monitors)
    times = Counter(key for second in range(start, start + 120) for key in schedule.due(second))
    for monitor in monitors:
        low, high = 120 // int(monitor.every), -(-120 // int(monitor.every))
        assert low <= times[monitor.key] <= high


@given(st.text(min_size=1), st.integers(1, 100_000), st.integers(0, 2_000_000_000))
def test_the_next_slot_is_the_first_one_to_come(key: str, every: int, second: int) -> None:
    slot = next_slot(key, every, second)
    assert second < slot <= second + every
    assert slot % every == place(key, every)


def test_load_spreads_over_the_interval() -> None:
    schedule = Schedule(Monitor(f"m{n}", 60) for n in range(6_000))
    loads = [len(schedule.due(second)) for second in range(60)]
    assert sum(loads) == 6_000
    assert max(loads) < 150  # 100 on average


def test_a_restart_and_other_monitors_leave_a_place_where_it_was() -> None:
    alone = Schedule([Monitor("api", 60)])
    crowd = Schedule([Monitor(f"m{n}", 60) for n in range(100)] + [Monitor("api", 60)])
    second = place("api", 60) + 60 * 29_000_000
    assert alone.due(second) == ["api"]
    assert "api" in crowd.due(second)


def test_many_monitors_of_one_second_go_out_in_numbered_parts() -> None:
    schedule = Schedule(Monitor(f"m{n}", 1) for n in range(2 * BATCH + 1))
    batches = schedule.batches("local", 1_800_000_000)
    assert [(batch.part, len(batch.monitors)) for batch in batches] == [(0, BATCH), (1, BATCH), (2, 1)]
    assert {batch.moment for batch in batches} == {1_800_000_000 * MICROS}
    assert Schedule([]).batches("local", 1) == []

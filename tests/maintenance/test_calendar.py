"""What a calendar says of the present is what its windows say, whatever is asked in which order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from signalbox.maintenance.calendar import Calendar, Occasion, Work
from signalbox.maintenance.specs import MaintenanceSpec
from signalbox.maintenance.windows import Window
from tests.maintenance.test_windows import DAY, HOUR, at

BEGIN = at("2026-03-20")


@dataclass(frozen=True)
class Watched:
    id: str = "db"
    group: str | None = None
    tags: tuple[str, ...] = ()


def work(number: int = 0, length: str = "1h", **more: Any) -> Work:
    times = {name: more.pop(name) for name in ("since", "until", "overrides") if name in more}
    written = {"title": f"Work {number}", "monitors": ["db"], "start": "2026-03-20 02:00", "for": length, **more}
    return Work(f"k{number}", f"work-{number}", MaintenanceSpec.model_validate(written), **times)


rules = st.sampled_from([None, "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU", "FREQ=HOURLY;INTERVAL=7", "FREQ=DAILY;COUNT=3"])
hours = st.integers(0, 14 * 24)


@st.composite
def works(draw: st.DrawFn) -> list[Work]:
    """Up to four pieces of work within two weeks around a change of clocks, some of which went otherwise."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        made = work(
            number, start=f"2026-03-{draw(st.integers(20, 30))} {draw(st.integers(0, 23)):02}:30", rrule=draw(rules),
            timezone=draw(st.sampled_from(["UTC", "Europe/Budapest", "America/New_York"])),
            length=f"{draw(st.integers(1, 60))}h",
        )  # fmt: skip
        starts = [one.start for one in made.windows(BEGIN, BEGIN + 20 * DAY)]
        moved = draw(st.lists(st.tuples(st.sampled_from(starts), st.integers(-2, 72)), max_size=2)) if starts else []
        overrides = {start: start + hours_ * HOUR for start, hours_ in moved}
        found.append(Work(made.key, made.id, made.spec, overrides=overrides))
    return found


def _edges(one: Occasion) -> tuple[str, int, int]:
    return one.work.id, one.start, one.end


@settings(max_examples=80, deadline=None)
@given(found=works(), asked=st.lists(hours, min_size=1, max_size=30))
def test_the_present_is_what_the_windows_say(found: list[Work], asked: list[int]) -> None:
    calendar = Calendar(found)
    every = [one for made in found for one in made.windows(BEGIN - 60 * DAY, BEGIN + 60 * DAY)]
    for hour in asked:
        now = BEGIN + hour * HOUR + HOUR // 2
        expected = [one for one in every if one.start <= now < one.end]
        assert {_edges(one) for one in calendar.current(now)} == {_edges(one) for one in expected}
        covering = calendar.covering(Watched(), now)
        assert (covering and covering.end) == max((one.end for one in expected), default=None)
        edges = [edge for one in every for edge in (one.start, one.end) if edge > now]
        assert calendar.next_change(now) <= min(edges, default=now + DAY)


@settings(max_examples=80, deadline=None)
@given(found=works(), begin=hours, length=st.integers(1, 200))
def test_time_under_maintenance_counts_once(found: list[Work], begin: int, length: int) -> None:
    start = BEGIN + begin * HOUR
    end = start + length * HOUR
    joined = Calendar(found).windows(Watched(), start, end)
    half = HOUR // 2
    halves = {
        moment
        for made in found
        for one in made.windows(BEGIN - 60 * DAY, BEGIN + 60 * DAY)
        for moment in range(max(one.start, start), min(one.end, end), half)
    }
    assert sum(one.end - one.start for one in joined) == len(halves) * half
    assert all(before.end < after.start for before, after in pairwise(joined))


def test_windows_that_touch_are_one() -> None:
    found = Calendar([work(rrule="FREQ=DAILY", length="24h")]).windows(Watched(), BEGIN, BEGIN + 30 * DAY)
    assert found == [Window(BEGIN + 2 * HOUR, BEGIN + 30 * DAY)]


def test_what_is_expected_is_asked_of_all_that_covers() -> None:
    calendar = Calendar([work(1, expected="down"), work(2, length="2h"), work(3, monitors=["api"], expected="down")])
    now = BEGIN + 2 * HOUR
    assert calendar.expects_down(Watched(), now)
    assert not calendar.expects_down(Watched(), now + HOUR)
    covering = calendar.covering(Watched(), now)
    assert covering is not None
    assert covering.work.id == "work-2"


def test_work_counts_from_when_it_was_said_to_when_it_was_taken_back() -> None:
    since, until = BEGIN + 2 * DAY + 2 * HOUR + HOUR // 2, BEGIN + 4 * DAY
    calendar = Calendar([work(rrule="FREQ=DAILY", since=since, until=until)])
    assert calendar.windows(Watched(), BEGIN, BEGIN + 9 * DAY) == [
        Window(since, BEGIN + 2 * DAY + 3 * HOUR), Window(BEGIN + 3 * DAY + 2 * HOUR, BEGIN + 3 * DAY + 3 * HOUR)
    ]  # fmt: skip
    assert calendar.current(BEGIN + 3 * DAY + 2 * HOUR) == ()

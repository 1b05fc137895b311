"""When a day is rolled up, again, and no more."""

from __future__ import annotations

from itertools import pairwise

from signalbox.history.rolling import EMPTY, LOOKS, Rolled, due, is_due, name
from signalbox.history.zooms import DAY, HOUR

TODAY = 20_051
NOON = TODAY * DAY + 12 * HOUR
MIDNIGHT = TODAY * DAY


def test_a_day_is_due_an_hour_after_it_is_over() -> None:
    assert not is_due(TODAY, None, NOON)
    assert not is_due(TODAY - 1, None, MIDNIGHT + HOUR - 1)
    assert is_due(TODAY - 1, None, MIDNIGHT + HOUR)


def test_a_day_is_counted_once_at_each_look_while_late_signals_may_come() -> None:
    counted: list[int] = []
    rolled: Rolled | None = None
    for hour in range(40 * 24):
        now = MIDNIGHT + hour * HOUR
        if is_due(TODAY - 1, rolled, now):
            rolled = Rolled(now, 3)
            counted.append(now - MIDNIGHT)
    assert counted == list(LOOKS)


def test_a_day_first_counted_late_is_counted_again_only_if_a_look_is_still_to_come() -> None:
    for earlier, later in pairwise(LOOKS):
        at = MIDNIGHT + earlier + 1
        assert not is_due(TODAY - 1, Rolled(at, 3), MIDNIGHT + later - 1)
        assert is_due(TODAY - 1, Rolled(at, 3), MIDNIGHT + later)
    assert not is_due(TODAY - 1, Rolled(MIDNIGHT + LOOKS[-1], 3), MIDNIGHT + 1_000 * DAY)


def rolled_up(signals_since: int, watched: int, at_once: int = 20) -> tuple[dict[int, Rolled], int]:
    """What is rolled up when there is nothing more to do, and in how many goes."""
    rolled: dict[int, Rolled] = {}
    for goes in range(1_000):
        found = due(rolled, watched, NOON, at_once)
        if not found:
            return rolled, goes
        assert len(found) <= at_once
        rolled.update((day, Rolled(NOON, int(day >= signals_since))) for day in found)
    raise AssertionError


def test_the_past_is_rolled_up_in_goes_as_far_back_as_the_store_has_signals() -> None:
    rolled, goes = rolled_up(signals_since=TODAY - 365, watched=TODAY)
    assert min(rolled) == TODAY - 365 - EMPTY
    assert max(rolled) == TODAY - 1
    assert len(rolled) == 365 + EMPTY
    assert goes == 20


def test_a_long_gap_in_what_was_watched_hides_nothing_before_it() -> None:
    rolled, _ = rolled_up(signals_since=TODAY + 1, watched=TODAY - 100)
    assert min(rolled) == TODAY - 100


def test_a_new_installation_looks_back_a_little_and_then_rests() -> None:
    rolled, goes = rolled_up(signals_since=TODAY, watched=TODAY)
    assert (len(rolled), goes) == (EMPTY, 1)


def test_the_oldest_days_come_first_so_that_the_store_fills_in_all_that_waits() -> None:
    assert due({}, TODAY - 50, NOON, 3) == [TODAY - 50, TODAY - 49, TODAY - 48]
    rolled = {day: Rolled(NOON, int(day >= TODAY - 50)) for day in range(TODAY - 50 - EMPTY, TODAY - 30)}
    assert due(rolled, TODAY - 50, NOON, 3) == [TODAY - 30, TODAY - 29, TODAY - 28]
    assert name(TODAY) == "2024-11-24"

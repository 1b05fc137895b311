"""When a letter is closed, and when it is tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signalbox.clock import MICROS
from signalbox.notifications import grouping
from signalbox.notifications.grouping import Tries, halves, is_ready, next_try
from signalbox.notifications.letters import Result

FAILED = Result(False, "500")
REFUSED = Result(False, "404", permanent=True)


def waits(result: Result, attempts: int, refusals: int = 0, now: int = 0) -> float | None:
    again = next_try("msg_1", Tries(0, attempts, refusals), result, now)
    return None if again is None else (again - now) / MICROS


def test_a_lone_notice_leaves_after_five_quiet_seconds() -> None:
    assert not is_ready(0, 0, 5 * MICROS - 1)
    assert is_ready(0, 0, 5 * MICROS)


def test_company_is_waited_for_but_not_longer_than_25_seconds() -> None:
    assert not is_ready(0, 20 * MICROS, 24 * MICROS)
    assert is_ready(0, 24 * MICROS, 25 * MICROS)


def test_where_many_letters_are_under_way_more_is_collected() -> None:
    assert not is_ready(0, 0, 599 * MICROS, grouping.CROWD)
    assert is_ready(0, 0, 600 * MICROS, grouping.CROWD)


def test_pauses_double_from_ten_seconds_to_an_hour() -> None:
    for attempt, least in enumerate((10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600), 1):
        pause = waits(FAILED, attempt)
        assert pause is not None
        assert least <= pause <= min(least * 1.2, 3_600)


def test_pauses_are_the_same_each_time_and_differ_between_letters() -> None:
    assert waits(FAILED, 3) == waits(FAILED, 3)
    assert len({next_try(f"msg_{number}", Tries(0, 1, 0), FAILED, 0) for number in range(50)}) > 40


def test_the_other_side_may_ask_for_a_longer_pause_up_to_an_hour() -> None:
    assert waits(Result(False, "429", retry_after=300), 1) == 300
    assert waits(Result(False, "429", retry_after=1), 1) == waits(FAILED, 1)
    assert waits(Result(False, "429", retry_after=1e9), 1) == 3_600
    assert waits(Result(False, "429", retry_after=-5), 1) == waits(FAILED, 1)


def test_after_a_day_it_is_given_up() -> None:
    assert waits(FAILED, 30, now=grouping.GIVEN_UP - 1) is not None
    assert waits(FAILED, 30, now=grouping.GIVEN_UP) is None


def test_a_refusal_is_tried_five_times_over_a_quarter_of_an_hour() -> None:
    pauses = [waits(REFUSED, number, number) for number in range(1, 6)]
    assert pauses[4] is None
    assert 15 * 60 <= sum(pause or 0 for pause in pauses) <= 18 * 60


@given(st.lists(st.text(), max_size=20))
def test_halves_are_all_of_it_and_smaller(threads: list[str]) -> None:
    parts = halves(threads)
    if len(threads) < 2:
        assert parts is None
    else:
        assert parts is not None
        assert [*parts[0], *parts[1]] == threads
        assert all(parts)

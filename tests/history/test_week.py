"""The hours of the week, by somebody's clocks."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from signalbox.clock import to_micros
from signalbox.history.week import hours_of
from signalbox.history.zooms import DAY, HOUR
from signalbox.stores.base import Bucket

BUDAPEST = "Europe/Budapest"


def hour(start: int, timed: int, mean: float, p95: float | None) -> Bucket:
    return Bucket(start, timed, 0, 0, 0, timed, timed * mean, p95, mean, p95, p95)


def local(day: int, at: int, month: int = 10) -> int:
    return to_micros(datetime(2024, month, day, at, tzinfo=ZoneInfo(BUDAPEST)))


def test_slow_mondays_show_at_their_hour_whatever_the_clocks_did_between() -> None:
    mondays = [local(day, 9) for day in (14, 21, 28)]  # summer time ended on the 27th
    assert mondays[2] - mondays[1] == 7 * DAY + HOUR
    (found,) = hours_of([hour(start, 60, 800.0, 1_200.0) for start in mondays], BUDAPEST)
    assert found[:4] == (0, 9, 3, 180)
    assert found[4:] == pytest.approx((800.0, 1_200.0))


def test_one_bad_week_alone_does_not_make_an_hour_slow() -> None:
    weeks = [hour(local(14, 9) + week * 7 * DAY, 60, 50.0, p95) for week, p95 in enumerate((80.0, 9_000.0))]
    weeks += [hour(local(4, 9, 11), 60, 50.0, 90.0)]
    by_hour = {one.hour: one for one in hours_of(weeks, "UTC")}
    assert [(at, one.hours) for at, one in sorted(by_hour.items())] == [(7, 2), (8, 1)]
    (together,) = hours_of([one._replace(start=local(14, 9)) for one in weeks], BUDAPEST)
    assert (together.p95, together.mean) == pytest.approx((90.0, 50.0))


def test_hours_in_which_nothing_answered_are_left_out() -> None:
    assert hours_of([Bucket(local(14, 9), 0, 0, 60, 0, 0, 0.0, None, None, None, None)], BUDAPEST) == []


def test_hours_come_from_monday_on() -> None:
    found = hours_of([hour(local(20, 23) + step * HOUR, 1, 10.0, 10.0) for step in (1, 0)], BUDAPEST)
    assert [(one.weekday, one.hour) for one in found] == [(0, 0), (6, 23)]

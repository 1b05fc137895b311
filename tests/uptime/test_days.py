"""Local days have 23, 24 or 25 hours, and sometimes 24½ or none."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from signalbox.clock import MICROS, iso
from signalbox.uptime.days import day, days, month

HOUR = 3_600 * MICROS


@pytest.mark.parametrize(
    ("zone", "at", "hours"),
    [
        ("Europe/Budapest", date(2026, 3, 29), 23),
        ("Europe/Budapest", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # clocks skip midnight
        ("America/Havana", date(2025, 11, 2), 25),  # midnight comes twice
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kolkata", date(2026, 3, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),  # left out
    ],
)
def test_a_local_day_has_the_hours_that_passed(zone: str, at: date, hours: float) -> None:
    start, end = day(zone, at)
    assert (end - start) / HOUR == hours


def test_a_month_ends_where_the_next_begins() -> None:
    assert [iso(edge)[:16] for edge in month("Europe/Budapest", 2026, 3)] == ["2026-02-28T23:00", "2026-03-31T22:00"]
    assert month("UTC", 2026, 12)[1] == month("UTC", 2027, 1)[0]


def test_days_in_a_row_share_their_edges() -> None:
    edges = days("Europe/Budapest", date(2026, 3, 28), 3)
    assert [(end - start) // HOUR for start, end in pairwise(edges)] == [24, 23, 24]

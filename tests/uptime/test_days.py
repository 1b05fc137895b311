"""Local days have 23, 24 or 25 hours, and sometimes 24½ or none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from signalbox.clock import MICROS, iso, to_micros
from signalbox.errors import Refused
from signalbox.uptime.days import day, days, month, window

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


NOW = to_micros(datetime(2026, 11, 24, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ({}, "2026-10-25T12:00", "2026-11-24T12:00"),
        ({"back": "1h30m"}, "2026-11-24T10:30", "2026-11-24T12:00"),
        ({"back": "2026-10"}, "2026-09-30T22:00", "2026-10-31T23:00"),
        ({"back": "2026-10-25"}, "2026-10-24T22:00", "2026-10-25T23:00"),
        ({"since": "2026-10-25"}, "2026-10-24T22:00", "2026-11-24T12:00"),
        ({"since": "2026-10-25T02:30", "until": "2026-10-25T03:30Z"}, "2026-10-25T00:30", "2026-10-25T03:30"),
    ],
)
def test_a_window_is_what_somebody_wrote(written: dict[str, str], start: str, end: str) -> None:
    found = window(NOW, "Europe/Budapest", **written)
    assert [iso(edge)[:16] for edge in found] == [start, end]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"back": "soon"}, "30d"),
        ({"back": "2026-13"}, "2026-10"),
        ({"back": "2026-02-31"}, "2026-10"),
        ({"back": "0s"}, "later end"),
        ({"back": "99999d"}, "before 1970"),
        ({"back": "1e400"}, "30d"),
        ({"back": "9" * 400 + "d"}, "before 1970"),
        ({"back": "0999-01"}, "year"),
        ({"since": "yesterday"}, "2026-10-25"),
        ({"since": "9999-12-31"}, "year"),
        ({"since": "2026-11-24", "until": "2026-11-23"}, "later end"),
        ({"until": "2026-11-23"}, "either"),
        ({"back": "1h", "since": "2026-11-23"}, "either"),
    ],
)
def test_a_window_that_is_none_is_refused_with_what_to_write(written: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        window(NOW, "UTC", **written)

"""When is the work? Local time is kept across changes of the clock, in four zones and against two slow oracles."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signalbox.clock import MICROS, to_datetime, to_micros
from signalbox.errors import Refused
from signalbox.maintenance import rules
from signalbox.maintenance.windows import (
    MOST,
    Mark,
    Schedule,
    Window,
    covering,
    instant,
    next_windows,
    preview,
    windows,
)

HOUR = 3_600 * MICROS
DAY = 24 * HOUR
ZONES = ("Europe/Budapest", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia")


def schedule(start: str, rule: str | None = None, zone: str = "UTC", length: float = 1.0) -> Schedule:
    """`length` is hours."""
    return Schedule(datetime.fromisoformat(start), round(length * HOUR), zone, rules.read(rule) if rule else None)


def at(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


def starts(made: Schedule, count: int, now: str | None = None) -> list[str]:
    """Of the next windows, in UTC."""
    moment = at(now) if now else instant(made.start, made.zone)
    return [to_datetime(window.start).strftime("%Y-%m-%d %H:%M") for window in next_windows(made, moment, count)]


def local(made: Schedule, count: int) -> list[str]:
    """Starts of the first windows, in the schedule's zone."""
    found = next_windows(made, instant(made.start, made.zone), count)
    return [to_datetime(one.start).astimezone(ZoneInfo(made.zone)).strftime("%m-%d %H:%M %z") for one in found]


def test_work_that_comes_once_has_one_window_half_open() -> None:
    made = schedule("2026-11-30 22:00", zone="Europe/Budapest")
    window = Window(at("2026-11-30 21:00"), at("2026-11-30 22:00"))
    assert windows(made, 0, at("2030-01-01")) == [window]
    assert covering(made, window.start) == window
    assert covering(made, window.end - 1) == window
    assert covering(made, window.end) is None
    assert covering(made, window.start - 1) is None
    assert windows(made, window.end, window.end + DAY) == []
    assert windows(made, window.start, window.start) == []


def test_an_offset_says_it_without_a_zone() -> None:
    assert starts(schedule("2026-11-30T22:00+05:30", zone="America/New_York"), 2) == ["2026-11-30 16:30"]


# ---- clocks

DST = [
    # zone, first, rule, what the local clock shows at the starts
    (
        "Europe/Budapest",
        "2026-03-28 02:30",
        "FREQ=DAILY",
        ["03-28 02:30 +0100", "03-29 03:30 +0200", "03-30 02:30 +0200"],
    ),
    (
        "Europe/Budapest",
        "2026-10-24 02:30",
        "FREQ=DAILY",
        ["10-24 02:30 +0200", "10-25 02:30 +0200", "10-26 02:30 +0100"],
    ),
    (
        "Europe/Budapest",
        "2026-03-22 09:00",
        "FREQ=WEEKLY",
        ["03-22 09:00 +0100", "03-29 09:00 +0200", "04-05 09:00 +0200"],
    ),
    (
        "America/New_York",
        "2026-03-01 02:15",
        "FREQ=WEEKLY;BYDAY=SU",
        ["03-01 02:15 -0500", "03-08 03:15 -0400", "03-15 02:15 -0400"],
    ),
    (
        "America/New_York",
        "2026-10-01 01:30",
        "FREQ=MONTHLY;BYDAY=1SU",
        ["10-04 01:30 -0400", "11-01 01:30 -0400", "12-06 01:30 -0500"],
    ),
    (
        "Australia/Lord_Howe",
        "2026-10-03 02:10",
        "FREQ=DAILY",
        ["10-03 02:10 +1030", "10-04 02:40 +1100", "10-05 02:10 +1100"],
    ),
    (
        "Australia/Lord_Howe",
        "2026-04-04 01:45",
        "FREQ=DAILY",
        ["04-04 01:45 +1100", "04-05 01:45 +1100", "04-06 01:45 +1030"],
    ),
    (
        "America/Sao_Paulo",
        "2018-11-03 00:30",
        "FREQ=DAILY",
        ["11-03 00:30 -0300", "11-04 01:30 -0200", "11-05 00:30 -0200"],
    ),
    (
        "America/Sao_Paulo",
        "2018-02-16 23:30",
        "FREQ=DAILY",
        ["02-16 23:30 -0200", "02-17 23:30 -0200", "02-18 23:30 -0300"],
    ),
    # a whole day was skipped: its window is the next day's
    ("Pacific/Apia", "2011-12-29 12:00", "FREQ=DAILY", ["12-29 12:00 -1000", "12-31 12:00 +1400", "01-01 12:00 +1400"]),
    (
        "Europe/Budapest",
        "2026-03-29 01:00",
        "FREQ=HOURLY",
        ["03-29 01:00 +0100", "03-29 03:00 +0200", "03-29 04:00 +0200"],
    ),
]


@pytest.mark.parametrize(("zone", "first", "rule", "shown"), DST)
def test_local_time_is_kept_when_clocks_change(zone: str, first: str, rule: str, shown: list[str]) -> None:
    assert local(schedule(first, rule, zone), 3) == shown


def test_a_length_is_time_that_passes() -> None:
    made = schedule("2026-03-29 01:30", "FREQ=DAILY", "Europe/Budapest", length=2)
    assert windows(made, at("2026-03-29"), at("2026-03-29 12:00")) == [
        Window(at("2026-03-29 00:30"), at("2026-03-29 02:30"))
    ]


def test_what_clocks_do_is_marked() -> None:
    spring = schedule("2026-03-28 02:30", "FREQ=DAILY", "Europe/Budapest")
    marks = [one.marks for one in preview(spring, at("2026-03-28"), 4)]
    assert marks == [(), (Mark.MOVED, Mark.SHIFTED), (), ()]
    autumn = schedule("2026-10-24 02:30", "FREQ=DAILY", "Europe/Budapest")
    marks = [one.marks for one in preview(autumn, at("2026-10-24"), 4)]
    assert marks == [(), (Mark.TWICE, Mark.DURING), (Mark.SHIFTED,), ()]
    once = Schedule(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), HOUR, "Europe/Budapest")
    assert [one.marks for one in preview(once, at("2026-10-24"))] == [(Mark.DURING,)]


# ---- rules

RULES = [
    ("2026-01-31 03:00", "FREQ=MONTHLY", ["2026-01-31 03:00", "2026-03-31 03:00", "2026-05-31 03:00"]),
    ("2026-01-01 03:00", "FREQ=MONTHLY;BYDAY=-1FR", ["2026-01-30 03:00", "2026-02-27 03:00", "2026-03-27 03:00"]),
    (
        "2026-01-01 03:00",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        ["2026-01-30 03:00", "2026-02-27 03:00", "2026-03-31 03:00"],
    ),
    (
        "2026-01-05 03:00",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
        ["2026-01-05 03:00", "2026-01-07 03:00", "2026-01-19 03:00"],
    ),
    (
        "2026-01-04 03:00",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,SA",
        ["2026-01-04 03:00", "2026-01-10 03:00", "2026-01-18 03:00"],
    ),
    ("2024-02-29 00:00", "FREQ=YEARLY", ["2024-02-29 00:00", "2028-02-29 00:00", "2032-02-29 00:00"]),
    ("2026-01-01 00:00", "FREQ=YEARLY;BYDAY=20MO", ["2026-05-18 00:00", "2027-05-17 00:00", "2028-05-15 00:00"]),
    ("2026-01-01 00:00", "RRULE:FREQ=DAILY;COUNT=2", ["2026-01-01 00:00", "2026-01-02 00:00"]),
    ("2026-01-01 00:00", "freq=daily;until=20260102", ["2026-01-01 00:00", "2026-01-02 00:00"]),
    ("2026-01-01 00:00", "FREQ=DAILY;UNTIL=20260101T235959Z", ["2026-01-01 00:00"]),
    (
        "2026-01-01 22:00",
        "FREQ=HOURLY;INTERVAL=5;BYDAY=FR",
        ["2026-01-02 03:00", "2026-01-02 08:00", "2026-01-02 13:00"],
    ),
    (
        "2026-01-01 00:00",
        "FREQ=DAILY;BYHOUR=6,18;BYMINUTE=15",
        ["2026-01-01 06:15", "2026-01-01 18:15", "2026-01-02 06:15"],
    ),
]


@pytest.mark.parametrize(("first", "rule", "expected"), RULES)
def test_rules_mean_what_rfc_5545_says(first: str, rule: str, expected: list[str]) -> None:
    assert starts(schedule(first, rule), 3) == expected


def test_until_in_local_time_and_in_utc_differ_by_the_offset() -> None:
    for until, count in (("20260102T023000", 2), ("20260102T023000Z", 2), ("20260102T012959Z", 1), ("20260102", 2)):
        made = schedule("2026-01-01 02:30", f"FREQ=DAILY;UNTIL={until}", "Europe/Budapest")
        assert len(next_windows(made, 0)) == count, until


REFUSED = [
    ("", "list of NAME=VALUE"),
    ("BYDAY=MO", "does not say FREQ"),
    ("FREQ=MINUTELY", "hourly at most"),
    ("FREQ=FORTNIGHTLY", "must be one of HOURLY"),
    ("FREQ=DAILY;FREQ=DAILY", "written twice"),
    ("FREQ=DAILY;BYSECOND=1", "known are FREQ, INTERVAL"),
    ("FREQ=DAILY;BYWEEKNO=1", "known are FREQ, INTERVAL"),
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL takes whole numbers from 1 to 1000"),
    ("FREQ=DAILY;COUNT=1001", "COUNT takes whole numbers from 1 to 1000"),
    ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "leave one out"),
    ("FREQ=DAILY;UNTIL=soon", "UNTIL takes a day such as"),
    ("FREQ=DAILY;UNTIL=20260230", "UNTIL takes a day such as"),
    ("FREQ=WEEKLY;BYDAY=XX", "BYDAY takes days"),
    ("FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY or FREQ=YEARLY"),
    ("FREQ=YEARLY;BYDAY=99MO", "BYDAY takes days"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "does not go with FREQ=WEEKLY"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "from -1 backwards"),
    ("FREQ=MONTHLY;BYSETPOS=1", "add BYDAY"),
    ("FREQ=DAILY;BYDAY=MO;BYSETPOS=1", "FREQ=MONTHLY or FREQ=YEARLY"),
    ("FREQ=HOURLY;BYMINUTE=0,30", "at most 24 windows a day"),
    ("FREQ=DAILY;WKST=1", "WKST must be one of"),
    ("FREQ=DAILY;" + "X" * 500, "at most 500 characters"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_other_rules_are_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rules.read(text)


# ---- bounds

HOSTILE = [
    ("2000-01-01 00:00", "FREQ=HOURLY;UNTIL=99991231T235959Z"),
    ("2000-01-01 00:00", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
    ("2000-01-01 00:00", "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=31"),
    ("2000-01-01 00:00", "FREQ=YEARLY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=29;COUNT=1000"),
    ("2000-01-01 00:00", "FREQ=HOURLY;INTERVAL=168;BYDAY=MO"),
    ("2000-01-01 00:00", "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=" + ",".join(map(str, range(24)))),
    ("2000-01-01 00:00", "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=MO;BYSETPOS=2;COUNT=1000"),
    ("2000-01-01 00:00", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=1000"),
]


@pytest.mark.parametrize(("first", "rule"), HOSTILE)
def test_a_hostile_rule_takes_bounded_work(first: str, rule: str) -> None:
    made = schedule(first, rule)
    began = time.process_time()
    for now in ("2000-01-01", "2026-11-24", "2399-12-01"):
        next_windows(made, at(now))
        covering(made, at(now))
        preview(made, at(now))
    assert time.process_time() - began < 5  # seconds; some hundredths where nothing else runs


def test_the_last_years_end_a_rule() -> None:
    made = schedule("2199-12-31 00:00", "FREQ=YEARLY;UNTIL=99991231")
    assert len(windows(made, 0, at("9999-01-01"))) == 201


def test_more_windows_than_anybody_reads_are_refused() -> None:
    with pytest.raises(Refused, match=f"more than {MOST:,} windows"):
        windows(schedule("2000-01-01", "FREQ=HOURLY"), 0, at("2100-01-01"))


# ---- oracles

numbers = st.integers
days = st.sampled_from(rules.DAYS)


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    """Rules of every frequency, most of them odd."""
    frequency = draw(st.sampled_from(list(rules.Frequency)))
    rare = frequency in (rules.Frequency.MONTHLY, rules.Frequency.YEARLY)
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(numbers(1, 5))}"]
    if draw(st.booleans()):
        which = st.sampled_from(["", "1", "2", "-1"]) if rare else st.just("")
        parts.append("BYDAY=" + ",".join(draw(which) + day for day in draw(st.sets(days, min_size=1, max_size=3))))
        if rare and draw(st.booleans()):
            parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    if frequency is not rules.Frequency.WEEKLY and draw(st.booleans()):
        found = draw(st.sets(st.sampled_from([1, 2, 13, 29, 30, 31, -1, -2]), min_size=1, max_size=3))
        parts.append("BYMONTHDAY=" + ",".join(map(str, found)))
    if draw(st.booleans()):
        parts.append("BYMONTH=" + ",".join(map(str, draw(st.sets(numbers(1, 12), min_size=1, max_size=4)))))
    if draw(st.booleans()):
        parts.append("BYHOUR=" + ",".join(map(str, draw(st.sets(numbers(0, 23), min_size=1, max_size=3)))))
    if draw(st.booleans()):
        parts.append(f"WKST={draw(days)}")
    match draw(st.sampled_from(["", "COUNT", "UNTIL"])):
        case "COUNT":
            parts.append(f"COUNT={draw(numbers(1, 40))}")
        case "UNTIL":
            parts.append(f"UNTIL={draw(st.sampled_from(['20190401T000000', '20200229T120000', '20211231T235959']))}")
    return ";".join(parts)


firsts = st.datetimes(datetime.fromisoformat("2017-01-01"), datetime.fromisoformat("2019-12-31")).map(
    lambda one: one.replace(second=0, microsecond=0)
)
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


_CYCLES = 19 * 400  # years: the calendar repeats every 400, and dateutil stops at the year 9999


def _iterated(first: datetime, text: str, until: datetime) -> list[datetime]:
    """The rule's times as dateutil finds them, iterating from the first on."""
    endless, _, last = text.partition(";UNTIL=")
    try:
        rule = rrule.rrulestr(endless, dtstart=first.replace(year=first.year + _CYCLES))
    except ValueError:
        return []  # it knows that there are none
    times = (one.replace(year=one.year - _CYCLES) for one in rule)
    limit = min(until, datetime.fromisoformat(last)) if last else until
    return [*takewhile(lambda one: one <= limit, times)]


@SLOW
@given(first=firsts, text=rule_texts(), skipped=numbers(0, 800))
def test_following_month_by_month_finds_what_iterating_finds(first: datetime, text: str, skipped: int) -> None:
    end = first + timedelta(days=1_000)
    expected = _iterated(first, text, end)
    begin = to_micros((first + timedelta(days=skipped)).replace(tzinfo=UTC))
    made = Schedule(first, HOUR, "UTC", rules.read(text))
    found = windows(made, begin, to_micros(end.replace(tzinfo=UTC)))
    wanted = [to_micros(one.replace(tzinfo=UTC)) for one in expected if one < end]
    assert [one.start for one in found] == [one for one in wanted if one + HOUR > begin]


def _walked(first: datetime, text: str, zone: str, until: datetime) -> list[int]:
    """Starts by walking through every minute that passes, watching the clock on the wall.

    A time that was skipped comes as long after the clock's change as it would have come without it; a time that
    comes twice counts when it is seen first.
    """
    wanted = set(_iterated(first, text, until + timedelta(days=2)))
    tz, found, seen = ZoneInfo(zone), set(), set()
    moment = (first - timedelta(days=2)).replace(tzinfo=UTC)
    wall = moment.astimezone(tz).replace(tzinfo=None)
    while moment < (until + timedelta(days=2)).replace(tzinfo=UTC):
        if wall in wanted and wall not in seen:
            found.add(to_micros(moment))
        seen.add(wall)
        later = moment + timedelta(minutes=1)
        shown = later.astimezone(tz).replace(tzinfo=None)
        gap, step = shown - wall, timedelta(minutes=1)
        while gap > step:  # minutes that nobody saw on the wall
            if (missing := wall + step) in wanted:
                found.add(to_micros(later) + (missing - wall - timedelta(minutes=1)) // timedelta(microseconds=1))
                seen.add(missing)
            step += timedelta(minutes=1)
        moment, wall = later, shown
    return sorted(found)


CHANGES = {
    "Europe/Budapest": ("2018-03-25", "2018-10-28"),
    "America/New_York": ("2018-03-11", "2018-11-04"),
    "Australia/Lord_Howe": ("2018-04-01", "2018-10-07"),
    "America/Sao_Paulo": ("2018-02-18", "2018-11-04"),
    "Africa/Casablanca": ("2018-03-25", "2018-10-28"),
    "Pacific/Apia": ("2011-12-30", "2018-04-01"),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    place=st.sampled_from([(zone, day) for zone, found in CHANGES.items() for day in found]),
    before=numbers(0, 2 * 24 * 12),
    text=st.sampled_from(
        ["FREQ=DAILY", "FREQ=HOURLY", "FREQ=HOURLY;INTERVAL=7", "FREQ=DAILY;BYHOUR=0,1,2,3", "FREQ=WEEKLY"]
    ),
)
def test_windows_are_where_a_walk_through_every_minute_finds_them(
    place: tuple[str, str], before: int, text: str
) -> None:
    zone, day = place
    first = datetime.fromisoformat(day) + timedelta(hours=6) - timedelta(minutes=5 * before)
    until = datetime.fromisoformat(day) + timedelta(days=3)
    end = to_micros(until.replace(tzinfo=UTC))
    made = Schedule(first, HOUR, zone, rules.read(text))
    walked = _walked(first, text, zone, until)
    assert [one.start for one in windows(made, 0, end)] == [one for one in walked if one < end]

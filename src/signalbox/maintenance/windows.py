"""When is the work? Windows of one schedule, worked out from its rule; pure, and bounded whatever the rule.

A rule is followed month by month (a yearly one year by year), from near the time that was asked for: dateutil says
which days and hours of one month a rule means, and what is left is to count months, weeks, days or hours from the
first. Nothing iterates from a rule's beginning, except once to learn where COUNT ends.

Rules speak of local time. A time that the clock skips is moved forward by what was skipped, one that comes twice is
taken the first time (PEP 495, `fold=0`, says both), and a window's length is time that passes. Times are UTC
microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil import rrule

from signalbox.clock import MICROS, to_datetime, to_micros
from signalbox.errors import Refused
from signalbox.maintenance.rules import Frequency, Rule

MOST = 100_000
"""Windows in one answer."""
LAST_YEAR = 2399
"""Rules are followed until its end."""
FAR = 60 * 366
"""Days that the next windows are looked for."""

_DAY = 86_400 * MICROS
_SLACK = timedelta(days=3)  # more than local time is ever away from UTC, and than any clock skipped
_END = to_micros(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC))
_LAST = datetime.fromisoformat(f"{LAST_YEAR}-12-31")
_NEVER_AGAIN = 12 * 10_000  # an interval, in months or years, that leaves the calendar after one period


class Window(NamedTuple):
    """Half open: `start` ≤ t < `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When one piece of work is: once, or by a rule."""

    start: datetime  # local time in `zone`, or with an offset; with a rule: local time, and no window is earlier
    length: int  # microseconds
    zone: str  # IANA name
    rule: Rule | None = None


class Mark(StrEnum):
    """What the clocks do to a window."""

    MOVED = "moved"  # its local time is skipped that day
    TWICE = "twice"  # its local time comes twice that day; the first is meant
    SHIFTED = "shifted"  # clocks changed since the window before
    DURING = "during"  # clocks change while it lasts


class Preview(NamedTuple):
    """A window to come, and what is remarkable about it."""

    window: Window
    marks: tuple[Mark, ...]


class _Found(NamedTuple):
    window: Window
    wall: datetime  # its start as the rule said it


def windows(schedule: Schedule, start: int, end: int) -> list[Window]:
    """All windows that touch `start` ≤ t < `end`, by their start. `Refused` when there are more than `MOST`."""
    return [found.window for found in _between(schedule, start, end)]


def covering(schedule: Schedule, now: int) -> Window | None:
    """The window that `now` lies in; of several the one that ends last."""
    return max(windows(schedule, now, now + 1), key=lambda window: window.end, default=None)


def next_windows(schedule: Schedule, now: int, count: int = 10) -> list[Window]:
    """The next windows, the one that lasts now included. Looks 60 years ahead."""
    return [found.window for found in _next(schedule, now, count)]


def preview(schedule: Schedule, now: int, count: int = 10) -> list[Preview]:
    """The next windows, each with what clocks do to it in the schedule's zone."""
    zone, before, out = ZoneInfo(schedule.zone), None, []
    for window, wall in _next(schedule, now, count):
        out.append(Preview(window, tuple(_marks(window, wall, before, zone))))
        before = window
    return out


def instant(wall: datetime, zone: str) -> int:
    """When it is that local time; a time with an offset is what it says."""
    return to_micros(wall.replace(tzinfo=ZoneInfo(zone), fold=0) if wall.tzinfo is None else wall)


def _marks(window: Window, wall: datetime, before: Window | None, zone: ZoneInfo) -> Iterator[Mark]:
    if wall.tzinfo is None:
        first, second = (_offset_at(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
        if first != second:
            yield Mark.MOVED if first < second else Mark.TWICE
    if before is not None and _offset(before.start, zone) != _offset(window.start, zone):
        yield Mark.SHIFTED
    if _offset(window.start, zone) != _offset(window.end, zone):
        yield Mark.DURING


def _offset(moment: int, zone: ZoneInfo) -> timedelta:
    return _offset_at(to_datetime(moment).astimezone(zone))


def _offset_at(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None
    return offset


def _next(schedule: Schedule, now: int, count: int) -> list[_Found]:
    days = 32
    while True:
        found = _between(schedule, now, now + days * _DAY)
        if len(found) >= count or days >= FAR:
            return found[:count]
        days *= 2


def _between(schedule: Schedule, start: int, end: int) -> list[_Found]:
    start, end = max(start, 0), min(end, _END)
    found: dict[int, _Found] = {}  # two local times may be one moment, where clocks skip
    for wall in _walls(schedule, start - schedule.length, end):
        begin = instant(wall, schedule.zone)
        window = Window(begin, begin + schedule.length)
        if window.start < end and window.end > start and begin not in found and _allowed(schedule.rule, begin, wall):
            found[begin] = _Found(window, wall)
            if len(found) > MOST:
                raise Refused(f"that are more than {MOST:,} windows: ask for a shorter time")
    return [found[begin] for begin in sorted(found)]


def _allowed(rule: Rule | None, begin: int, wall: datetime) -> bool:
    """Does the rule last until then?"""
    if rule is None or rule.until is None:
        return True
    return begin <= to_micros(rule.until) if rule.until.tzinfo else wall <= rule.until


def _walls(schedule: Schedule, start: int, end: int) -> Iterator[datetime]:
    """Local times of starts; all of those between the two moments, and a few around."""
    if start >= end:
        return
    if schedule.rule is None:
        yield schedule.start
        return
    rule, first = schedule.rule, schedule.start
    lower = max(_utc_wall(start) - _SLACK, first)
    upper = _utc_wall(end) + _SLACK
    limits = [upper, _last(rule, first)] + ([rule.until.replace(tzinfo=None) + _SLACK] if rule.until else [])
    for wall in _from(rule, first, lower, min(limit for limit in limits if limit is not None)):
        if wall >= lower:
            yield wall


def _utc_wall(moment: int) -> datetime:
    return to_datetime(moment).replace(tzinfo=None)


@lru_cache(maxsize=1_024)
def _last(rule: Rule, first: datetime) -> datetime | None:
    """Where COUNT ends; None where the rule has none, or is not through by the last year."""
    if rule.count is None:
        return None
    for number, wall in enumerate(_from(rule, first, first, _LAST), 1):
        if number == rule.count:
            return wall
    return None


def _from(rule: Rule, first: datetime, lower: datetime, upper: datetime) -> Iterator[datetime]:
    """Times of the rule up to `upper`, from the beginning of the month or year of `lower` on."""
    for year, month in _periods(rule, first, lower, upper):
        for wall in _in_period(rule, first, year, month):
            if wall > upper:
                return
            yield wall


def _periods(rule: Rule, first: datetime, lower: datetime, upper: datetime) -> Iterator[tuple[int, int]]:
    """Years (with month 0) for a yearly rule, else months: those that may hold something."""
    for year in range(lower.year, min(upper.year, LAST_YEAR) + 1):
        if rule.frequency is Frequency.YEARLY:
            if (year - first.year) % rule.interval == 0:
                yield year, 0
            continue
        for month in rule.months or range(1, 13):
            begun = (lower.year, lower.month) <= (year, month) <= (upper.year, upper.month)
            if begun and (rule.frequency is not Frequency.MONTHLY or _months(first, year, month) % rule.interval == 0):
                yield year, month


def _months(first: datetime, year: int, month: int) -> int:
    return (year - first.year) * 12 + month - first.month


@lru_cache(maxsize=8_192)
def _in_period(rule: Rule, first: datetime, year: int, month: int) -> tuple[datetime, ...]:
    """Times of the rule in one month, or with month 0 in one year; none before `first`."""
    months, month_days, days = _days(rule, first)
    times = rrule.rrule(
        rrule.MONTHLY if month else rrule.YEARLY,
        interval=_NEVER_AGAIN,
        dtstart=datetime.fromisoformat(f"{year}-{month or 1:02}-01"),
        bymonth=months or None,
        bymonthday=month_days or None,
        byweekday=days or None,
        byhour=rule.hours or (range(24) if rule.frequency is Frequency.HOURLY else first.hour),
        byminute=rule.minutes or first.minute,
        bysecond=first.second,
        bysetpos=rule.positions or None,
    )
    return tuple(wall for wall in times if wall >= first and _in_step(rule, first, wall))


def _days(rule: Rule, first: datetime) -> tuple[tuple[int, ...], tuple[int, ...], list[rrule.weekday]]:
    """Months, days of the month and weekdays: those of the rule, else those that the first time implies."""
    months, month_days = rule.months, rule.month_days
    days = [rrule.weekday(day, which or None) for day, which in rule.days]
    if not month_days and not days:
        match rule.frequency:
            case Frequency.YEARLY:
                months, month_days = months or (first.month,), (first.day,)
            case Frequency.MONTHLY:
                month_days = (first.day,)
            case Frequency.WEEKLY:
                days = [rrule.weekday(first.weekday())]
            case _:
                month_days = tuple(range(1, 32))
    return months, month_days, days


def _in_step(rule: Rule, first: datetime, wall: datetime) -> bool:
    """Is it in one of the weeks, days or hours that INTERVAL leaves? Months and years were looked at before."""
    match rule.frequency:
        case Frequency.WEEKLY:
            steps = (_week(wall, rule.week_start) - _week(first, rule.week_start)).days // 7
        case Frequency.DAILY:
            steps = (wall.date() - first.date()).days
        case Frequency.HOURLY:
            steps = (wall.replace(minute=0, second=0) - first.replace(minute=0, second=0)) // timedelta(hours=1)
        case _:
            return True
    return steps % rule.interval == 0


def _week(wall: datetime, week_start: int) -> date:
    return wall.date() - timedelta(days=(wall.weekday() - week_start) % 7)

"""When does a day begin, and which window does somebody mean? Local days and months in an IANA zone.

A day has 23, 24 or 25 hours, and in a few places something between. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS, to_micros
from signalbox.durations import parse
from signalbox.errors import Refused

USUAL = "30d"
"""The window when nobody says another."""

_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_YEARS = range(1970, 2200)
_AS_IN = "write a day such as 2026-10-25, or a time such as 2026-10-25T14:30 (with Z or +01:00 if it is not local)"
_WINDOW = "write how far back, such as 30d, or a month such as 2026-10, or a day such as 2026-10-25"


def midnight(zone: str, at: date) -> int:
    """The first moment of a local day. Where the clocks skip midnight, that is the moment at which they do."""
    # of an hour that comes twice the first is meant, and one that is skipped is read by the clock before: `fold` 0
    return to_micros(datetime.combine(at, time(), ZoneInfo(zone)))


def day(zone: str, at: date) -> tuple[int, int]:
    """Start and end of a local day. A day that the zone left out, as Samoa did in 2011, ends when it starts."""
    return midnight(zone, at), midnight(zone, at + timedelta(days=1))


def month(zone: str, year: int, number: int) -> tuple[int, int]:
    """Start and end of a local month."""
    following = date(year + number // 12, number % 12 + 1, 1)
    return midnight(zone, date(year, number, 1)), midnight(zone, following)


def days(zone: str, first: date, count: int) -> list[int]:
    """The edges of so many local days in a row: one more than days."""
    return [midnight(zone, first + timedelta(days=number)) for number in range(count + 1)]


def window(
    now: int, zone: str = "UTC", *, back: str | None = None, since: str | None = None, until: str | None = None
) -> tuple[int, int]:
    """The window that somebody wrote: `back` from now, or a local month or day; or from `since` to `until`, or to now.

    `Refused` says what was wrong with it, and what to write.
    """
    if since is not None or until is not None:
        if back is not None or since is None:
            raise Refused("write either a window, or from when (and until when)")
        start, end = moment(since, zone), now if until is None else moment(until, zone)
    else:
        start, end = _written(back or USUAL, now, zone)
    if start >= end:
        raise Refused("the window ends before it begins, or at once: write a later end")
    if start < 0:
        raise Refused("the window begins before 1970: write a later beginning")
    return start, end


def moment(text: str, zone: str) -> int:
    """A local day (its first moment) or time; or a time with an offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f'"{text[:40]}" is no time: {_AS_IN}') from None
    _refuse_far(found.year)
    return to_micros(found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone)))


def _written(text: str, now: int, zone: str) -> tuple[int, int]:
    named = _MONTH.fullmatch(text)
    try:
        if named:
            _refuse_far(int(named[1]))
            return month(zone, int(named[1]), int(named[2]))
        if text[:5].endswith("-"):
            at = date.fromisoformat(text)
            _refuse_far(at.year)
            return day(zone, at)
        length = parse(text)
    except ValueError:
        raise Refused(f'"{text[:40]}" is no window: {_WINDOW}') from None
    if length > now / MICROS:
        raise Refused("the window begins before 1970: write a shorter one")
    return now - round(length * MICROS), now


def _refuse_far(year: int) -> None:
    if year not in _YEARS:
        raise Refused(f"write a year from {_YEARS[0]} to {_YEARS[-1]}")

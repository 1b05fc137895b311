"""When does a day begin, and when does it end? Local days and months in an IANA zone, with 23, 24 or 25 hours.

Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from signalbox.clock import to_micros


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

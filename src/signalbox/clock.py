"""What time is it? UTC, as whole microseconds since 1970: cheap to compare, exact to store."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MICROS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """The wall clock, in microseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000


def to_datetime(moment: int) -> datetime:
    """Microseconds since 1970 as an aware UTC datetime, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=moment)


def to_micros(value: datetime) -> int:
    """An aware datetime as microseconds since 1970. A naive one is a bug of the caller's and raises."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    delta = value - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * MICROS + delta.microseconds


def iso(moment: int) -> str:
    """RFC 3339 in UTC with microseconds and `Z`: `2026-11-24T02:11:06.000000Z`."""
    seconds, micros = divmod(moment, MICROS)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{_date(day)}T{hour:02d}:{minute:02d}:{second:02d}.{micros:06d}Z"


@lru_cache(maxsize=1_024)
def _date(day: int) -> str:
    stamp = time.gmtime(day * 86_400)
    return f"{stamp.tm_year:04d}-{stamp.tm_mon:02d}-{stamp.tm_mday:02d}"

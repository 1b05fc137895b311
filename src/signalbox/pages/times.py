"""How are moments and lengths of time worded? As `web/shared/app/utils/time.ts` words them; `golden/times.json` and
`golden/languages.json` hold both to it. Moments are aware datetimes. The clock has 24 hours in every language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from signalbox.pages.language import Language

_HALF_YEAR = timedelta(days=180)


def exact(moment: datetime) -> str:
    """`2026-11-24T02:17:00Z`, for machines."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def clock(moment: datetime, zone: tzinfo) -> str:
    """`14:02`."""
    local = moment.astimezone(zone)
    return f"{local.hour:02d}:{local.minute:02d}"


def day(language: Language, moment: datetime, zone: tzinfo) -> str:
    """`Mon 23 Nov`."""
    return language.dated("date.day", moment.astimezone(zone))


def named_day(language: Language, name: str, now: datetime, zone: tzinfo) -> str:
    """A day such as 2026-11-24 as a list has it: `Today`, `Yesterday`, `Mon 23 Nov`."""
    at = date.fromisoformat(name)
    match (now.astimezone(zone).date() - at).days:
        case 0:
            return language.say("day.today")
        case 1:
            return language.say("day.yesterday")
        case _:
            return language.dated("date.day", at)


def written(language: Language, moment: datetime, now: datetime, zone: tzinfo) -> str:
    """`14:02` today, `Mon 23 Nov, 14:02` within half a year, else `23 Nov 2025, 14:02`."""
    local, time = moment.astimezone(zone), clock(moment, zone)
    if local.date() == now.astimezone(zone).date():
        return time
    key = "date.day-time" if abs(moment - now) < _HALF_YEAR else "date.year-time"
    return language.dated(key, local, time=time)


def dated(language: Language, moment: datetime, zone: tzinfo) -> str:
    """`23 Nov 2026, 14:02`: a moment that is clear without knowing when it is read."""
    return language.dated("date.year-time", moment.astimezone(zone), time=clock(moment, zone))


def between(language: Language, start: datetime, end: datetime, now: datetime, zone: tzinfo) -> str:
    """`Mon 23 Nov, 22:00–23:30`; the end's day is said only if it is another one."""
    dash = "–" if start.astimezone(zone).date() == end.astimezone(zone).date() else " – "
    return f"{written(language, start, now, zone)}{dash}{written(language, end, start, zone)}"


def span(language: Language, length: timedelta) -> str:
    """`4 minutes`, `1 hour`, `3 days`: the largest whole unit, at least a minute."""
    n, unit = _largest(length)
    return language.count(f"span.{unit}s", n)


def ago(language: Language, moment: datetime, now: datetime) -> str:
    """`just now`, `8 minutes ago`."""
    if now - moment < timedelta(minutes=1):
        return language.say("time.now")
    n, unit = _largest(now - moment)
    return language.distance(-n, unit)


def until(language: Language, moment: datetime, now: datetime) -> str:
    """`in 8 minutes`, at least one."""
    n, unit = _largest(moment - now)
    return language.distance(n, unit)


def _largest(length: timedelta) -> tuple[int, Literal["minute", "hour", "day"]]:
    minutes = max(1, int(length.total_seconds() // 60))
    if minutes < 60:
        return minutes, "minute"
    return (minutes // 60, "hour") if minutes < 60 * 48 else (minutes // 60 // 24, "day")


def lasted(language: Language, length: timedelta) -> str:
    """`40 s`, `12 min`, `2 h 08 min`, `3 d 4 h`: how long something took."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return language.say("length.seconds", s=seconds)
    if seconds < 3_600:
        return language.say("length.minutes", min=seconds // 60)
    if seconds < 86_400:
        return language.say("length.hours", h=seconds // 3_600, min=f"{seconds // 60 % 60:02d}")
    return language.say("length.days", d=seconds // 86_400, h=seconds // 3_600 % 24)


def hours(language: Language, seconds: float) -> str:
    """`4 h 12 min`, `2,160 h`: a length that is compared with others, never in days."""
    h, minutes = divmod(int(seconds) // 60, 60)
    if not h:
        return lasted(language, timedelta(seconds=seconds))
    if not minutes:
        return language.say("length.hours-only", h=language.number(h))
    return language.say("length.hours", h=language.number(h), min=f"{minutes:02d}")

"""How are moments and lengths of time worded? As `web/shared/app/utils/time.ts` words them; `golden/times.json` holds
both to it. Moments are aware datetimes."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def count(number: int, one: str) -> str:
    """`1 minute`, `2 minutes`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def clock(moment: datetime, zone: tzinfo) -> str:
    """`14:02`."""
    return f"{moment.astimezone(zone):%H:%M}"


def day(moment: datetime, zone: tzinfo) -> str:
    """`Mon 23 Nov`."""
    local = moment.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def written(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """`14:02` today, `Mon 23 Nov, 14:02` within half a year, else `23 Nov 2025, 14:02`."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return clock(moment, zone)
    if abs(moment - now) < timedelta(days=180):
        return f"{day(moment, zone)}, {clock(moment, zone)}"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {clock(moment, zone)}"


def between(start: datetime, end: datetime, now: datetime, zone: tzinfo) -> str:
    """`Mon 23 Nov, 22:00–23:30`; the end's day is said only if it is another one."""
    dash = "–" if start.astimezone(zone).date() == end.astimezone(zone).date() else " – "
    return f"{written(start, now, zone)}{dash}{written(end, start, zone)}"


def span(length: timedelta) -> str:
    """`4 minutes`, `1 hour`, `3 days`: the largest whole unit, at least a minute."""
    minutes = max(1, int(length.total_seconds() // 60))
    if minutes < 60:
        return count(minutes, "minute")
    return count(minutes // 60, "hour") if minutes < 60 * 48 else count(minutes // 60 // 24, "day")


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `8 minutes ago`."""
    return "just now" if now - moment < timedelta(minutes=1) else f"{span(now - moment)} ago"


def lasted(length: timedelta) -> str:
    """`40 s`, `12 min`, `2 h 08 min`, `3 d 4 h`: how long something took."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} min"
    if seconds < 86_400:
        return f"{seconds // 3_600} h {seconds // 60 % 60:02d} min"
    return f"{seconds // 86_400} d {seconds // 3_600 % 24} h"

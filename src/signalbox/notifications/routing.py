"""Who is told of a notice, and when? Pure: routes and a moment in, channels and delays out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS, to_datetime
from signalbox.notifications.notices import Kind, Notice
from signalbox.notifications.routes import Match, RouteSpec, parse_hours

REMINDED = frozenset({Kind.DOWN, Kind.DEGRADED, Kind.OFFLINE})
"""What is told again while it lasts."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One channel is told, so long after now, in microseconds."""

    after: int
    step: int  # 0: at once or after the route's delay; then the number of the escalation step
    repeat: int | None  # from one reminder to the next


def tellings(
    notice: Notice,
    routes: Sequence[RouteSpec],
    channels: Mapping[str, str],
    now: int,
    *,
    monitor: str | None = None,
    acknowledged: bool = False,
) -> dict[str, Telling]:
    """Which channels, by key, hear of a notice. Each hears once, at the earliest moment that any route says.

    `channels` are all there are: keys by id. `monitor` is the id of the notice's monitor. What somebody has
    acknowledged goes to no further step, and nobody is reminded of it.
    """
    if not routes:
        return dict.fromkeys(channels.values(), Telling(0, 0, None))
    found: dict[str, Telling] = {}
    for route in _matching(notice, routes, now, monitor):
        repeat = None if acknowledged or notice.kind not in REMINDED else _micros(route.repeat)
        for ids, telling in _of(route, repeat):
            if acknowledged and telling.step:
                continue
            for key in (channels[one] for one in ids if one in channels):
                found[key] = _sooner(found.get(key), telling)
    return found


def _matching(notice: Notice, routes: Sequence[RouteSpec], now: int, monitor: str | None) -> Iterator[RouteSpec]:
    for route in routes:
        if matches(route.match, notice, now, monitor):
            yield route
            if route.stop:
                return


def matches(match: Match, notice: Notice, now: int, monitor: str | None = None) -> bool:
    """Is a notice, at this moment, one that `match` is meant for? `monitor` is the id of its monitor."""
    return (
        (not match.tags or not set(match.tags).isdisjoint(notice.tags))
        and (not match.groups or notice.group in match.groups)
        and (not match.monitors or monitor in match.monitors)
        and (not match.severities or notice.severity in match.severities)
        and (match.hours is None or is_within(match.hours, match.timezone, now))
    )


def is_within(hours: str, zone: str, now: int) -> bool:
    """Is it now such a time of the week, by the clocks on the walls of that zone?"""
    days, start, end = parse_hours(hours)
    local = to_datetime(now).astimezone(ZoneInfo(zone))
    day, minute = local.weekday(), local.hour * 60 + local.minute
    if start < end:
        return day in days and start <= minute < end
    return (day in days and minute >= start) or ((day - 1) % 7 in days and minute < end)


def _of(route: RouteSpec, repeat: int | None) -> Iterator[tuple[Sequence[str], Telling]]:
    delay = round(route.delay * MICROS)
    yield route.to, Telling(delay, 0, repeat)
    for number, step in enumerate(route.steps, 1):
        yield step.to, Telling(delay + round(step.after * MICROS), number, repeat)


def _sooner(one: Telling | None, other: Telling) -> Telling:
    if one is None:
        return other
    first = min(one, other, key=lambda telling: (telling.after, telling.step))
    repeats = [telling.repeat for telling in (one, other) if telling.repeat is not None]
    return Telling(first.after, first.step, min(repeats, default=None))


def _micros(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * MICROS)

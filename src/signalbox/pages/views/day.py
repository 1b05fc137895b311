"""How was one day, minute by minute? Every service's line, what was down when and why, and what was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy.orm import Session

from signalbox.clock import MICROS, to_datetime
from signalbox.errors import NotFound
from signalbox.incidents import service as incidents
from signalbox.monitors.service import Monitor
from signalbox.pages import announcements
from signalbox.pages.document import Incident, State
from signalbox.pages.views import strip
from signalbox.pages.views.base import Asked, Route, Shown, Source, names_by_key
from signalbox.uptime import days, service
from signalbox.uptime.percent import Uptime, summed
from signalbox.uptime.pieces import Counted, Piece, pieces
from signalbox.uptime.receipt import sentence

_HOURS = 6  # between two labels
_TOLD = {
    Counted.DOWN: State.MAJOR, Counted.DEGRADED: State.DEGRADED, Counted.MAINTENANCE: State.MAINTENANCE,
    Counted.UNKNOWN: State.NO_DATA, Counted.PAUSED: State.NO_DATA,
}  # fmt: skip


class Stretch(NamedTuple):
    """A time in which something was not as it should be."""

    start: datetime
    end: datetime
    lasted: timedelta
    state: State
    reason: str  # of `signals.Reason`; empty where there is none


class Service(NamedTuple):
    """One service's day."""

    id: str
    name: str
    state: State  # the worst of it
    line: Markup
    uptime: str | None
    sum: str
    stretches: list[Stretch]


class Tick(NamedTuple):
    """A label below the lines."""

    x: float  # percent
    words: str


def show(asked: Asked, source: Source) -> Shown:
    """A day of the page's zone."""
    today = asked.moment.astimezone(asked.zone).date()
    day = _day(asked.path["day"], today)
    start, end = days.day(asked.zone.key, day)
    if start == end:
        raise NotFound("that day was left out of this time zone")
    monitors = source.window.monitors
    with source.reading() as session:
        services = _services(asked, source, session, start, end)
        told = _incidents(asked, session, monitors, start, end)
    return Shown(
        "day.html",
        asked.language.say("day.title", day=day.isoformat()),
        asked.language.say("day.description", title=asked.page.title, day=day.isoformat()),
        {
            "day": day, "services": services, "incidents": told, "ticks": _ticks(asked, start, end),
            "hours": (end - start) / (3_600 * MICROS), "is_today": day == today,
            "before": day - timedelta(days=1), "after": day + timedelta(days=1) if day < today else None,
        },
        live=day == today,
        indexed=False,
    )  # fmt: skip


def _day(written: str, today: date) -> date:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise NotFound("there is no such day") from None
    if not 0 <= (today - found).days <= 366 * 30:
        raise NotFound("that day is still to come, or was before anybody watched")
    return found


def _services(
    asked: Asked, source: Source, session: Session, start: int, end: int
) -> list[tuple[str | None, list[Service]]]:
    """Services by group, in the page's order."""
    monitors, silent = source.window.monitors, source.silent(session, asked.now)
    known = service.histories(session, monitors, start, min(end, asked.now), silent=silent)
    groups: dict[str | None, list[Service]] = {}
    for monitor in monitors:
        found = pieces(known[monitor.key], start, end, asked.now)
        groups.setdefault(monitor.group, []).append(_service(asked, monitor, found, start, end))
    return list(groups.items())


def _service(asked: Asked, monitor: Monitor, found: Sequence[Piece], start: int, end: int) -> Service:
    reached = Uptime(start, end, summed(found))
    stretches = [_stretch(piece) for piece in found if piece.counted in _TOLD]
    bad = [one.state for one in stretches if one.state is not State.NO_DATA]
    usual = State.OPERATIONAL if reached.sums.known else State.NO_DATA
    label = asked.language.say("day.line", name=monitor.name, sum=sentence(reached.sums))
    return Service(
        monitor.id,
        monitor.name,
        max(bad, key=list(State).index, default=usual),
        strip.line(found, start, end, label),
        reached.text if reached.ratio is not None else None,
        sentence(reached.sums),
        stretches,
    )


def _stretch(piece: Piece) -> Stretch:
    start, end = to_datetime(piece.start), to_datetime(piece.end)
    bad = piece.counted in (Counted.DOWN, Counted.DEGRADED) and piece.spell is not None
    reason = piece.spell.reason.value if bad and piece.spell else ""
    return Stretch(start, end, end - start, _TOLD[piece.counted], reason)


def _incidents(asked: Asked, session: Session, monitors: Sequence[Monitor], start: int, end: int) -> list[Incident]:
    names = names_by_key(monitors)
    return [
        announcements.incident(one, names)
        for one in incidents.touching(session, start, end)
        if not one.pages or asked.page.slug in one.pages
    ]


def _ticks(asked: Asked, start: int, end: int) -> list[Tick]:
    """Every six hours by the clock of the page's zone; a day with a change of clocks has them where they were."""
    found, at = [], start
    while at < end:
        local = to_datetime(at).astimezone(asked.zone)
        if local.minute == 0 and local.hour % _HOURS == 0:
            found.append(Tick(round(100 * (at - start) / (end - start), 2), f"{local:%H:%M}"))
        at += 1_800 * MICROS
    return found


ROUTE = Route("day", re.compile(r"day/(?P<day>\d{4}-\d\d-\d\d)"), frozenset(), show)

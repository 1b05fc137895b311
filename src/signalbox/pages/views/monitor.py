"""How did one service do? Its uptime over several windows, its answer times, and everything that changed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy.orm import Session

from signalbox.clock import MICROS, to_datetime, to_micros
from signalbox.errors import NotFound, Unavailable
from signalbox.history import service as history
from signalbox.history.zooms import Span, Zoom
from signalbox.incidents import service as incidents
from signalbox.maintenance.calendar import Calendar
from signalbox.monitors import evidence
from signalbox.monitors.models import SpellRow
from signalbox.monitors.service import Monitor
from signalbox.pages import snapshot, times
from signalbox.pages.document import Item, State
from signalbox.pages.language import Language
from signalbox.pages.specs import Evidence
from signalbox.pages.views import strip, windows
from signalbox.pages.views.base import Asked, Route, Shown, Source, monitors_by_id
from signalbox.pages.views.reached import reached
from signalbox.slugs import slug
from signalbox.stores.base import Bucket
from signalbox.uptime import service

_EVENTS = 50  # changes that are listed
_WEEKS = 4  # that the hours of the week are taken from
_PHASES = ("dns", "connect", "tls", "ttfb")
_STATES = {"up": State.OPERATIONAL, "degraded": State.DEGRADED, "down": State.MAJOR, "unknown": State.NO_DATA}


class Event(NamedTuple):
    """A change, and how long what began with it lasted."""

    start: datetime
    end: datetime | None
    lasted: timedelta
    state: State
    paused: bool
    reason: str
    message: str  # only as far as the page's owner allows
    unknown: datetime | None  # since when nobody knows whether it goes on
    seen: int | None  # the moment of a check of which readers may see what it saw


class Answer(NamedTuple):
    """Answer times of one step, for the table."""

    start: datetime
    p50: float | None
    p95: float | None
    p99: float | None
    checks: int
    failed: int


def show(asked: Asked, source: Source) -> Shown:
    """The service of that id, and the window that its chart shows."""
    monitor = monitors_by_id(source).get(asked.path["id"])
    if monitor is None:
        raise NotFound("there is no such service")
    zoom = windows.zoom(asked.query.get("z"))
    item = _item(asked, source, monitor)
    window = windows.named("90d", asked.zone.key, asked.now)
    with source.reading() as session:
        silent = source.silent(session, asked.now)
        lines = reached(asked, source, session, [monitor])
        bar = strip.strips(session, [monitor], window.edges, asked.now, silent)[monitor.key]
        watched = _watched(asked, service.first_seen(session, [monitor.key]))
        unknown = silent or _quiet(item)
        spells = service.spells(session, monitor.key, limit=_EVENTS)
        moments = _seen(asked, session, monitor, spells)
        events = [_event(asked, row, unknown, moments) for row in spells]
        span = zoom.span(asked.now)
        told = _told(asked, session, monitor, span.start, span.end)
        found, away = _series(asked, source, session, monitor, zoom)
    work = _work(asked, source, monitor, span)
    return Shown(
        "monitor.html",
        monitor.name,
        asked.language.say("monitor.description", name=monitor.name, title=asked.page.title),
        {
            "monitor": monitor, "item": item, "reached": lines[monitor.id], "bar": bar, "watched": watched,
            "first": to_datetime(window.start), "events": events, "zoom": zoom.value,
            "zooms": [one.value for one in Zoom], "away": away,
            "answers": [_answer(bucket) for bucket in reversed(found)], "step": timedelta(seconds=zoom.step // MICROS),
            "chart": _chart(found, span, [*told, *work], _chart_words(asked.language, found)), "incidents": told,
            "week": _week(asked, source, monitor), "group": slug(monitor.group) if monitor.group else "",
        },
        state=item.state if item else State.NO_DATA,
        live=True,
    )  # fmt: skip


def _item(asked: Asked, source: Source, monitor: Monitor) -> Item | None:
    document = snapshot.build(source.window, asked.page, asked.now, source.known)
    return next((item for group in document.groups for item in group.items if item.id == monitor.id), None)


def _watched(asked: Asked, since: int | None) -> str:
    """For how long, where that is less than the longest of the windows; empty where it is not, or nothing is known."""
    year = windows.named("1y", asked.zone.key, asked.now)
    return times.span(asked.language, asked.moment - to_datetime(since)) if since and since > year.start else ""


def _quiet(item: Item | None) -> int | None:
    """When it was asked last, if that is too long ago."""
    if item is None or not item.quiet or item.checked_at is None:
        return None
    return to_micros(datetime.fromisoformat(item.checked_at))


def _seen(asked: Asked, session: Session, monitor: Monitor, spells: Sequence[SpellRow]) -> Sequence[int]:
    """Moments of checks of which readers may see what they saw, in order."""
    if asked.page.evidence is not Evidence.FULL or not spells:
        return ()
    return evidence.moments(session, monitor.key, min(row.start for row in spells), asked.now)


def _event(asked: Asked, row: SpellRow, unknown: int | None, moments: Sequence[int]) -> Event:
    """`unknown`: since when nobody knows what goes on; `moments`: of checks that can be looked at."""
    start = to_datetime(row.start)
    end = None if row.end is None else to_datetime(row.end)
    known_until = None
    if unknown is not None and end is None and not row.paused:
        known_until = to_datetime(max(unknown, row.start))
    is_told = asked.page.evidence is not Evidence.REASON and row.verdict != "up"
    return Event(
        start,
        end,
        (end or known_until or asked.moment) - start,
        State.NO_DATA if row.paused else _STATES[row.verdict],
        row.paused,
        "" if row.paused or row.reason == "ok" else row.reason,
        row.message if is_told else "",
        known_until,
        next((at for at in moments if row.start <= at < (row.end or asked.now)), None) if row.verdict != "up" else None,
    )


def _series(asked: Asked, source: Source, session: Session, monitor: Monitor, zoom: Zoom) -> tuple[list[Bucket], bool]:
    """Answer times of the window; and whether the store that keeps them is away."""
    span = zoom.span(asked.now)
    try:
        return history.series(session, source.store, monitor.key, span), False
    except Unavailable:
        return [], True


class Band(NamedTuple):
    """A time that the chart marks: an incident, or work."""

    start: int
    end: int | None
    what: str  # incident, maintenance
    title: str
    id: str


def _told(asked: Asked, session: Session, monitor: Monitor, start: int, end: int) -> list[Band]:
    return [
        Band(one.started_at, one.resolved_at, "incident", one.title, one.public)
        for one in incidents.touching(session, start, end)
        if monitor.key in one.monitors and (not one.pages or asked.page.slug in one.pages)
    ]


def _work(asked: Asked, source: Source, monitor: Monitor, span: Span) -> list[Band]:
    calendar = source.known.calendar or Calendar()
    return [
        Band(one.start, one.end, "maintenance", work.spec.title, "")
        for work in calendar.works
        if work.spec.covers(monitor, (asked.page.slug,))
        for one in work.windows(span.start, span.end)
    ]


def _answer(bucket: Bucket) -> Answer:
    checks = bucket.up + bucket.degraded + bucket.down + bucket.unknown
    return Answer(to_datetime(bucket.start), bucket.p50, bucket.p95, bucket.p99, checks, bucket.down)


def _chart(found: Sequence[Bucket], span: Span, bands: Sequence[Band], words: dict[str, str]) -> Markup:
    """What the chart draws, as JSON for a script element: a value a step, null where nothing was answered."""
    start, end, step = span
    places = {(bucket.start - start) // step: bucket for bucket in found}
    row = [places.get(at) for at in range((end - start) // step)]
    lines: dict[str, Any] = {
        name: [_rounded(getattr(one, name)) if one else None for one in row] for name in ("p50", "p95", "p99")
    }
    lines |= {name: [_rounded(getattr(one.phases, name)) if one else None for one in row] for name in _PHASES}
    lines["failed"] = [one.down if one else None for one in row]
    data = {
        "start": start // MICROS, "step": step // MICROS, "lines": lines, "words": words,
        "bands": [[one.start // MICROS, one.end and one.end // MICROS, one.what, one.title] for one in bands],
    }  # fmt: skip
    return Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - no tag can begin


def _chart_words(language: Language, found: Sequence[Bucket]) -> dict[str, str]:
    """What the chart says, in the reader's language; its newest values for those who do not see it."""
    said = {name: language.say(f"monitor.{name}") for name in ("percentiles", "phases", "log", "listen", "hush")}
    said["ms"] = language.raw("monitor.milliseconds")
    said |= {phase: language.say(f"monitor.phase.{phase}") for phase in _PHASES}
    newest = next((bucket for bucket in reversed(found) if bucket.p50 is not None), None)
    if newest is None:
        return {**said, "chart": language.say("monitor.answers")}
    values = {name: language.number(round(getattr(newest, name) or 0)) for name in ("p50", "p95", "p99")}
    return {**said, "chart": language.say("monitor.chart", **values)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _week(asked: Asked, source: Source, monitor: Monitor) -> list[list[float | None]]:
    """p95 by weekday and hour of the page's zone over four weeks; empty where nothing is known."""
    try:
        found = history.hours_of_week(source.store, monitor.key, _WEEKS, asked.zone.key, asked.now)
    except Unavailable:
        return []
    known = {(one.weekday, one.hour): one.p95 for one in found}
    return [[known.get((day, hour)) for hour in range(24)] for day in range(7)] if known else []


ROUTE = Route("monitor", re.compile(r"monitor/(?P<id>[a-z0-9][a-z0-9-]{0,99})"), frozenset({"z"}), show)

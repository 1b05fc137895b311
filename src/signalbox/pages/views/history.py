"""What happened in a month, and how was the year? Incidents and work by day, and a calendar of worst states."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from signalbox.clock import to_datetime
from signalbox.errors import NotFound
from signalbox.incidents import service as incidents
from signalbox.maintenance.calendar import Calendar
from signalbox.monitors.service import Monitor
from signalbox.pages import announcements, telling, times
from signalbox.pages.document import State
from signalbox.pages.views import strip
from signalbox.pages.views.base import Asked, Route, Shown, Source, names_by_key
from signalbox.uptime import days, service

_MONTHS = 12
_MOST = 1_000  # monitors whose year is added up; beyond, the calendar is left out


class Event(NamedTuple):
    """An incident or a window of work, as a line of the list."""

    href: str  # below the page; empty: there is nothing more to read
    title: str
    state: State
    line: str
    text: str  # the newest thing said


class Day(NamedTuple):
    """A day on which something began."""

    date: date
    events: list[Event]


class Cell(NamedTuple):
    """A day of the calendar."""

    date: date
    kind: str  # as in `document.Item.bar`; empty: still to come


class Month(NamedTuple):
    """A month of the calendar: empty places before its first day, then its days."""

    first: date
    offset: int
    cells: list[Cell]


def show(asked: Asked, source: Source) -> Shown:
    """A month of the page's zone, by default this one."""
    today = asked.moment.astimezone(asked.zone).date()
    month = _month(asked.path.get("month"), today)
    monitors = _chosen(asked, source)
    with source.reading() as session:
        start, end = days.month(asked.zone.key, month.year, month.month)
        listed = _days(asked, source, session, monitors, (start, end))
        since = _since(session, source.window.monitors, asked.page.slug)
        first = to_datetime(since).astimezone(asked.zone).date().replace(day=1) if since is not None else month
        calendar = _calendar(asked, source, session, (first, today)) if len(monitors) <= _MOST else []
    return Shown(
        "history.html",
        asked.language.say("history.title"),
        asked.language.say("history.description", title=asked.page.title),
        {
            "month": month, "days": listed, "calendar": calendar, "monitors": source.window.monitors,
            "chosen": asked.query.get("monitor", ""), "searched": asked.query.get("q", ""),
            "before": _shifted(month, -1) if month > first else None,
            "after": _shifted(month, 1) if month < today.replace(day=1) else None,
        },
    )  # fmt: skip


def _month(written: str | None, today: date) -> date:
    if written is None:
        return today.replace(day=1)
    found = date(int(written[:4]), int(written[5:]), 1)
    if found > today:
        raise NotFound("that month is still to come")
    return found


def _shifted(month: date, by: int) -> date:
    return (month + timedelta(days=31 if by > 0 else -1)).replace(day=1)


def _chosen(asked: Asked, source: Source) -> list[Monitor]:
    wanted = asked.query.get("monitor")
    return [one for one in source.window.monitors if not wanted or one.id == wanted]


def _since(session: Session, monitors: Sequence[Monitor], page: str) -> int | None:
    known = (service.first_seen(session, [one.key for one in monitors]), incidents.first(session, page))
    return min((moment for moment in known if moment is not None), default=None)


def _days(
    asked: Asked, source: Source, session: Session, monitors: Sequence[Monitor], span: tuple[int, int]
) -> list[Day]:
    found: defaultdict[date, list[tuple[int, Event]]] = defaultdict(list)
    words = asked.query.get("q", "").casefold().split()
    for moment, event, searched in [*_told(asked, source, session, monitors, span), *_work(asked, source, span)]:
        if all(word in searched.casefold() for word in words):
            found[to_datetime(moment).astimezone(asked.zone).date()].append((moment, event))
    return [
        Day(day, [event for _, event in sorted(found[day], key=lambda one: -one[0])])
        for day in sorted(found, reverse=True)
    ]


def _told(
    asked: Asked, source: Source, session: Session, monitors: Sequence[Monitor], span: tuple[int, int]
) -> list[tuple[int, Event, str]]:
    """Incidents that began in that time: when, how they are listed, what a search looks through."""
    wanted = {monitor.key for monitor in monitors}
    names = names_by_key(source.window.monitors)
    return [
        (one.started_at, _incident(asked, one, names), " ".join([one.title, *(said.plain for said in one.updates)]))
        for one in incidents.touching(session, *span)
        if span[0] <= one.started_at < span[1]
        and (not one.pages or asked.page.slug in one.pages)
        and (not asked.query.get("monitor") or wanted & one.monitors.keys())
    ]


def _incident(asked: Asked, one: incidents.Incident, names: dict[str, str]) -> Event:
    told = announcements.incident(one, names)
    return Event(
        f"incident/{told.id}",
        told.title,
        State.OPERATIONAL if told.resolved_at else told.state,
        telling.course(asked.language, told, asked.moment, asked.zone),
        one.updates[0].plain if one.updates else "",
    )


def _work(asked: Asked, source: Source, span: tuple[int, int]) -> list[tuple[int, Event, str]]:
    calendar = source.known.calendar or Calendar()
    chosen, pages = _chosen(asked, source), (asked.page.slug,)
    works = [work for work in calendar.works if any(work.spec.covers(monitor, pages) for monitor in chosen)]
    return [
        (one.start, _window(asked, one.start, one.end, work.spec.title), work.spec.title)
        for work in works
        for one in work.windows(*span)
        if span[0] <= one.start < min(span[1], asked.now)  # what is to come stands on the page itself
    ]


def _window(asked: Asked, start: int, end: int, title: str) -> Event:
    line = times.between(asked.language, to_datetime(start), to_datetime(end), asked.moment, asked.zone)
    return Event("", title, State.MAINTENANCE, line, "")


def _calendar(asked: Asked, source: Source, session: Session, known: tuple[date, date]) -> list[Month]:
    """Up to twelve months, the newest last, each day as the worst that any of the monitors was. `known`: the first
    month of which anything is known, and today."""
    today = known[1]
    first = today.replace(day=1)
    for _ in range(_MONTHS - 1):
        first = max(_shifted(first, -1), known[0])
    count = (today - first).days + 1
    parts = days.days(asked.zone.key, first, count)
    found = strip.kinds(session, _chosen(asked, source), parts, asked.now, source.silent(session, asked.now))
    kinds = strip.worst(found)
    months: list[Month] = []
    for number in range(count):
        day = first + timedelta(days=number)
        if day.day == 1:
            months.append(Month(day, day.weekday(), []))
        months[-1].cells.append(Cell(day, kinds[number] if kinds else "."))
    return months


ROUTE = Route(
    "history", re.compile(r"history(?:/(?P<month>20\d\d-(?:0[1-9]|1[0-2])))?"), frozenset({"monitor", "q"}), show
)

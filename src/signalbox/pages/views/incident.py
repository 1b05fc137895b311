"""What was said of an incident, and what did it do to which service? With a link to each update, and what an update
said before somebody changed it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy.orm import Session

from signalbox.clock import MICROS, to_datetime
from signalbox.errors import NotFound
from signalbox.incidents import service as incidents
from signalbox.incidents.service import Edit, Incident, Update
from signalbox.incidents.specs import Affected
from signalbox.monitors.service import Monitor
from signalbox.pages import announcements, telling
from signalbox.pages.cells import Bar
from signalbox.pages.document import State
from signalbox.pages.views import diff, strip
from signalbox.pages.views.base import Asked, Route, Shown, Source, names_by_key

_AROUND = 10  # parts of an incident's length that are shown before and after it
_LEAST = 600 * MICROS  # shown at least


class Said(NamedTuple):
    """One update as the view tells it."""

    number: int
    status: str  # in words
    at: datetime
    html: Markup
    edited_at: datetime | None
    changes: list[list[diff.Part]]  # one list for each time that it was changed, the last change first


class Touched(NamedTuple):
    """A service that it affects."""

    id: str
    name: str
    worst: State
    bar: Bar


def show(asked: Asked, source: Source) -> Shown:
    """The incident of that id, as far as it is published and belongs to this page."""
    with source.reading() as session:
        one = _published(session, asked)
        start, end = _frame(one, asked.now)
        touched = [monitor for monitor in source.window.monitors if monitor.key in one.monitors]
        silent = source.silent(session, asked.now)
        strips = strip.strips(session, touched, strip.edges(start, end), asked.now, silent)
    told = announcements.incident(one, names_by_key(source.window.monitors))
    state = State.OPERATIONAL if told.resolved_at else told.state
    detected = None if one.detected_at is None else to_datetime(one.detected_at)
    due = None if one.next_update_by is None or one.resolved_at is not None else to_datetime(one.next_update_by)
    return Shown(
        "incident.html",
        one.title,
        telling.course(asked.language, told, asked.moment, asked.zone),
        {
            "incident": told, "state": state, "due": due,
            "late": asked.moment - due if due and asked.moment >= due else None,
            "started": to_datetime(one.started_at), "found_after": detected and detected - to_datetime(one.started_at),
            "resolved": None if one.resolved_at is None else to_datetime(one.resolved_at),
            "updates": [_said(asked, update, one.edits) for update in one.updates],
            "touched": [_touched(monitor, one, strips[monitor.key]) for monitor in touched],
            "start": to_datetime(start), "end": to_datetime(end),
            "postmortem": Markup(one.postmortem_html) if one.postmortem_html else None,  # noqa: S704 - made safe
            "earlier_postmortems": _changes(one.edits, None, "postmortem", one.postmortem or ""),
            "earlier_titles": [edit.earlier for edit in one.edits if edit.field == "title"],
        },
        state=state,
        live=one.resolved_at is None,
    )  # fmt: skip


def _published(session: Session, asked: Asked) -> Incident:
    """The incident as far as everybody may know of it. `NotFound` says the same of all that there is not to see."""
    try:
        one = incidents.find(session, asked.path["id"])
    except NotFound:
        one = None
    if one is None or one.draft or (one.pages and asked.page.slug not in one.pages):
        raise NotFound("there is no such incident")
    return replace(one, updates=tuple(update for update in one.updates if not update.draft))


def _frame(one: Incident, now: int) -> tuple[int, int]:
    """The time that the small bars show: the incident, and a little before and after."""
    end = one.resolved_at or now
    around = max(_LEAST, end - one.started_at) // _AROUND
    return one.started_at - around, max(min(end + around, now), one.started_at + around)


def _said(asked: Asked, update: Update, edits: Sequence[Edit]) -> Said:
    edited = None if update.edited_at is None else to_datetime(update.edited_at)
    return Said(
        update.number,
        telling.status(asked.language, update.status.value),
        to_datetime(update.happened_at),
        Markup(update.html),  # noqa: S704 - made safe by incidents/markdown.py
        edited,
        _changes(edits, update.number, "body", update.body),
    )


def _changes(edits: Sequence[Edit], number: int | None, field: str, now: str) -> list[list[diff.Part]]:
    """Each change of a text, the last first."""
    texts = [edit.earlier for edit in edits if edit.number == number and edit.field == field] + [now]
    return [diff.between(earlier, later) for earlier, later in pairwise(texts)][::-1]


def _touched(monitor: Monitor, one: Incident, bar: Bar) -> Touched:
    order = list(State)
    said = [update.monitors[monitor.key] for update in one.updates if monitor.key in update.monitors]
    states = [announcements.STATES[each] for each in said if each is not Affected.OPERATIONAL]
    return Touched(monitor.id, monitor.name, max(states, key=order.index, default=State.OPERATIONAL), bar)


ROUTE = Route("incident", re.compile(r"incident/(?P<id>[a-z0-9-]{1,40})"), frozenset(), show)

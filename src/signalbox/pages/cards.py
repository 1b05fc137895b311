"""What do the cards of incidents and of announced work show? Words ready for the templates.

The browser's side writes the same (`web/page/app/components/notices/`). Texts that `incidents/markdown.py` has made
safe come as `Markup`; all else is escaped by the templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from signalbox.pages import telling, times
from signalbox.pages.document import Incident, Maintenance, PageDocument, State, Update
from signalbox.pages.lines import Frame


class Said(NamedTuple):
    """An update of an incident."""

    number: int
    status: str
    at: Markup
    ago: str
    edited: bool
    html: Markup


class Card(NamedTuple):
    """An incident."""

    id: str
    title: str
    state: State
    affects: str
    promise: str
    overdue: bool
    updates: Sequence[Said]
    older: Sequence[Said]  # folded
    earlier: str  # how many those are
    postmortem: Markup
    course: str


class Work(NamedTuple):
    """A window of work that was announced."""

    id: str
    title: str
    touches: str
    progress: str
    when: str
    html: Markup


class Day(NamedTuple):
    """A day on which incidents were resolved."""

    name: str
    cards: Sequence[Card]


class Notices(NamedTuple):
    """Open incidents, work in progress, work to come."""

    incidents: Sequence[Card]
    works: Sequence[Work]


class Past(NamedTuple):
    """Incidents of the last days that are over."""

    days: Sequence[Day]
    rest: Sequence[str]


def moment(text: str, at: Frame) -> Markup:
    """A moment with its zone: `<time datetime="…">02:17 UTC</time>`."""
    when = datetime.fromisoformat(text)
    return _time(when, f"{times.clock(when, at.zone)} {when.astimezone(at.zone):%Z}")


def _time(when: datetime, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(times.exact(when), words)


def current(document: PageDocument, at: Frame) -> Notices:
    """What people come for when something is wrong."""
    works = [_work(one, at) for one in document.maintenance]
    return Notices([card(one, at) for one in document.incidents], works)


def past(document: PageDocument, at: Frame) -> Past | None:
    """None where incidents are not kept."""
    if document.past is None:
        return None
    days = [
        Day(times.named_day(at.language, day.day, at.now, at.zone), [card(one, at) for one in day.incidents])
        for day in document.past.listed
    ]
    lines = (telling.more(at.language, document.past), telling.quiet(at.language, document.past))
    return Past(days, [line for line in lines if line])


def card(one: Incident, at: Frame) -> Card:
    """An incident as the page tells it."""
    updates = [_said(update, at) for update in one.updates]
    older = updates[telling.SHOWN :]
    promise, overdue = telling.promise(at.language, one, at.now, at.zone)
    return Card(
        one.id,
        one.title,
        State.OPERATIONAL if one.resolved_at else one.state,
        telling.affects(at.language, one.affected),
        promise,
        overdue,
        updates[: telling.SHOWN],
        older,
        telling.earlier(at.language, len(older)) if older else "",
        Markup(one.postmortem or ""),  # noqa: S704 - made safe by incidents/markdown.py
        telling.course(at.language, one, at.now, at.zone),
    )


def _said(update: Update, at: Frame) -> Said:
    when = datetime.fromisoformat(update.at)
    return Said(
        update.number,
        telling.status(at.language, update.status),
        _time(when, times.written(at.language, when, at.now, at.zone)),
        times.ago(at.language, when, at.now),
        update.edited_at is not None,
        Markup(update.html),  # noqa: S704 - made safe by incidents/markdown.py
    )


def _work(one: Maintenance, at: Frame) -> Work:
    return Work(
        one.id,
        one.title,
        telling.touches(at.language, one),
        telling.progress(at.language, one, at.now),
        telling.when(at.language, one, at.now, at.zone),
        Markup(one.html),  # noqa: S704 - made safe by incidents/markdown.py
    )

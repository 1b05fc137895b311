"""How are incidents and announced work written into the page? As HTML that reads without JavaScript.

The browser's side writes the same (`web/page/app/components/page/`). What people wrote is escaped here, save for the
texts that `incidents/markdown.py` has made safe.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

from signalbox.pages import telling, times
from signalbox.pages.document import Incident, Maintenance, PageDocument, Past, State, Update


def glyph(state: State) -> str:
    """The sign of a state."""
    return f'<svg class="glyph" aria-hidden="true"><use href="#glyph-{state.value}"/></svg>'


def current(document: PageDocument, now: datetime, zone: ZoneInfo) -> str:
    """Open incidents, work in progress, work to come; empty when there is nothing of the kind."""
    cards = [_incident(one, now, zone, "h2") for one in document.incidents]
    cards += [_maintenance(one, now, zone) for one in document.maintenance]
    if not cards:
        return ""
    return f'<section class="notices" aria-label="Incidents and maintenance">{"".join(cards)}</section>'


def past(document: PageDocument, now: datetime, zone: ZoneInfo) -> str:
    """Incidents of the last days that are over."""
    if document.past is None:
        return ""
    days = "".join(
        f'<h3 class="past-day">{escape(telling.day(day.day, now, zone))}</h3>'
        f"{''.join(_incident(one, now, zone, 'h4') for one in day.incidents)}"
        for day in document.past.listed
    )
    return f'<section class="past"><h2>Past incidents</h2>{days}{_rest(document.past)}</section>'


def _rest(told: Past) -> str:
    lines = [line for line in (telling.more(told), telling.quiet(told)) if line]
    return "".join(f'<p class="past-rest">{line}</p>' for line in lines)


def _incident(one: Incident, now: datetime, zone: ZoneInfo, heading: str) -> str:
    updates = [_update(one, update, now, zone) for update in one.updates]
    state = State.OPERATIONAL if one.resolved_at else one.state
    return (
        f'<article class="notice is-{state.value}" id="incident-{escape(one.id)}">'
        f"{_head(state, one.title, heading)}{_line(telling.affects(one.affected))}{_promise(one, now, zone)}"
        f'<ol class="notice-updates">{"".join(updates[: telling.SHOWN])}</ol>{_older(updates[telling.SHOWN :])}'
        f'{_postmortem(one)}<p class="notice-line notice-course">{escape(telling.course(one, now, zone))}</p></article>'
    )


def _head(state: State, title: str, heading: str) -> str:
    return f'<{heading} class="notice-title">{glyph(state)}<span>{escape(title)}</span></{heading}>'


def _older(updates: list[str]) -> str:
    if not updates:
        return ""
    rest = f'<ol class="notice-updates">{"".join(updates)}</ol>'
    return f'<details class="notice-more"><summary>{telling.earlier(len(updates))}</summary>{rest}</details>'


def _postmortem(one: Incident) -> str:
    if not one.postmortem:
        return ""
    body = f'<div class="notice-body">{one.postmortem}</div>'
    return f'<details class="notice-more"><summary>What happened, and what we do about it</summary>{body}</details>'


def _promise(one: Incident, now: datetime, zone: ZoneInfo) -> str:
    text, overdue = telling.promise(one, now, zone)
    kind = " is-degraded is-overdue" if overdue else ""
    return f'<p class="notice-promise{kind}">{escape(text)}</p>' if text else ""


def _update(one: Incident, update: Update, now: datetime, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat(update.at)
    name = f"incident-{escape(one.id)}-u-{update.number}"
    edited = " · edited" if update.edited_at else ""
    exact = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    body = f'<div class="notice-body">{update.html}</div>' if update.html else ""
    return (
        f'<li id="{name}"><p class="notice-when"><strong>{telling.STATUSES[update.status]}</strong> · '
        f'<a href="#{name}"><time datetime="{exact}">{escape(times.written(moment, now, zone))}</time></a> '
        f"({times.ago(moment, now)}){edited}</p>{body}</li>"
    )


def _maintenance(one: Maintenance, now: datetime, zone: ZoneInfo) -> str:
    body = f'<div class="notice-body">{one.html}</div>' if one.html else ""
    return (
        f'<article class="notice is-maintenance" id="maintenance-{escape(one.id)}">'
        f"{_head(State.MAINTENANCE, one.title, 'h2')}"
        f'<p class="notice-line">{escape(telling.touches(one))}</p>'
        f'<p class="notice-when"><strong>{telling.progress(one, now)}</strong></p>'
        f'<p class="notice-line">{escape(telling.when(one, now, zone))}</p>{body}</article>'
    )


def _line(text: str) -> str:
    return f'<p class="notice-line">{escape(text)}</p>' if text else ""

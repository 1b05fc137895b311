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
    cards = [_incident(one, now, zone) for one in document.incidents]
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
        f"{''.join(_incident(one, now, zone) for one in day.incidents)}"
        for day in document.past.listed
    )
    return f'<section class="past"><h2>Past incidents</h2>{days}{_rest(document.past)}</section>'


def _rest(told: Past) -> str:
    lines = [line for line in (telling.more(told), telling.quiet(told)) if line]
    return "".join(f'<p class="past-rest">{line}</p>' for line in lines)


def _incident(one: Incident, now: datetime, zone: ZoneInfo) -> str:
    updates = [_update(one, update, now, zone) for update in one.updates]
    shown, folded = updates[: telling.SHOWN], updates[telling.SHOWN :]
    older = f"<details><summary>{telling.earlier(len(folded))}</summary><ol>{''.join(folded)}</ol></details>"
    state = State.OPERATIONAL if one.resolved_at else one.state
    postmortem = f'<h4>Postmortem</h4><div class="notice-body">{one.postmortem}</div>' if one.postmortem else ""
    return (
        f'<article class="notice is-{state.value}" id="incident-{escape(one.id)}">'
        f'<div class="notice-head">{glyph(state)}<h3>{escape(one.title)}</h3></div>'
        f'<p class="notice-facts">{escape(telling.course(one, now, zone))}</p>'
        f"{_line(telling.affects(one.affected))}{_promise(one, now, zone)}"
        f"<ol>{''.join(shown)}</ol>{older if folded else ''}{postmortem}</article>"
    )


def _promise(one: Incident, now: datetime, zone: ZoneInfo) -> str:
    text, overdue = telling.promise(one, now, zone)
    return f'<p class="notice-promise{" is-degraded" if overdue else ""}">{escape(text)}</p>' if text else ""


def _update(one: Incident, update: Update, now: datetime, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat(update.at)
    edited = " · edited" if update.edited_at else ""
    body = f'<div class="notice-body">{update.html}</div>' if update.html else ""
    return (
        f'<li id="incident-{escape(one.id)}-u-{update.number}"><p><strong>{telling.STATUSES[update.status]}</strong> '
        f"{_time(moment, now, zone)}{edited}</p>{body}</li>"
    )


def _maintenance(one: Maintenance, now: datetime, zone: ZoneInfo) -> str:
    start, end = datetime.fromisoformat(one.starts_at), datetime.fromisoformat(one.ends_at)
    body = f'<div class="notice-body">{one.html}</div>' if one.html else ""
    return (
        f'<article class="notice is-maintenance" id="maintenance-{escape(one.id)}">'
        f'<div class="notice-head">{glyph(State.MAINTENANCE)}<h3>{escape(one.title)}</h3></div>'
        f'<p class="notice-facts">{telling.progress(one, now)} · {escape(times.between(start, end, now, zone))}</p>'
        f"{_line(' · '.join((telling.EXPECTED[one.expected], ', '.join(one.affected))))}{body}</article>"
    )


def _line(text: str) -> str:
    return f'<p class="notice-line">{escape(text)}</p>' if text else ""


def _time(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    exact = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f'<time datetime="{exact}">{escape(times.written(moment, now, zone))}</time>'

"""What does a page tell of incidents and of work that is announced? Pure: what the board knows, as parts of a document.

Nothing is added to the document here that is not public: monitors by name, texts as safe HTML.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from signalbox.clock import iso, to_datetime
from signalbox.incidents import markdown
from signalbox.incidents import service as kept
from signalbox.incidents.specs import Affected as Said
from signalbox.incidents.specs import Impact
from signalbox.maintenance.calendar import Occasion
from signalbox.pages.board import PAST, Known
from signalbox.pages.document import AffectedService, Incident, Maintenance, Past, PastDay, State, Update

if TYPE_CHECKING:
    from signalbox.monitors.service import Monitor

LISTED = 20
"""Incidents of the past that are listed at the most."""
_NAMED = 50  # monitors that a window names at the most

STATES = {
    Said.OPERATIONAL: State.OPERATIONAL, Said.DEGRADED: State.DEGRADED, Said.PARTIAL: State.PARTIAL,
    Said.MAJOR: State.MAJOR, Said.MAINTENANCE: State.MAINTENANCE,
}  # fmt: skip
_OF_IMPACT = {
    Impact.NONE: State.DEGRADED, Impact.MINOR: State.DEGRADED, Impact.MAJOR: State.PARTIAL,
    Impact.CRITICAL: State.MAJOR,
}  # fmt: skip
_ORDER = {state: rank for rank, state in enumerate(State)}


def of_page(known: Known, slug: str) -> list[kept.Incident]:
    """The incidents that a page shows."""
    return [one for one in known.incidents if not one.pages or slug in one.pages]


def impacts(incidents: Sequence[kept.Incident]) -> dict[str, State]:
    """The state that open incidents give to monitors, by key; of several the worst."""
    found: dict[str, State] = {}
    for incident in incidents:
        if incident.resolved_at is not None:
            continue
        for key, said in incident.monitors.items():
            state = STATES[said]
            if state is not State.OPERATIONAL:
                found[key] = max(state, found.get(key, state), key=_ORDER.__getitem__)
    return found


def incident(one: kept.Incident, names: Mapping[str, str]) -> Incident:
    """One incident as the document has it. Monitors that the page does not show are left out."""
    affected = [
        AffectedService(name=names[key], state=STATES[said]) for key, said in one.monitors.items() if key in names
    ]
    bad = [each.state for each in affected if each.state is not State.OPERATIONAL]
    return Incident(
        id=one.public, title=one.title, impact=one.impact.value,
        state=max(bad, key=_ORDER.__getitem__) if bad else _OF_IMPACT[one.impact],
        status=one.status.value, started_at=iso(one.started_at), detected_at=_iso(one.detected_at),
        resolved_at=_iso(one.resolved_at), next_update_by=_iso(one.next_update_by), affected=affected,
        updates=[_update(update) for update in one.updates], postmortem=one.postmortem_html,
    )  # fmt: skip


def _update(one: kept.Update) -> Update:
    return Update(
        number=one.number,
        status=one.status.value,
        at=iso(one.happened_at),
        edited_at=_iso(one.edited_at),
        html=one.html,
    )


def _iso(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)


def windows(occasions: Sequence[Occasion], monitors: Sequence[Monitor], slug: str) -> list[Maintenance]:
    """Those windows of work that touch something on the page."""
    return [told for one in occasions if (told := _window(one, monitors, slug)) is not None]


def _window(one: Occasion, monitors: Sequence[Monitor], slug: str) -> Maintenance | None:
    names = [monitor.name for monitor in monitors if one.spec.covers(monitor, (slug,))]
    if not names:
        return None
    return Maintenance(
        id=one.work.id, title=one.spec.title, html=markdown.render(one.spec.text), starts_at=iso(one.start),
        ends_at=iso(one.end), planned_end_at=iso(one.planned), expected=one.spec.expected.value,
        affected=names[:_NAMED],
    )  # fmt: skip


def past(incidents: Sequence[kept.Incident], names: Mapping[str, str], timezone: str, now: int) -> Past:
    """The last 14 days in the page's zone: days on which something was resolved, and how many were calm."""
    zone = ZoneInfo(timezone)
    today = to_datetime(now).astimezone(zone).date()
    first = today - timedelta(days=PAST - 1)
    troubled: set[date] = set()
    days: defaultdict[date, list[Incident]] = defaultdict(list)
    over = sorted((one for one in incidents if one.resolved_at is not None), key=lambda one: -(one.resolved_at or 0))
    for one in incidents:
        begin = to_datetime(one.started_at).astimezone(zone).date()
        end = to_datetime(one.resolved_at or now).astimezone(zone).date()
        troubled.update(first + timedelta(days=n) for n in range(PAST) if begin <= first + timedelta(days=n) <= end)
    shown = [one for one in over if _day(one, zone) >= first]
    for one in shown[:LISTED]:
        days[_day(one, zone)].append(incident(one, names))
    listed = [PastDay(day=day.isoformat(), incidents=days[day]) for day in sorted(days, reverse=True)]
    return Past(days=PAST, calm=PAST - len(troubled), listed=listed, more=max(0, len(shown) - LISTED))


def _day(one: kept.Incident, zone: ZoneInfo) -> date:
    return to_datetime(one.resolved_at or 0).astimezone(zone).date()

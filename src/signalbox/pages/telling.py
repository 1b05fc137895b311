"""How is an incident, or work that was announced, told in a few words? As `web/shared/app/utils/telling.ts` tells it;
`golden/telling.json` holds both to it. Plain text; whoever writes it into HTML escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from signalbox.pages import times
from signalbox.pages.document import AffectedService, Incident, Maintenance, Past, State

STATUSES = {
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
}
EXPECTED = {
    "none": "No downtime expected",
    "brief": "Short interruptions are possible",
    "down": "Not available meanwhile",
}
AFFECTED = {
    State.DEGRADED: "degraded",
    State.PARTIAL: "partial outage",
    State.MAJOR: "major outage",
    State.MAINTENANCE: "under maintenance",
}
SHOWN = 3
"""Updates of an incident that are shown at once; older ones are folded."""


def affects(affected: Sequence[AffectedService]) -> str:
    """`Affects API (partial outage), Webhooks`, or empty."""
    names = [f"{one.name} ({AFFECTED[one.state]})" if one.state in AFFECTED else one.name for one in affected]
    return f"Affects {', '.join(names)}" if names else ""


def promise(incident: Incident, now: datetime, zone: tzinfo) -> tuple[str, bool]:
    """When the next update comes, and whether it is overdue; empty where none was promised or none is needed."""
    if incident.next_update_by is None or incident.resolved_at is not None:
        return "", False
    due = datetime.fromisoformat(incident.next_update_by)
    if now >= due:
        return f"Update overdue by {times.lasted(now - due)}, it was due at {times.written(due, now, zone)}", True
    return f"Next update by {times.written(due, now, zone)}", False


def course(incident: Incident, now: datetime, zone: tzinfo) -> str:
    """`Started 14:02 · detected after 40 s · resolved 16:10 (2 h 08 min)`."""
    started = datetime.fromisoformat(incident.started_at)
    parts = [f"Started {times.written(started, now, zone)}"]
    if incident.detected_at is not None and incident.detected_at > incident.started_at:
        parts.append(f"detected after {times.lasted(datetime.fromisoformat(incident.detected_at) - started)}")
    if incident.resolved_at is not None:
        end = datetime.fromisoformat(incident.resolved_at)
        parts.append(f"resolved {times.written(end, started, zone)} ({times.lasted(end - started)})")
    return " · ".join(parts)


def earlier(number: int) -> str:
    """`2 earlier updates`."""
    return times.count(number, "earlier update")


def progress(work: Maintenance, now: datetime) -> str:
    """`Starts in 3 days`, `In progress, ends in 40 minutes`, `In progress, 25 minutes over plan`."""
    start, end, planned = map(datetime.fromisoformat, (work.starts_at, work.ends_at, work.planned_end_at))
    if now < start:
        return f"Starts in {times.span(start - now)}"
    if now >= planned and planned < end:
        return f"In progress, {times.span(now - planned)} over plan"
    return f"In progress, ends in {times.span(end - now)}" if now < end else "Completed"


def when(work: Maintenance, now: datetime, zone: ZoneInfo) -> str:
    """`Mon 23 Nov, 22:00–23:30 (Europe/Budapest)`: when a window is, and whose time that is."""
    start, end = datetime.fromisoformat(work.starts_at), datetime.fromisoformat(work.ends_at)
    return f"{times.between(start, end, now, zone)} ({zone.key.replace('_', ' ')})"


def touches(work: Maintenance) -> str:
    """`Affects Email, Search · Short interruptions are possible`."""
    return f"Affects {', '.join(work.affected)} · {EXPECTED[work.expected]}"


def quiet(past: Past) -> str:
    """`No incidents on the other 12 days`."""
    if past.calm == past.days:
        return f"No incidents in the last {past.days} days"
    return f"No incidents on the other {past.calm} days" if past.calm > 1 else ""


def more(past: Past) -> str:
    """`12 more incidents are not listed`, or empty."""
    verb = "is" if past.more == 1 else "are"
    return f"{times.count(past.more, 'more incident')} {verb} not listed" if past.more else ""


def day(name: str, now: datetime, zone: tzinfo) -> str:
    """A day as the list of past incidents has it: `Today`, `Yesterday`, `Mon 23 Nov`."""
    date = datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=zone, hour=12)
    passed = (now.astimezone(zone).date() - date.date()) // timedelta(days=1)
    return {0: "Today", 1: "Yesterday"}.get(passed) or times.day(date, zone)

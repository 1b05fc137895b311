"""What do operators hear of an incident? The notice that an update becomes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from signalbox.incidents.models import IncidentRow, UpdateRow
from signalbox.incidents.specs import Impact, Status
from signalbox.notifications.notices import Kind, Notice, Severity

_SEVERITIES = {
    Impact.NONE: Severity.INFO, Impact.MINOR: Severity.DEGRADED, Impact.MAJOR: Severity.DOWN,
    Impact.CRITICAL: Severity.DOWN,
}  # fmt: skip


def notice_of(incident: IncidentRow, update: UpdateRow, names: Mapping[str, str]) -> Notice:
    """The notice of a published update. `names` are those of monitors, by key."""
    ongoing = Kind.INCIDENT if update.number == 1 else Kind.UPDATE
    return Notice(
        key=f"incident:{incident.id}:{update.number}",
        thread=f"incident:{incident.id}",
        kind=Kind.RESOLVED if update.status == Status.RESOLVED else ongoing,
        severity=_SEVERITIES[Impact(incident.impact)],
        happened=update.happened_at,
        confirmed=update.created_at,
        facts={
            "title": incident.title, "body": update.body, "status": update.status, "impact": incident.impact,
            "monitors": {names.get(key, key): state for key, state in update.monitors.items()},
            "next_update_by": update.next_update_by,
        },
    )  # fmt: skip

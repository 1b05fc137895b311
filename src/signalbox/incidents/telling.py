"""What do operators hear of an incident? The notice that an update becomes. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from signalbox.incidents import markdown
from signalbox.incidents.models import IncidentRow, UpdateRow
from signalbox.incidents.specs import Impact, Status
from signalbox.notifications.notices import Kind, Notice, Severity

_SEVERITIES = {
    Impact.NONE: Severity.INFO, Impact.MINOR: Severity.DEGRADED, Impact.MAJOR: Severity.DOWN,
    Impact.CRITICAL: Severity.DOWN,
}  # fmt: skip


class Named(NamedTuple):
    """A monitor that an incident affects, and what routes choose by."""

    key: str
    name: str
    group: str | None
    tags: tuple[str, ...]


def notice_of(incident: IncidentRow, update: UpdateRow, affected: Collection[Named]) -> Notice:
    """The notice of a published update. It takes the way that notices of all those affected take."""
    ongoing = Kind.INCIDENT if update.number == 1 else Kind.UPDATE
    names, groups = {one.key: one.name for one in affected}, {one.group for one in affected}
    return Notice(
        key=f"incident:{incident.id}:{update.number}",
        thread=f"incident:{incident.id}",
        kind=Kind.RESOLVED if update.status == Status.RESOLVED else ongoing,
        severity=_SEVERITIES[Impact(incident.impact)],
        happened=update.happened_at,
        confirmed=update.created_at,
        monitor=next(iter(names)) if len(names) == 1 else None,
        group=groups.pop() if len(groups) == 1 else None,
        tags=tuple(sorted({tag for one in affected for tag in one.tags})),
        facts={
            "title": incident.title, "body": markdown.plain(update.body), "status": update.status,
            "impact": incident.impact, "next_update_by": update.next_update_by,
            "monitors": {names.get(key, key): state for key, state in update.monitors.items()},
        },
    )  # fmt: skip

"""Which incidents open and end by themselves? Those of monitors that say so, in the transaction that judged them.

Monitors of one group that fail within a minute join one incident. As soon as a person has written in an incident, it
is theirs: what happens to its monitors is noted there, and only people resolve it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.clock import MICROS, iso
from signalbox.db.configured import known
from signalbox.incidents.models import IncidentRow, TemplateRow, TroubleRow
from signalbox.incidents.service import AUTOMATIC
from signalbox.incidents.specs import Affected, Impact, IncidentTemplateSpec, Status, When
from signalbox.incidents.templates import fill
from signalbox.incidents.writing import add_update, new_public_id, take_over
from signalbox.monitors.judge import Change
from signalbox.monitors.service import Monitor

TOGETHER = 60 * MICROS
"""Monitors of a group that fail within this time share an incident."""

_OPENED = IncidentTemplateSpec(
    id="opened", title="{monitor} is down", body="{monitor} has been failing since {since}. We are looking into it."
)
_RESOLVED = IncidentTemplateSpec(
    id="resolved", title="{monitor} is down", body="{monitor} works again, after {duration}.", when=When.RESOLVED
)


def open_for_change(session: Session, monitor: Monitor, change: Change, now: int) -> None:
    """Open an incident for a monitor that went down, or let it join its group's. A second time changes nothing."""
    trouble = change.after.trouble
    thread = f"{monitor.key}@{trouble}"
    if trouble is None or session.get(TroubleRow, thread) is not None:
        return
    since = change.after.since if change.before.since else trouble
    row = _shared(session, monitor, trouble) or _opened(session, monitor, change, now)
    session.add(TroubleRow(
        thread=thread, incident=row.id, monitor=monitor.key, name=monitor.name, reason=change.after.reason.value,
        since=since, ended_at=None,
    ))  # fmt: skip
    values = _values(monitor, trouble, change.after.message, None)
    body = fill(_template(session, When.OPENED).body, values)
    said = _say(session, row, Status.INVESTIGATING, body, {monitor.key: Affected.MAJOR.value}, trouble, now)
    if not row.owned:
        row.status = said
    session.flush()


def close_for_change(session: Session, monitor: Monitor, change: Change, now: int) -> None:
    """A monitor's trouble is over: resolve its incident when it was the last one, or note it where people write."""
    trouble = session.get(TroubleRow, f"{monitor.key}@{change.before.trouble}")
    if trouble is None or trouble.ended_at is not None:
        return
    ended = change.after.since
    trouble.ended_at = ended
    session.flush()
    row = session.get(IncidentRow, trouble.incident)
    if row is None or row.resolved_at is not None:
        return
    left = session.scalars(
        select(TroubleRow.thread).where(TroubleRow.incident == row.id, TroubleRow.ended_at.is_(None)).limit(1)
    ).first()
    is_over = left is None and not row.owned
    status = Status.RESOLVED if is_over else Status.MONITORING if left is None else Status(row.status)
    values = _values(monitor, trouble.since, change.after.message, ended)
    body = fill(_template(session, When.RESOLVED).body, values)
    row.status = _say(session, row, status, body, {monitor.key: Affected.OPERATIONAL.value}, ended, now)
    if is_over:
        audit.record(session, audit.SYSTEM, "resolve", "incident", row.public)
    session.flush()


def _shared(session: Session, monitor: Monitor, began: int) -> IncidentRow | None:
    """The automatic incident of the monitor's group that began about then and is not over."""
    if monitor.group is None:
        return None
    query = select(IncidentRow).where(
        IncidentRow.origin == AUTOMATIC, IncidentRow.group == monitor.group, IncidentRow.resolved_at.is_(None),
        IncidentRow.started_at.between(began - TOGETHER, began + TOGETHER),
    )  # fmt: skip
    row = session.scalars(query.order_by(IncidentRow.id.desc()).limit(1)).first()
    if row is not None and not row.owned:
        row.title = f"{monitor.group} is down"
        row.started_at = min(row.started_at, began)
    return row


def _opened(session: Session, monitor: Monitor, change: Change, now: int) -> IncidentRow:
    began = change.after.trouble or change.after.since
    values = _values(monitor, began, change.after.message, None)
    row = IncidentRow(
        public=new_public_id(), title=fill(_template(session, When.OPENED).title, values, as_markdown=False)[:200],
        impact=Impact.MAJOR.value, status=Status.INVESTIGATING.value, origin=AUTOMATIC, owned=False,
        group=monitor.group, pages=[], draft=False, notify=False, started_at=began, detected_at=change.confirmed,
        resolved_at=None, next_update_by=None, postmortem=None, postmortem_at=None, created_at=now, edited_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, audit.SYSTEM, "create", "incident", row.public, after={"title": row.title})
    return row


def _say(  # noqa: PLR0917 - one thing each
    session: Session, row: IncidentRow, status: Status, body: str, monitors: dict[str, str], happened: int, now: int
) -> str:
    said = add_update(session, row, {
        "status": status.value, "body": body, "by": audit.SYSTEM, "monitors": monitors, "notify": False,
        "draft": False, "next_update_by": None, "happened_at": happened, "created_at": now,
    })  # fmt: skip
    if not row.owned:
        take_over(row, said)
    return said.status


def _template(session: Session, when: When) -> IncidentTemplateSpec:
    """The words to use: the first automatic template for it, else ours."""
    query = select(TemplateRow.key).where(
        TemplateRow.archived_at.is_(None), TemplateRow.automatic, TemplateRow.when == when.value
    )
    key = session.scalars(query.order_by(TemplateRow.position).limit(1)).first()
    if key is None:
        return _OPENED if when is When.OPENED else _RESOLVED
    spec = next(one.spec for one in known(session, TemplateRow) if one.key == key)
    return IncidentTemplateSpec.model_validate(spec)


def _values(monitor: Monitor, began: int, reason: str, ended: int | None) -> dict[str, str]:
    duration = "" if ended is None else str(timedelta(seconds=max(0, ended - began) // MICROS))
    return {
        "monitor": monitor.name, "group": monitor.group or "", "reason": reason,
        "since": f"{iso(began)[11:16]} UTC", "duration": duration,
    }  # fmt: skip

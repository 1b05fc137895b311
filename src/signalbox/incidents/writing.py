"""What do people do with an incident? Open it, say how it goes, mend what was said, resolve it, say what was learnt.

Each verb takes who does it and audits it in the same transaction. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.clock import iso
from signalbox.db.installation import raise_changes
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.incidents import service
from signalbox.incidents.models import EditRow, IncidentRow, UpdateRow
from signalbox.incidents.service import PERSON, Incident
from signalbox.incidents.specs import Affected, EditSpec, IncidentSpec, Status, UpdateEditSpec, UpdateSpec
from signalbox.incidents.telling import notice_of
from signalbox.monitors.models import MonitorRow
from signalbox.notifications import outbox


def open_(session: Session, spec: IncidentSpec, *, by: str, now: int) -> Incident:
    """Open an incident and say the first thing of it. `Refused` for times to come and monitors that there are not."""
    started = spec.started_at if spec.started_at is not None else spec.happened_at or now
    _refuse_future(started, now, "started_at")
    row = IncidentRow(
        public=new_public_id(), title=spec.title, impact=spec.impact.value, status=Status.INVESTIGATING.value,
        origin=PERSON, owned=True, group=None, pages=list(spec.pages), draft=spec.draft, notify=spec.notify,
        started_at=started, detected_at=None, resolved_at=None, next_update_by=None, postmortem=None,
        postmortem_at=None, created_at=now, edited_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _say(session, row, spec, by, now)
    return _done(session, row, by, "create")


def update(session: Session, public: str, spec: UpdateSpec, *, by: str, now: int) -> Incident:
    """Say how it goes. `Conflict` when it is resolved already."""
    row = service.row_of(session, public, hold=True)
    if row.resolved_at is not None:
        raise Conflict(f'the incident "{public}" is resolved: write a postmortem, or edit what was said')
    row.owned = True
    _say(session, row, spec, by, now)
    return _done(session, row, by, "update")


def resolve(session: Session, public: str, spec: UpdateSpec, *, by: str, now: int) -> Incident:
    """Say that it is over. Every monitor that it affected is operational again, unless the update says otherwise."""
    known = service.find(session, public).monitors
    states = dict.fromkeys(known, Affected.OPERATIONAL)
    ids = {key: id_ for id_, key in _keys(session).items()}
    monitors = {**{ids[key]: state for key, state in states.items() if key in ids}, **spec.monitors}
    said = spec.model_copy(update={"status": Status.RESOLVED, "monitors": monitors})
    return update(session, public, said, by=by, now=now)


def edit(session: Session, public: str, spec: EditSpec, *, by: str, now: int) -> Incident:
    """Change its head: title, impact, pages, when it began."""
    row = service.row_of(session, public, hold=True)
    before = _masked(row)
    if spec.started_at is not None:
        _refuse_future(spec.started_at, now, "started_at")
        if row.resolved_at is not None and spec.started_at > row.resolved_at:
            raise Refused("started_at: it would begin after its end")
        row.started_at = spec.started_at
    if spec.title is not None and spec.title != row.title:
        _keep(session, row, None, "title", row.title, by, now)
        row.title = spec.title
    row.impact = spec.impact.value if spec.impact is not None else row.impact
    row.pages = list(spec.pages) if spec.pages is not None else row.pages
    row.edited_at = now
    return _done(session, row, by, "change", before)


def edit_update(session: Session, public: str, number: int, spec: UpdateEditSpec, *, by: str, now: int) -> Incident:
    """Change what an update says or when it happened, or publish it. What was published is kept beside it."""
    row = service.row_of(session, public, hold=True)
    said = _update_row(session, row, number)
    before = {"number": number, "body": said.body, "happened_at": said.happened_at, "draft": said.draft}
    if spec.happened_at is not None:
        _refuse_future(spec.happened_at, now, "happened_at")
        said.happened_at = spec.happened_at
    if spec.body is not None and spec.body != said.body:
        if not said.draft:
            _keep(session, row, number, "body", said.body, by, now)
            said.edited_at = now
        said.body = spec.body
    if spec.publish:
        if not said.draft:
            raise Conflict(f"update {number} is published already")
        _publish(session, row, said, now)
    return _done(session, row, by, "change-update", before)


def publish(session: Session, public: str, *, by: str, now: int) -> Incident:
    """Let everybody see a draft, with its first update."""
    row = service.row_of(session, public, hold=True)
    if not row.draft:
        raise Conflict(f'the incident "{public}" is published already')
    first = session.scalars(
        select(UpdateRow).where(UpdateRow.incident == row.id).order_by(UpdateRow.number).limit(1)
    ).one()
    _publish(session, row, first, now)
    return _done(session, row, by, "publish")


def discard(session: Session, public: str, *, by: str) -> None:
    """Delete a draft. `Conflict` for what was published: that stays on the record."""
    row = service.row_of(session, public, hold=True)
    if not row.draft:
        raise Conflict(f'the incident "{public}" was published: it can be resolved, not deleted')
    audit.record(session, by, "delete", "incident", row.public, before=_masked(row))
    for said in session.scalars(select(UpdateRow).where(UpdateRow.incident == row.id)):
        session.delete(said)
    session.delete(row)


def write_postmortem(session: Session, public: str, body: str, *, by: str, now: int) -> Incident:
    """Say what was learnt. `Conflict` while it is not resolved."""
    row = service.row_of(session, public, hold=True)
    if row.resolved_at is None:
        raise Conflict(f'the incident "{public}" is not resolved yet: a postmortem comes after the end')
    if row.postmortem is not None:
        _keep(session, row, None, "postmortem", row.postmortem, by, now)
    row.postmortem, row.postmortem_at = body, now
    return _done(session, row, by, "postmortem")


def new_public_id() -> str:
    """A name for URLs that tells nobody how many incidents there are."""
    return secrets.token_hex(5)


def add_update(session: Session, row: IncidentRow, values: Mapping[str, Any]) -> UpdateRow:
    """Write one more update of an incident."""
    newest = session.scalar(select(func.max(UpdateRow.number)).where(UpdateRow.incident == row.id)) or 0
    said = UpdateRow(incident=row.id, number=newest + 1, edited_at=None, **values)
    session.add(said)
    session.flush()
    return said


def take_over(row: IncidentRow, said: UpdateRow) -> None:
    """Let the incident stand as its newest published update says."""
    row.status, row.next_update_by = said.status, said.next_update_by
    if said.status == Status.RESOLVED:
        row.resolved_at, row.next_update_by = said.happened_at, None


def _say(session: Session, row: IncidentRow, spec: UpdateSpec, by: str, now: int) -> None:
    happened = spec.happened_at if spec.happened_at is not None else now
    _refuse_future(happened, now, "happened_at")
    if spec.happened_at is not None and happened < row.started_at:
        raise Refused(f"happened_at: before the incident began, {iso(row.started_at)}")
    if spec.next_update_by is not None and spec.next_update_by <= now:
        raise Refused("next_update_by: people wait for what is to come: write a later moment")
    if row.draft and spec.status is Status.RESOLVED and not spec.draft:
        raise Refused("a draft cannot be resolved: publish it first")
    said = add_update(session, row, {
        "status": (spec.status or Status(row.status)).value, "body": spec.body, "by": by,
        "monitors": _states(session, spec.monitors), "notify": spec.notify, "draft": spec.draft or row.draft,
        "next_update_by": spec.next_update_by, "happened_at": happened, "created_at": now,
    })  # fmt: skip
    if not said.draft:
        _announce(session, row, said, now)


def _publish(session: Session, row: IncidentRow, said: UpdateRow, now: int) -> None:
    said.draft, row.draft = False, False
    _announce(session, row, said, now)


def _announce(session: Session, row: IncidentRow, said: UpdateRow, now: int) -> None:
    take_over(row, said)
    session.flush()
    if said.notify and row.notify:
        names = {monitor.key: monitor.name for monitor in session.execute(select(MonitorRow.key, MonitorRow.name))}
        outbox.announce(session, [notice_of(row, said, names)], now)


def _states(session: Session, monitors: Mapping[str, Affected]) -> dict[str, str]:
    keys = _keys(session) if monitors else {}
    unknown = sorted(monitors.keys() - keys.keys())
    if unknown:
        raise Refused(f"there is no monitor {', '.join(unknown)}: `signalbox monitor list` shows them")
    return {keys[id_]: state.value for id_, state in monitors.items()}


def _keys(session: Session) -> dict[str, str]:
    query = select(MonitorRow.id, MonitorRow.key).where(MonitorRow.archived_at.is_(None))
    return {row.id: row.key for row in session.execute(query)}


def _update_row(session: Session, row: IncidentRow, number: int) -> UpdateRow:
    query = select(UpdateRow).where(UpdateRow.incident == row.id, UpdateRow.number == number)
    said = session.scalars(query).one_or_none()
    if said is None:
        raise NotFound(f'the incident "{row.public}" has no update {number}')
    return said


def _refuse_future(moment: int, now: int, key: str) -> None:
    if moment > now:
        raise Refused(f"{key}: {iso(moment)} is still to come; an incident tells what has happened")


def _keep(session: Session, row: IncidentRow, number: int | None, field: str, earlier: str, by: str, now: int) -> None:  # noqa: PLR0917
    session.add(EditRow(incident=row.id, number=number, field=field, earlier=earlier, by=by, at=now))


def _done(
    session: Session, row: IncidentRow, by: str, action: str, before: Mapping[str, Any] | None = None
) -> Incident:
    session.flush()
    audit.record(session, by, action, "incident", row.public, before=before, after=_masked(row))
    raise_changes(session)
    return service.find(session, row.public)


def _masked(row: IncidentRow) -> dict[str, Any]:
    names = ("title", "impact", "status", "pages", "draft", "started_at", "resolved_at", "next_update_by")
    return {name: getattr(row, name) for name in names}

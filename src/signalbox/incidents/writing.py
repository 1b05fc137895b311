"""What do people do with an incident? Open it, say how it goes, mend what was said, resolve it, say what was learnt.

Each verb takes who does it and audits it in the same transaction. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.db.installation import raise_changes
from signalbox.errors import Conflict, Refused
from signalbox.incidents import refusals, service, updates
from signalbox.incidents.models import EditRow, IncidentRow, UpdateRow
from signalbox.incidents.service import PERSON, Incident
from signalbox.incidents.specs import (
    Affected,
    EditSpec,
    IncidentSpec,
    PostmortemSpec,
    Status,
    UpdateEditSpec,
    UpdateSpec,
)  # fmt: skip

_OF_DRAFTS = ("status", "monitors", "next_update_by", "notify")  # what of an update can be changed until published


def open_(
    session: Session, spec: IncidentSpec, *, by: str, now: int, pages: Collection[str] | None = None,
    public: str | None = None,
) -> Incident:  # fmt: skip
    """Open an incident and say the first thing of it. `Refused` for times to come and monitors that there are not.

    `pages` are the slugs that there are, where they are to be checked; `public` is its name in URLs, if it has one.
    """
    raise_changes(session)
    started = spec.started_at if spec.started_at is not None else spec.happened_at or now
    refusals.future(started, now, "started_at")
    refusals.unknown_pages(spec.pages, pages)
    row = IncidentRow(
        public=public or new_public_id(), title="", impact=spec.impact.value, status=Status.INVESTIGATING.value,
        origin=PERSON, owned=True, group=None, pages=list(spec.pages), draft=spec.draft, notify=spec.notify,
        started_at=started, detected_at=None, resolved_at=None, next_update_by=None, postmortem=None,
        postmortem_at=None, created_at=now, edited_at=None,
    )  # fmt: skip
    states = updates.states_of(session, spec.monitors)
    words = updates.words_of(session, row, spec, states, now)
    row.title = spec.title or words.title
    session.add(row)
    session.flush()
    said = updates.say(session, row, spec, words.body, states, by=by, now=now)
    return _done(session, row, by, "create", said=said)


def update(session: Session, public: str, spec: UpdateSpec, *, by: str, now: int) -> Incident:
    """Say how it goes. `Conflict` when it is resolved already."""
    row = _held(session, public)
    if not (spec.body or spec.template or spec.status or spec.monitors or spec.next_update_by):
        raise Refused("it says nothing: write a text, a status, monitors, or when to expect more")
    return _updated(session, row, spec, updates.states_of(session, spec.monitors), by=by, now=now)


def resolve(session: Session, public: str, spec: UpdateSpec, *, by: str, now: int) -> Incident:
    """Say that it is over. Every monitor that it affected is operational again, unless the update says otherwise."""
    row = _held(session, public)
    affected = service.find(session, public).monitors
    states = dict.fromkeys(affected, Affected.OPERATIONAL.value) | updates.states_of(session, spec.monitors)
    return _updated(session, row, spec.model_copy(update={"status": Status.RESOLVED}), states, by=by, now=now)


def _updated(
    session: Session, row: IncidentRow, spec: UpdateSpec, states: dict[str, str], *, by: str, now: int
) -> Incident:
    if row.resolved_at is not None:
        raise Conflict(f'the incident "{row.public}" is resolved: write a postmortem, or edit what was said')
    if row.draft and spec.status is Status.RESOLVED:
        raise Conflict(f'the incident "{row.public}" is a draft: publish it before it is resolved')
    before = _masked(row)
    body = spec.body or updates.words_of(session, row, spec, states, now).body
    said = updates.say(session, row, spec, body, states, by=by, now=now)
    if not said.draft:
        updates.own(row)
    return _done(session, row, by, "resolve" if said.status == Status.RESOLVED else "update", before, said=said)


def edit(
    session: Session, public: str, spec: EditSpec, *, by: str, now: int, pages: Collection[str] | None = None
) -> Incident:
    """Change its head: title, impact, pages, when it began. What was published is kept beside it."""
    row = _held(session, public)
    before = _masked(row)
    if spec.started_at is not None:
        refusals.beginning(session, row, spec.started_at, now)
        row.started_at = spec.started_at
    if spec.title is not None and spec.title != row.title:
        if not row.draft:
            _keep(session, row, None, "title", row.title, by=by, now=now)
        row.title = spec.title
    if spec.pages is not None:
        refusals.unknown_pages(spec.pages, pages)
        row.pages = list(spec.pages)
    row.impact = spec.impact.value if spec.impact is not None else row.impact
    if _masked(row) != before:
        row.edited_at = now
        updates.own(row)
    return _done(session, row, by, "change", before)


def edit_update(session: Session, public: str, number: int, spec: UpdateEditSpec, *, by: str, now: int) -> Incident:
    """Change what an update says or when it happened, or publish it. What was published is kept beside it."""
    row = _held(session, public)
    said = updates.row_of(session, row, number)
    before = _said(said)
    if not said.draft and (fixed := [name for name in _OF_DRAFTS if getattr(spec, name) is not None]):
        raise Conflict(f"update {number} is published: say it in a further update ({', '.join(fixed)})")
    if spec.happened_at is not None and spec.happened_at != said.happened_at:
        refusals.moment(row, spec.happened_at, now, ends=said.status == Status.RESOLVED)
        said.happened_at = spec.happened_at
        said.edited_at = None if said.draft else now
    if spec.body is not None and spec.body != said.body:
        if not said.draft:
            _keep(session, row, number, "body", said.body, by=by, now=now)
            said.edited_at = now
        said.body = spec.body
    if said.draft:
        updates.redraft(session, row, said, spec, now)
    if spec.publish:
        updates.publish_draft(session, row, said, now)
    if not said.draft:
        updates.own(row)
        updates.stand(session, row)
    return _done(session, row, by, "change-update", before, said=said)


def publish(session: Session, public: str, *, by: str, now: int) -> Incident:
    """Let everybody see a draft, with its first update."""
    row = _held(session, public)
    if not row.draft:
        raise Conflict(f'the incident "{public}" is published already')
    before = _masked(row)
    query = select(UpdateRow).where(UpdateRow.incident == row.id).order_by(UpdateRow.number).limit(1)
    row.draft = False
    updates.publish(session, row, session.scalars(query).one(), now)
    return _done(session, row, by, "publish", before)


def discard(session: Session, public: str, *, by: str) -> None:
    """Delete a draft. `Conflict` for what was published: that stays on the record."""
    row = _held(session, public)
    if not row.draft:
        raise Conflict(f'the incident "{public}" was published: it can be resolved, not deleted')
    audit.record(session, by, "delete", "incident", row.public, before=_masked(row))
    for said in session.scalars(select(UpdateRow).where(UpdateRow.incident == row.id)):
        session.delete(said)
    session.delete(row)


def discard_update(session: Session, public: str, number: int, *, by: str) -> Incident:
    """Delete the draft of an update. `Conflict` for what was published, and for the first of a draft."""
    row = _held(session, public)
    said = updates.row_of(session, row, number)
    if not said.draft:
        raise Conflict(f"update {number} was published: it can be edited, not deleted")
    if row.draft and number == 1:
        raise Conflict(f'update 1 is what the draft "{public}" says: discard the incident, or edit what it says')
    session.delete(said)
    return _done(session, row, by, "delete-update", _said(said))


def write_postmortem(session: Session, public: str, spec: PostmortemSpec, *, by: str, now: int) -> Incident:
    """Say what was learnt. `Conflict` while it is not resolved."""
    row = _held(session, public)
    if row.resolved_at is None:
        raise Conflict(f'the incident "{public}" is not resolved yet: a postmortem comes after the end')
    if row.postmortem is not None and row.postmortem != spec.body:
        _keep(session, row, None, "postmortem", row.postmortem, by=by, now=now)
    row.postmortem, row.postmortem_at = spec.body, now
    return _done(session, row, by, "postmortem")


def new_public_id() -> str:
    """A name for URLs that tells nobody how many incidents there are."""
    return secrets.token_hex(5)


def _held(session: Session, public: str) -> IncidentRow:
    """The incident, for us alone until the end. Changes of monitors take these locks in the same order."""
    raise_changes(session)
    return service.row_of(session, public, hold=True)


def _keep(
    session: Session, row: IncidentRow, number: int | None, field: str, earlier: str, *, by: str, now: int
) -> None:
    session.add(EditRow(incident=row.id, number=number, field=field, earlier=earlier, by=by, at=now))


def _done(
    session: Session, row: IncidentRow, by: str, action: str, before: Mapping[str, Any] | None = None, *,
    said: UpdateRow | None = None,
) -> Incident:  # fmt: skip
    session.flush()
    after = {**_masked(row), **({} if said is None else {"said": _said(said)})}
    audit.record(session, by, action, "incident", row.public, before=before, after=after)
    return service.find(session, row.public)


def _masked(row: IncidentRow) -> dict[str, Any]:
    names = ("title", "impact", "status", "pages", "draft", "started_at", "resolved_at", "next_update_by")
    return {name: getattr(row, name) for name in names}


def _said(said: UpdateRow) -> dict[str, Any]:
    names = ("number", "status", "body", "monitors", "happened_at", "next_update_by", "notify", "draft")
    return {name: getattr(said, name) for name in names}

"""What do people and their scripts see of an incident? One shape for the API and for `--json`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.clock import iso
from signalbox.incidents.service import Edit, Incident, Update
from signalbox.incidents.specs import Affected, Impact, Status
from signalbox.monitors.models import MonitorRow


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class EditDocument(_Shown):
    """A text as it was published before somebody changed it."""

    number: int | None = Field(description="Of the update; null: the incident itself.")
    field: str = Field(description="title, body or postmortem.")
    earlier: str
    by: str
    at: str


class UpdateDocument(_Shown):
    """One thing said of an incident."""

    number: int
    status: Status
    body: str = Field(description="Markdown.")
    html: str = Field(description="The same as safe HTML.")
    monitors: dict[str, Affected] = Field(description="By id; what this update says of them.")
    happened_at: str
    created_at: str
    edited_at: str | None
    next_update_by: str | None
    notify: bool
    draft: bool


class IncidentDocument(_Shown):
    """An incident."""

    id: str
    title: str
    impact: Impact
    status: Status
    automatic: bool = Field(description="Opened by a change, and no person has written in it: it ends by itself.")
    pages: list[str] = Field(description="Slugs; none: all pages.")
    draft: bool
    notify: bool
    monitors: dict[str, Affected] = Field(description="By id; as said last.")
    started_at: str
    detected_at: str | None
    resolved_at: str | None
    next_update_by: str | None
    created_at: str
    edited_at: str | None
    postmortem: str | None = Field(description="Markdown.")
    postmortem_html: str | None
    updates: list[UpdateDocument] = Field(description="The newest first, drafts among them.")
    edits: list[EditDocument] = Field(description="Texts before they were changed; not in lists.")


def monitor_ids(session: Session) -> dict[str, str]:
    """Ids of monitors by key; those archived are not among them."""
    query = select(MonitorRow.key, MonitorRow.id).where(MonitorRow.archived_at.is_(None))
    return {row.key: row.id for row in session.execute(query)}


def document(one: Incident, ids: Mapping[str, str]) -> IncidentDocument:
    """An incident as it is shown. A monitor that is archived is named by its key."""
    return IncidentDocument(
        id=one.public, title=one.title, impact=one.impact, status=one.status, automatic=one.automatic,
        pages=list(one.pages), draft=one.draft, notify=one.notify, monitors=_by_id(one.monitors, ids),
        started_at=iso(one.started_at), detected_at=_iso(one.detected_at), resolved_at=_iso(one.resolved_at),
        next_update_by=_iso(one.next_update_by), created_at=iso(one.created_at), edited_at=_iso(one.edited_at),
        postmortem=one.postmortem, postmortem_html=one.postmortem_html,
        updates=[_update(update, ids) for update in one.updates], edits=[_edit(edit) for edit in one.edits],
    )  # fmt: skip


def _update(one: Update, ids: Mapping[str, str]) -> UpdateDocument:
    return UpdateDocument(
        number=one.number, status=one.status, body=one.body, html=one.html, monitors=_by_id(one.monitors, ids),
        happened_at=iso(one.happened_at), created_at=iso(one.created_at), edited_at=_iso(one.edited_at),
        next_update_by=_iso(one.next_update_by), notify=one.notify, draft=one.draft,
    )  # fmt: skip


def _edit(one: Edit) -> EditDocument:
    return EditDocument(number=one.number, field=one.field, earlier=one.earlier, by=one.by, at=iso(one.at))


def _by_id(monitors: Mapping[str, Affected], ids: Mapping[str, str]) -> dict[str, Affected]:
    return {ids.get(key, key): state for key, state in monitors.items()}


def _iso(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)

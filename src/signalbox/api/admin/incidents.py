"""`/api/v1/incidents` and `/api/v1/incident-templates`: what are people told of trouble?"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, OfDatabase, needs
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.db.configured import Origin, as_document
from signalbox.incidents import service, wording, writing
from signalbox.incidents.document import IncidentDocument, document, monitor_ids
from signalbox.incidents.service import Incident
from signalbox.incidents.specs import EditSpec, IncidentSpec, PostmortemSpec, UpdateEditSpec, UpdateSpec
from signalbox.pages.service import active_pages

router = APIRouter(tags=["incidents"], dependencies=[needs(Scope.INCIDENTS)])

Id = Annotated[str, Path(pattern="^[0-9a-f]{1,40}$", description="The incident's id.")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The update's number.")]

_PLACE = re.compile(r"([0-9]{1,18})~([0-9]{1,18})")


class TemplateAnswer(BaseModel):
    """Words that are kept."""

    key: str
    id: str
    origin: Origin
    spec: dict[str, Any] = Field(description="As written.")


@router.get("/incidents", summary="All incidents")
def list_incidents(
    database: OfDatabase,
    paging: OfPaging,
    resolved: Annotated[bool | None, Query(description="Only those that are over, or only those that are not.")] = None,
    draft: Annotated[bool | None, Query(description="Only drafts, or only what is published.")] = None,
) -> Page[IncidentDocument]:
    """The one that began last first."""
    place = _PLACE.fullmatch(paging.after or "")
    before = (int(place[1]), int(place[2])) if place else None
    with database.read() as session:
        found = service.listing(session, before=before, limit=paging.limit + 1, resolved=resolved, draft=draft)
        ids = monitor_ids(session)
    page = paging.page(found, lambda one: f"{one.started_at}~{one.id}")
    return Page(items=[document(one, ids) for one in page.items], next=page.next)


@router.post("/incidents", status_code=201, summary="Open an incident")
def open_incident(spec: IncidentSpec, database: OfDatabase, by: By) -> IncidentDocument:
    """With the first thing to say of it. A draft is seen by nobody until it is published."""
    with database.begin() as session:
        return _answer(session, writing.open_(session, spec, by=by, now=clock.now(), pages=_slugs(session)))


@router.get("/incidents/{id}", summary="An incident")
def read_incident(id: Id, database: OfDatabase) -> IncidentDocument:
    """With drafts, and with what was said before it was changed."""
    with database.read() as session:
        return _answer(session, service.find(session, id))


@router.patch("/incidents/{id}", summary="Change an incident's head")
def change_incident(id: Id, spec: EditSpec, database: OfDatabase, by: By) -> IncidentDocument:
    """What is left out stays. A published title is kept among `edits`."""
    with database.begin() as session:
        return _answer(session, writing.edit(session, id, spec, by=by, now=clock.now(), pages=_slugs(session)))


@router.delete("/incidents/{id}", status_code=204, summary="Discard a draft")
def discard_incident(id: Id, database: OfDatabase, by: By) -> None:
    """What was published stays on the record."""
    with database.begin() as session:
        writing.discard(session, id, by=by)


@router.post("/incidents/{id}/publish", summary="Publish a draft")
def publish_incident(id: Id, database: OfDatabase, by: By) -> IncidentDocument:
    """With its first update, of which operators are told now."""
    with database.begin() as session:
        return _answer(session, writing.publish(session, id, by=by, now=clock.now()))


@router.post("/incidents/{id}/resolve", summary="Resolve an incident")
def resolve_incident(id: Id, spec: UpdateSpec, database: OfDatabase, by: By) -> IncidentDocument:
    """Its monitors are operational again, unless `monitors` says otherwise."""
    with database.begin() as session:
        return _answer(session, writing.resolve(session, id, spec, by=by, now=clock.now()))


@router.put("/incidents/{id}/postmortem", summary="Say what was learnt")
def write_postmortem(id: Id, spec: PostmortemSpec, database: OfDatabase, by: By) -> IncidentDocument:
    """When it is over. An earlier one is kept among `edits`."""
    with database.begin() as session:
        return _answer(session, writing.write_postmortem(session, id, spec, by=by, now=clock.now()))


@router.post("/incidents/{id}/updates", status_code=201, summary="Say how it goes")
def add_update(id: Id, spec: UpdateSpec, database: OfDatabase, by: By) -> IncidentDocument:
    """One more update."""
    with database.begin() as session:
        return _answer(session, writing.update(session, id, spec, by=by, now=clock.now()))


@router.patch("/incidents/{id}/updates/{number}", summary="Change an update, or publish its draft")
def change_update(id: Id, number: Number, spec: UpdateEditSpec, database: OfDatabase, by: By) -> IncidentDocument:
    """What is left out stays. A published text is kept among `edits`."""
    with database.begin() as session:
        return _answer(session, writing.edit_update(session, id, number, spec, by=by, now=clock.now()))


@router.delete("/incidents/{id}/updates/{number}", status_code=204, summary="Discard the draft of an update")
def discard_update(id: Id, number: Number, database: OfDatabase, by: By) -> None:
    """What was published stays on the record."""
    with database.begin() as session:
        writing.discard_update(session, id, number, by=by)


@router.get("/incident-templates", summary="All templates of incidents")
def list_templates(database: OfDatabase, paging: OfPaging) -> Page[TemplateAnswer]:
    """In their order. They are written in the manifest, under `templates`."""
    with database.read() as session:
        found = wording.listing(session)
    behind = [one for one in found if paging.place is None or (one.position, one.key) > paging.place]
    page = paging.page(behind[: paging.limit + 1], lambda one: f"{one.position}~{one.key}")
    items = [
        TemplateAnswer(key=one.key, id=one.spec.id, origin=one.origin, spec=as_document(one.spec)) for one in page.items
    ]
    return Page(items=items, next=page.next)


def _answer(session: Session, one: Incident) -> IncidentDocument:
    return document(one, monitor_ids(session))


def _slugs(session: Session) -> list[str]:
    return [page.slug for page in active_pages(session)]

"""`/api/v1/monitors`: what is watched?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from signalbox import clock
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, OfDatabase, needs
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.checks.report import EntryReport
from signalbox.clock import iso
from signalbox.db.configured import Origin
from signalbox.heartbeats import tokens
from signalbox.monitors import editing, evidence
from signalbox.monitors.editing import Kept
from signalbox.monitors.specs import MonitorSpec
from signalbox.signals import Reason, Verdict
from signalbox.slugs import PATTERN

router = APIRouter(prefix="/monitors", tags=["monitors"], dependencies=[needs(Scope.MONITORS)])

Id = Annotated[str, Path(pattern=PATTERN, description="The monitor's id.")]
IfMatch = Annotated[
    str | None, Header(max_length=100, description="ETag of what you read: if it changed meanwhile, 412.")
]


class MonitorAnswer(BaseModel):
    """A monitor."""

    key: str = Field(description="Names it in the signal store, for good.")
    id: str
    origin: Origin = Field(description="Who configured it. What the manifest did, only the manifest can change.")
    created_at: str
    paused: bool
    paused_at: str | None = Field(description="When somebody paused it.")
    paused_until: str | None = Field(description="When that ends by itself.")
    spec: dict[str, Any] = Field(description="As written, with every secret as ***. May be sent back like this.")
    token: str | None = Field(
        None, description="Of a push monitor, where none was given: in the one answer that tells it was made."
    )


class Pause(BaseModel):
    """How long nothing is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    until: AwareDatetime | None = Field(None, description="With its zone, such as 2026-12-01T02:00:00Z.")


@router.get("", summary="All monitors")
def list_monitors(database: OfDatabase, paging: OfPaging) -> Page[MonitorAnswer]:
    """In the order of the page."""
    with database.read() as session:
        found = paging.page(
            editing.kept(session, paging.place, paging.limit + 1), lambda one: f"{one.position}~{one.key}"
        )
    return Page(items=[_answer(one) for one in found.items], next=found.next)


@router.post("", status_code=201, summary="Make a monitor")
def create_monitor(spec: MonitorSpec, database: OfDatabase, by: By, response: Response) -> MonitorAnswer:
    """It is asked within seconds. A reload of the manifest leaves it alone."""
    spec, token = tokens.given(spec)
    with database.begin() as session:
        tokens.refuse_taken(session, spec)
        return _told(editing.create(session, spec, by=by, now=clock.now()), response, token)


@router.get("/{id}", summary="One monitor")
def read_monitor(id: Id, database: OfDatabase, response: Response) -> MonitorAnswer:
    """With an ETag, to change it safely."""
    with database.read() as session:
        return _told(editing.find(session, id), response)


@router.put("/{id}", summary="Change a monitor")
def change_monitor(  # noqa: PLR0917 - one thing each
    id: Id, spec: MonitorSpec, database: OfDatabase, by: By, response: Response, if_match: IfMatch = None
) -> MonitorAnswer:
    """The spec as a whole. Where it has *** as it was shown, the secret stays. With another id, its history stays."""
    with database.begin() as session:
        before = editing.find(session, id)
        _refuse_stale(before, if_match)
        spec, token = tokens.given(spec, before)
        tokens.refuse_taken(session, spec, before)
        return _told(editing.change(session, id, spec, by=by), response, token)


@router.delete("/{id}", status_code=204, summary="Archive a monitor")
def archive_monitor(id: Id, database: OfDatabase, by: By, if_match: IfMatch = None) -> None:
    """It is watched no more; its history is kept."""
    with database.begin() as session:
        _refuse_stale(editing.find(session, id), if_match)
        editing.archive(session, id, by=by, now=clock.now())


@router.post("/{id}/pause", summary="Pause a monitor")
def pause_monitor(
    id: Id, database: OfDatabase, by: By, response: Response, pause: Pause | None = None
) -> MonitorAnswer:
    """Nothing is asked, and its time does not count. The manifest's can be paused, too. With `until` it goes on by
    itself then."""
    until = None if pause is None or pause.until is None else clock.to_micros(pause.until)
    with database.begin() as session:
        return _told(editing.pause(session, id, by=by, now=clock.now(), until=until), response)


@router.post("/{id}/resume", summary="Resume a monitor")
def resume_monitor(id: Id, database: OfDatabase, by: By, response: Response) -> MonitorAnswer:
    """Ask again."""
    with database.begin() as session:
        return _told(editing.resume(session, id, by=by), response)


@router.post("/{id}/check", status_code=202, summary="Ask a monitor now")
def check_monitor(id: Id, database: OfDatabase, by: By) -> None:
    """Within about a second and out of turn; its signal counts like any other."""
    with database.begin() as session:
        editing.want(session, id, by=by, now=clock.now())


class EvidenceAnswer(BaseModel):
    """What showed why one check failed."""

    at: str
    location: str
    verdict: Verdict
    reason: Reason
    message: str
    entries: list[EntryReport]


@router.get("/{id}/evidence", summary="Why its checks failed")
def read_evidence(id: Id, database: OfDatabase, paging: OfPaging) -> Page[EvidenceAnswer]:
    """What was seen by checks that made it suspect or changed how it stands, newest first. Kept for 30 days, at most
    50 a monitor. Holds no secret of ours, but what servers said."""
    with database.read() as session:
        key = editing.find(session, id).key
        found = evidence.of(session, key, before=paging.number or None, limit=paging.limit + 1)
    page = paging.page(found, lambda one: one.moment)
    return Page(items=[_evidence(one) for one in page.items], next=page.next)


def _evidence(one: evidence.Kept) -> EvidenceAnswer:
    entries = [EntryReport(name=name, text=text) for name, text in one.entries]
    return EvidenceAnswer(
        at=iso(one.moment), location=one.location, verdict=one.verdict, reason=one.reason, message=one.message,
        entries=entries,
    )  # fmt: skip


def _answer(one: Kept, token: str | None = None) -> MonitorAnswer:
    return MonitorAnswer(
        key=one.key, id=one.id, origin=one.origin, created_at=iso(one.created_at), paused=one.is_paused,
        paused_at=None if one.paused_at is None else iso(one.paused_at),
        paused_until=None if one.paused_until is None else iso(one.paused_until), spec=one.shown, token=token,
    )  # fmt: skip


def _told(one: Kept, response: Response, token: str | None = None) -> MonitorAnswer:
    response.headers["ETag"] = _tag(one)
    return _answer(one, token)


def _tag(one: Kept) -> str:
    return f'"{one.revision}"'


def _refuse_stale(one: Kept, if_match: str | None) -> None:
    if (
        if_match is not None
        and if_match.strip() != "*"
        and _tag(one) not in (part.strip() for part in if_match.split(","))
    ):
        raise HTTPException(412, f'"{one.id}" was changed meanwhile: read it again.')

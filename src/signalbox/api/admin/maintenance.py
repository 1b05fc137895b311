"""`/api/v1/maintenance`: what work is announced, and how does some begin, end or last longer?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, OfDatabase, needs
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.clock import iso
from signalbox.db.configured import Origin, as_document
from signalbox.durations import Duration
from signalbox.maintenance import service
from signalbox.maintenance.calendar import Occasion, Work
from signalbox.maintenance.specs import Expected, MaintenanceSpec, What, bounded
from signalbox.maintenance.windows import Mark, Window, preview
from signalbox.pages.service import active_pages
from signalbox.slugs import PATTERN

router = APIRouter(prefix="/maintenance", tags=["maintenance"], dependencies=[needs(Scope.MAINTENANCE)])

Id = Annotated[str, Path(pattern=PATTERN, description="The maintenance's id.")]
Length = Annotated[Duration, AfterValidator(bounded)]
_STRICT = ConfigDict(extra="forbid", frozen=True)


class WindowAnswer(BaseModel):
    """A window, half open: `start` ≤ t < `end`."""

    start: str
    end: str


class PresentAnswer(WindowAnswer):
    """A window that is under way."""

    planned: str = Field(description="When it was announced to end.")


class PreviewAnswer(WindowAnswer):
    """A window to come."""

    marks: list[Mark] = Field(
        description="What clocks do to it in its zone. moved: they skip its time; twice: they show it twice, the first "
        "is meant; shifted: they changed since the window before; during: they change while it lasts."
    )


class MaintenanceAnswer(BaseModel):
    """Work that is announced."""

    key: str = Field(description="Given once, never changed.")
    id: str
    origin: Origin = Field(description="Who announced it. What the manifest did, only the manifest can change.")
    state: str = Field(description="running, planned or over.")
    window: PresentAnswer | None = Field(description="The one under way.")
    next: WindowAnswer | None = Field(description="The one that begins next.")
    spec: dict[str, Any] = Field(description="As written; may be sent back like this.")


class StartSpec(What):
    """Work that begins now."""

    length: Length = Field(alias="for", description="How long it lasts.")
    title: str | None = Field(None, min_length=1, max_length=200, description="What readers see.")
    expected: Expected = Field(Expected.NONE, description="What readers should expect.")


class ExtendSpec(BaseModel):
    """How much longer."""

    model_config = _STRICT

    length: Length = Field(alias="for", description="Time added to the end.")


class ScheduleSpec(BaseModel):
    """When some work would be."""

    model_config = _STRICT

    start: str = Field(max_length=40)
    end: str | None = Field(None, max_length=40)
    length: Length | None = Field(None, alias="for")
    rrule: str | None = Field(None, max_length=500)
    timezone: str = Field("UTC", max_length=100)


@router.get("", summary="Work under way and announced")
def list_maintenance(
    database: OfDatabase, paging: OfPaging, over: Annotated[bool, Query(description="Also what is over.")] = False
) -> Page[MaintenanceAnswer]:
    """In the order it was announced."""
    now = clock.now()
    with database.read() as session:
        works = service.listing(session, now, over=over)
    behind = [work for work in works if paging.place is None or (work.position, work.key) > paging.place]
    found = paging.page(behind[: paging.limit + 1], lambda work: f"{work.position}~{work.key}")
    return Page(items=[_answer(work, now) for work in found.items], next=found.next)


@router.post("", status_code=201, summary="Announce work")
def create_maintenance(spec: MaintenanceSpec, database: OfDatabase, by: By) -> MaintenanceAnswer:
    """Once, or again and again. A reload of the manifest leaves it alone."""
    now = clock.now()
    with database.begin() as session:
        return _answer(service.schedule(session, spec, by=by, now=now, pages=_slugs(session)), now)


@router.post("/start", status_code=201, summary="Begin work now")
def start_maintenance(wanted: StartSpec, database: OfDatabase, by: By) -> MaintenanceAnswer:
    """Meanwhile nobody is woken by what it touches."""
    now = clock.now()
    with database.begin() as session:
        made = service.start_now(
            session, title=wanted.title, for_=wanted.length, what=wanted, by=by, now=now, expected=wanted.expected,
            pages=_slugs(session),
        )  # fmt: skip
    return _answer(made, now)


@router.post("/preview", summary="The next ten windows of a schedule")
def preview_schedule(wanted: ScheduleSpec) -> list[PreviewAnswer]:
    """Nothing is announced. Looks 60 years ahead."""
    written = {"title": "preview", "all": True, **wanted.model_dump(by_alias=True)}
    return _preview(service.valid(written), clock.now())


@router.get("/{id}", summary="Some work")
def read_maintenance(id: Id, database: OfDatabase) -> MaintenanceAnswer:
    """What is announced, and its windows of now and next."""
    with database.read() as session:
        return _answer(service.find(session, id), clock.now())


@router.get("/{id}/windows", summary="The next ten windows of some work")
def read_windows(id: Id, database: OfDatabase) -> list[PreviewAnswer]:
    """As announced, the one under way included. Looks 60 years ahead."""
    with database.read() as session:
        return _preview(service.find(session, id).spec, clock.now())


@router.put("/{id}", summary="Change what is announced")
def change_maintenance(id: Id, spec: MaintenanceSpec, database: OfDatabase, by: By) -> MaintenanceAnswer:
    """The spec as a whole. It counts from now on: windows of the past stay as they were announced."""
    now = clock.now()
    with database.begin() as session:
        return _answer(service.change(session, id, spec, by=by, now=now, pages=_slugs(session)), now)


@router.delete("/{id}", status_code=204, summary="Take work back")
def cancel_maintenance(id: Id, database: OfDatabase, by: By) -> None:
    """A window under way ends, and none follows. Windows of the past stay."""
    with database.begin() as session:
        service.cancel(session, id, by=by, now=clock.now())


@router.post("/{id}/end", summary="End the window under way")
def end_window(id: Id, database: OfDatabase, by: By) -> MaintenanceAnswer:
    """Those to come stay. The manifest's may be ended, too."""
    now = clock.now()
    with database.begin() as session:
        service.end(session, id, by=by, now=now)
        return _answer(service.find(session, id), now)


@router.post("/{id}/extend", summary="Let the window under way last longer")
def extend_window(id: Id, wanted: ExtendSpec, database: OfDatabase, by: By) -> MaintenanceAnswer:
    """By some time. The manifest's may be made longer, too."""
    now = clock.now()
    with database.begin() as session:
        service.extend(session, id, wanted.length, by=by, now=now)
        return _answer(service.find(session, id), now)


def _answer(work: Work, now: int) -> MaintenanceAnswer:
    stand = work.stand(now)
    return MaintenanceAnswer(
        key=work.key, id=work.id, origin=work.origin, state=stand.word, window=_present(stand.present),
        next=_window(stand.following), spec=as_document(work.spec),
    )  # fmt: skip


def _present(one: Occasion | None) -> PresentAnswer | None:
    return None if one is None else PresentAnswer(start=iso(one.start), end=iso(one.end), planned=iso(one.planned))


def _window(one: Window | None) -> WindowAnswer | None:
    return None if one is None else WindowAnswer(start=iso(one.start), end=iso(one.end))


def _preview(spec: MaintenanceSpec, now: int) -> list[PreviewAnswer]:
    return [
        PreviewAnswer(start=iso(window.start), end=iso(window.end), marks=[*marks])
        for window, marks in preview(spec.schedule, now)
    ]


def _slugs(session: Session) -> list[str]:
    return [page.slug for page in active_pages(session)]

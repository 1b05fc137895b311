"""`/api/v1/monitors/{id}/uptime`, `…/receipt`, `…/spells` and `/api/v1/annotations`: what was reached, and why?"""

from __future__ import annotations

import re
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from signalbox import clock
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, OfDatabase, needs
from signalbox.api.admin.monitors import Id
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.clock import iso
from signalbox.monitors.models import SpellRow
from signalbox.signals import Reason, Verdict
from signalbox.slugs import PATTERN
from signalbox.uptime import annotations as verbs
from signalbox.uptime import days, service
from signalbox.uptime.models import AnnotationRow
from signalbox.uptime.pieces import Counted, Saying
from signalbox.uptime.receipt import facts
from signalbox.zones import Zone

router = APIRouter(tags=["uptime"], dependencies=[needs(Scope.ANNOTATIONS)])

_PLACE = re.compile(r"(-?[0-9]{1,18})~([0-9]{1,18})")
Moment = Annotated[str, Field(max_length=40)]
Number = Annotated[int, Path(ge=1, le=2**62)]


class Asked:
    """The window that is asked for, as `start` ≤ t < `end`."""

    def __init__(
        self,
        window: Annotated[
            str | None, Query(max_length=40, description="How far back, 30d; or a local month or day. Default: 30d.")
        ] = None,
        since: Annotated[str | None, Query(alias="from", max_length=40, description="A local day or time.")] = None,
        until: Annotated[str | None, Query(alias="to", max_length=40, description="Up to then. Default: now.")] = None,
        zone: Annotated[Zone, Query(max_length=80, description="IANA name: where days begin.")] = "UTC",
    ) -> None:
        self.now, self.zone = clock.now(), zone
        self.start, self.end = days.window(self.now, zone, back=window, since=since, until=until)


OfWindow = Annotated[Asked, Depends()]


class Seconds(BaseModel):
    """How long it was what: seconds, exact to the microsecond. Together they are the window."""

    up: str
    degraded: str
    down: str
    maintenance: str
    unknown: str
    paused: str
    not_expected: str


class WeightsAnswer(BaseModel):
    """How much a moment of each verdict takes away: 0 nothing, 1 all of it."""

    down: float
    degraded: float


class UptimeAnswer(BaseModel):
    """What one monitor reached in one window."""

    monitor: str = Field(description="Its id.")
    start: str
    end: str
    now: str
    uptime: float | None = Field(description="Percent, truncated. 100 only if nothing was down; null: nothing known.")
    uptime_text: str
    coverage: float | None = Field(description="Percent of the expected time that is accounted for, truncated.")
    coverage_text: str
    sentence: str = Field(description="The same in words.")
    seconds: Seconds
    weights: WeightsAnswer


class PieceAnswer(BaseModel):
    """One piece of a window."""

    start: str
    end: str
    seconds: str
    counted: Counted
    why: str = Field(description="What made it count so, where it was not its verdict.")
    spell: int | None = Field(description="The spell it is a part of; null: there was none.")
    verdict: Verdict | None = Field(description="What the record says.")
    reason: Reason | None
    message: str | None


class FormulaAnswer(BaseModel):
    """How the numbers came about."""

    uptime: str
    uptime_numbers: str
    coverage: str
    coverage_numbers: str


class ReceiptAnswer(UptimeAnswer):
    """How one monitor came to its number: whoever adds up the pieces gets it."""

    zone: str
    formula: FormulaAnswer
    pieces: list[PieceAnswer]


class SpellAnswer(BaseModel):
    """The time from one change to the next, as the record has it."""

    id: int
    verdict: Verdict
    reason: Reason
    message: str
    start: str
    end: str | None = Field(description="Null: it goes on.")
    confirmed: str = Field(description="When we were sure.")
    trouble: str | None = Field(description="When the trouble began that it belongs to.")
    flapping: bool
    paused: bool


class AnnotationSpec(BaseModel):
    """What somebody says of a spell, or of a time."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    monitor: str = Field(pattern=PATTERN, description="Its id.")
    what: Saying
    spell: int | None = Field(None, ge=1, le=2**62, description="The spell it is about, as far as it has come.")
    since: Moment | None = Field(None, alias="from", description="Or when it begins: a local day or time.")
    until: Moment | None = Field(None, alias="to", description="And when it ends. Default: now.")
    zone: Zone = "UTC"
    note: str = Field("", max_length=verbs.LONGEST_NOTE, description="Why; stands on the receipt.")

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.spell is None) == (self.since is None) or (self.spell is not None and self.until is not None):
            raise ValueError("write either `spell`, or `from` (and `to`)")
        return self


class AnnotationAnswer(BaseModel):
    """What somebody said."""

    id: int
    monitor: str
    what: Saying
    start: str
    end: str
    note: str
    by: str
    created_at: str
    withdrawn_at: str | None


@router.get("/monitors/{id}/uptime", summary="What a monitor reached")
def read_uptime(id: Id, asked: OfWindow, database: OfDatabase) -> UptimeAnswer:
    """In any window: uptime, coverage, and how long it was what."""
    with database.read() as session:
        (one,) = service.watched(session, [id])
        silent = service.silent_since(session, asked.now)
        reached = service.uptime(session, [one], asked.start, asked.end, asked.now, silent=silent)[one.key]
    return UptimeAnswer(monitor=one.id, **facts(reached, asked.now))


@router.get("/monitors/{id}/receipt", summary="Where a number comes from")
def read_receipt(id: Id, asked: OfWindow, database: OfDatabase) -> ReceiptAnswer:
    """The pieces of the window, their sums, and the formula with the numbers put in."""
    with database.read() as session:
        (one,) = service.watched(session, [id])
        silent = service.silent_since(session, asked.now)
        made = service.receipt(session, one, asked.start, asked.end, asked.now, zone=asked.zone, silent=silent)
    return ReceiptAnswer(**made.document())


@router.get("/monitors/{id}/spells", summary="How a monitor stood before")
def list_spells(id: Id, database: OfDatabase, paging: OfPaging) -> Page[SpellAnswer]:
    """The newest first."""
    with database.read() as session:
        (one,) = service.watched(session, [id])
        found = service.spells(session, one.key, _place(paging.after), paging.limit + 1)
        page = paging.page(found, lambda row: f"{row.start}~{row.id}")
        return Page(items=[_spell(row) for row in page.items], next=page.next)


@router.get("/annotations", summary="What was said of the past")
def list_annotations(
    database: OfDatabase,
    paging: OfPaging,
    monitor: Annotated[str | None, Query(pattern=PATTERN, description="Only of that monitor.")] = None,
    withdrawn: Annotated[bool, Query(description="Those that count no more, too.")] = False,
) -> Page[AnnotationAnswer]:
    """The last made first."""
    with database.read() as session:
        key = service.watched(session, [monitor])[0].key if monitor else None
        found = verbs.listing(
            session, monitor=key, withdrawn=withdrawn, before=paging.number or None, limit=paging.limit + 1
        )
        page = paging.page(found, lambda row: row.id)
        ids = service.names(session, {row.monitor for row in page.items})
        return Page(items=[_annotation(row, ids) for row in page.items], next=page.next)


@router.post("/annotations", status_code=201, summary="Say what a time really was")
def annotate(wanted: AnnotationSpec, database: OfDatabase, by: By) -> AnnotationAnswer:
    """It changes what the time counts as; the record stays. Of annotations that overlap, the last made counts."""
    now = clock.now()
    with database.begin() as session:
        (one,) = service.watched(session, [wanted.monitor])
        if wanted.spell is not None:
            row = verbs.annotate_spell(
                session, wanted.spell, wanted.what, by=by, now=now, note=wanted.note, monitor=one.key
            )
        else:
            start, end = days.window(now, wanted.zone, since=wanted.since, until=wanted.until)
            row = verbs.annotate(session, one.key, wanted.what, start, end, by=by, now=now, note=wanted.note)
        return _annotation(row, {one.key: one.id})


@router.delete("/annotations/{number}", status_code=204, summary="Withdraw an annotation")
def withdraw(number: Number, database: OfDatabase, by: By) -> None:
    """It stays to be read, and counts no more."""
    with database.begin() as session:
        verbs.withdraw(session, number, by=by, now=clock.now())


def _place(after: str | None) -> tuple[int, int] | None:
    found = _PLACE.fullmatch(after or "")
    return (int(found[1]), int(found[2])) if found else None


def _spell(row: SpellRow) -> SpellAnswer:
    return SpellAnswer(
        id=row.id, verdict=Verdict(row.verdict), reason=Reason(row.reason), message=row.message, start=iso(row.start),
        end=_maybe(row.end), confirmed=iso(row.confirmed), trouble=_maybe(row.trouble), flapping=row.flapping,
        paused=row.paused,
    )  # fmt: skip


def _annotation(row: AnnotationRow, ids: dict[str, str]) -> AnnotationAnswer:
    return AnnotationAnswer(
        id=row.id, monitor=ids[row.monitor], what=Saying(row.what), start=iso(row.start), end=iso(row.end),
        note=row.note, by=row.by, created_at=iso(row.created_at), withdrawn_at=_maybe(row.withdrawn_at),
    )  # fmt: skip


def _maybe(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)

"""`/api/v1/standings`: how do the monitors stand?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import OfDatabase, needs
from signalbox.api.admin.monitors import Id
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.clock import iso
from signalbox.monitors import overview
from signalbox.monitors.overview import Overview
from signalbox.signals import Verdict

router = APIRouter(tags=["standings"], dependencies=[needs(Scope.MONITORS)])


class StandingAnswer(BaseModel):
    """How one monitor stands."""

    monitor: str = Field(description="Its id.")
    name: str
    group: str | None
    verdict: Verdict
    reason: str | None
    message: str
    since: str | None = Field(description="When the verdict began; null: it was not judged yet.")
    trouble: str | None = Field(description="When the trouble began that is not over yet.")
    flapping: bool
    paused: bool


@router.get("/standings", summary="How all monitors stand")
def list_standings(
    database: OfDatabase,
    paging: OfPaging,
    verdict: Annotated[Verdict | None, Query(description="Only those with this verdict.")] = None,
) -> Page[StandingAnswer]:
    """In the order of the page."""
    with database.read() as session:
        rows = overview.overviews(session, verdict=verdict, after=paging.place, limit=paging.limit + 1)
        found = paging.page(rows, lambda one: f"{one.position}~{one.key}")
    return Page(items=[_answer(one) for one in found.items], next=found.next)


@router.get("/monitors/{id}/standing", summary="How one monitor stands")
def read_standing(id: Id, database: OfDatabase) -> StandingAnswer:
    """Its verdict, why, and since when."""
    with database.read() as session:
        return _answer(overview.of(session, id))


def _answer(one: Overview) -> StandingAnswer:
    return StandingAnswer(
        monitor=one.id, name=one.name, group=one.group, verdict=one.verdict, reason=one.reason, message=one.message,
        since=None if one.since is None else iso(one.since), trouble=None if one.trouble is None else iso(one.trouble),
        flapping=one.flapping, paused=one.paused,
    )  # fmt: skip

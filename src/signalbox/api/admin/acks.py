"""`/api/v1/acks`: what trouble is there, and who looks after it?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, OfDatabase, needs
from signalbox.api.admin.paging import Page
from signalbox.clock import iso
from signalbox.errors import Conflict, NotFound
from signalbox.monitors import overview
from signalbox.notifications import outbox
from signalbox.notifications.outbox import Thread
from signalbox.slugs import PATTERN

router = APIRouter(prefix="/acks", tags=["acks"], dependencies=[needs(Scope.ACKS)])


class AckSpec(BaseModel):
    """What somebody looks after: a thread, or the present trouble of a monitor."""

    model_config = ConfigDict(extra="forbid")

    thread: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")] | None = Field(
        None, description="As it stands in `GET /acks` and in each webhook."
    )
    monitor: Annotated[str, Field(pattern=PATTERN)] | None = Field(None, description="The id of a monitor in trouble.")

    @model_validator(mode="after")
    def _one(self) -> AckSpec:
        if (self.thread is None) == (self.monitor is None):
            raise ValueError("write either thread or monitor")
        return self


class ThreadAnswer(BaseModel):
    """A trouble, an incident or a location off the network, from its first notice to its last."""

    thread: str
    monitor: str | None = Field(description="The key of the monitor in trouble.")
    opened_at: str
    closed_at: str | None
    acknowledged_at: str | None
    acknowledged_by: str | None


@router.get("", summary="What was told of and is not over")
def list_threads(database: OfDatabase) -> Page[ThreadAnswer]:
    """Oldest first, with who looks after it."""
    with database.read() as session:
        return Page(items=[_answer(one) for one in outbox.threads(session)])


@router.post("", summary="Acknowledge trouble")
def acknowledge(wanted: AckSpec, database: OfDatabase, by: By) -> ThreadAnswer:
    """No more reminders, and nobody further is called; its end is told all the same. Doing it twice changes nothing."""
    with database.begin() as session:
        thread = wanted.thread or _thread_of(session, wanted.monitor or "")
        _found(session, thread)
        outbox.acknowledge(session, thread, by, clock.now())
        return _answer(_found(session, thread))


def _thread_of(session: Session, monitor: str) -> str:
    found = overview.of(session, monitor)
    if found.trouble is None:
        raise Conflict(f'"{monitor}" is in no trouble: there is nothing to acknowledge')
    return f"{found.key}@{found.trouble}"


def _found(session: Session, thread: str) -> Thread:
    found = outbox.find(session, thread)
    if found is None:
        raise NotFound(f'nothing was told under "{thread}": there is nothing to acknowledge')
    return found


def _answer(one: Thread) -> ThreadAnswer:
    return ThreadAnswer(
        thread=one.thread, monitor=one.monitor, opened_at=iso(one.opened_at),
        closed_at=None if one.closed_at is None else iso(one.closed_at),
        acknowledged_at=None if one.acknowledged_at is None else iso(one.acknowledged_at),
        acknowledged_by=one.acknowledged_by,
    )  # fmt: skip

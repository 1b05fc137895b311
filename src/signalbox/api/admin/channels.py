"""`/api/v1/channels` and `/api/v1/deliveries`: where are operators told, and what came of it?"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field

from signalbox import audit, clock
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, OfDatabase, needs
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.api.deps import OfSite
from signalbox.clock import iso
from signalbox.db.configured import Origin, as_document
from signalbox.errors import Refused
from signalbox.notifications import channels, outbox, trial
from signalbox.notifications.channels import Channel
from signalbox.notifications.outbox import Entry
from signalbox.notifications.sending import Sender
from signalbox.notifications.specs import AnyChannel
from signalbox.slugs import PATTERN

router = APIRouter(tags=["channels"], dependencies=[needs(Scope.CHANNELS)])

Id = Annotated[str, Path(pattern=PATTERN, description="The channel's id.")]
Spec = Annotated[AnyChannel, Body(discriminator="kind")]


class ChannelAnswer(BaseModel):
    """A channel."""

    key: str
    id: str
    name: str
    kind: str
    origin: Origin
    spec: dict[str, Any] = Field(description="As written; whatever may be a secret is ***.")


class NewChannel(ChannelAnswer):
    """A channel just made."""

    secret: str | None = Field(
        None, description="What a webhook is signed with, if made here. Shown now and never again."
    )


class TrialAnswer(BaseModel):
    """What came of a trial."""

    ok: bool
    detail: str = Field(description="What the other side said.")


class DeliveryAnswer(BaseModel):
    """One notice on its way to one channel."""

    id: int
    notice: str
    thread: str
    kind: str
    channel: str
    state: str = Field(description="held, waiting, sending, sent, dead, withdrawn")
    why: str | None
    reminder: int
    written_at: str
    due_at: str
    sent_at: str | None
    attempts: int
    detail: str = Field(description="What the last attempt was answered.")


@router.get("/channels", summary="All channels")
def list_channels(database: OfDatabase) -> Page[ChannelAnswer]:
    """In their order, all of them at once."""
    with database.read() as session:
        return Page(items=[ChannelAnswer(**_facts(one)) for one in channels.active(session)])


@router.post("/channels", status_code=201, summary="Make a channel")
def create_channel(spec: Spec, database: OfDatabase, by: By) -> NewChannel:
    """Routes of the manifest, or made here, lead to it by its id."""
    _refuse_masks(spec)
    with database.begin() as session:
        made, secret = channels.make(session, spec, by=by, now=clock.now())
    return NewChannel(**_facts(made), secret=secret)


@router.get("/channels/{id}", summary="One channel")
def read_channel(id: Id, database: OfDatabase) -> ChannelAnswer:
    """Without its secrets."""
    with database.read() as session:
        return ChannelAnswer(**_facts(channels.find(session, id)))


@router.put("/channels/{id}", summary="Change a channel")
def change_channel(id: Id, spec: Spec, database: OfDatabase, by: By) -> ChannelAnswer:
    """The spec as a whole, secrets written out. A webhook sent without a secret keeps the one it has."""
    _refuse_masks(spec)
    with database.begin() as session:
        return ChannelAnswer(**_facts(channels.change(session, id, spec, by=by)))


@router.delete("/channels/{id}", status_code=204, summary="Archive a channel")
def archive_channel(id: Id, database: OfDatabase, by: By) -> None:
    """Nothing more is sent there."""
    with database.begin() as session:
        channels.retire(session, id, by=by, now=clock.now())


@router.post("/channels/{id}/test", summary="Try a channel")
def try_channel(id: Id, database: OfDatabase, site: OfSite, by: By) -> TrialAnswer:
    """Sends a message that says it is a trial, now, and answers within a minute what came of it."""
    now = clock.now()
    with database.begin() as session:
        channel = channels.find(session, id)
        audit.record(session, by, "test", "channel", id)
    with Sender(site.settings) as sender:
        result = sender.send(channel, trial.letter(channel.id, by, now))
    return TrialAnswer(ok=result.ok, detail=result.detail)


@router.get("/deliveries", summary="What was told, and what came of it")
def list_deliveries(
    database: OfDatabase,
    paging: OfPaging,
    channel: Annotated[str | None, Query(pattern=PATTERN, description="Only to the channel with this id.")] = None,
) -> Page[DeliveryAnswer]:
    """Newest first."""
    with database.read() as session:
        rows = outbox.log(session, paging.number or None, paging.limit + 1, channel)
        found = paging.page(rows, lambda row: row.id)
    return Page(items=[_delivery(one) for one in found.items], next=found.next)


def _facts(one: Channel) -> dict[str, Any]:
    return {
        "key": one.key, "id": one.id, "name": one.name, "kind": one.kind, "origin": one.origin,
        "spec": one.spec.masked(),
    }  # fmt: skip


def _delivery(one: Entry) -> DeliveryAnswer:
    return DeliveryAnswer(
        id=one.id, notice=one.notice, thread=one.thread, kind=one.kind, channel=one.channel, state=one.state,
        why=one.why, reminder=one.reminder, written_at=iso(one.written_at), due_at=iso(one.due_at),
        sent_at=None if one.sent_at is None else iso(one.sent_at), attempts=one.attempts, detail=one.detail,
    )  # fmt: skip


def _refuse_masks(spec: AnyChannel) -> None:
    """What people see in place of a secret must not become the secret."""
    for name, value in ({} if spec.files else as_document(spec)).items():  # files are refused anyway
        if name != "name" and audit.MASK in json.dumps(value):
            raise Refused(f"{name}: *** stands in place of a secret; write the secret itself")

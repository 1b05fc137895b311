"""`/api/v1/monitors/{id}/pings`, `…/rotate`, `…/verdict`: what was a monitor told, and who may tell it?"""

from __future__ import annotations

import base64

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from signalbox import clock
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, OfDatabase, needs
from signalbox.api.admin.monitors import Id
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.clock import iso
from signalbox.heartbeats import service, tokens, verdicts
from signalbox.heartbeats.models import PingRow
from signalbox.heartbeats.pings import Sort
from signalbox.monitors import editing
from signalbox.signals import Verdict

router = APIRouter(prefix="/monitors", tags=["monitors"], dependencies=[needs(Scope.MONITORS)])


class PingAnswer(BaseModel):
    """One thing that was told."""

    number: int
    at: str
    sort: Sort
    status: int | None = Field(description="Exit status, where the job told it.")
    run: str | None = Field(description="Which run it belongs to.")
    took_ms: float | None = Field(description="How long the run took.")
    method: str
    source: str = Field(description="Address that it came from, of IPv6 the network; or who said it.")
    agent: str = Field(description="User-Agent.")
    said: str = Field(description="What stood in the address, or was said.")
    body: str | None = Field(description="The first 100 kB of the body, as text.")
    body_base64: str | None = Field(description="The same, where it is not UTF-8.")


class TokenAnswer(BaseModel):
    """Where heartbeats are sent from now on; shown this once."""

    token: str
    url: str


class VerdictSpec(BaseModel):
    """How something stands, as somebody says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Verdict
    message: str = Field("", max_length=verdicts.LONGEST, description="Why; readers of pages may see it.")


@router.get("/{id}/pings", summary="What a monitor was told")
def list_pings(id: Id, database: OfDatabase, paging: OfPaging) -> Page[PingAnswer]:
    """Heartbeats with their bodies, and verdicts set by hand, newest first. At most 100 a monitor, for 90 days."""
    with database.read() as session:
        key = editing.find(session, id).key
        found = service.listing(session, key, before=paging.number or None, limit=paging.limit + 1)
        page = paging.page(found, lambda row: row.id)
        return Page(items=[_ping(row) for row in page.items], next=page.next)


@router.post("/{id}/rotate", summary="Change a monitor's token")
def rotate_token(id: Id, database: OfDatabase, by: By, request: Request) -> TokenAnswer:
    """Of a push monitor. The token it had is good for nothing at once; the new one is shown in this answer only."""
    with database.begin() as session:
        token = tokens.rotate(session, id, by=by)
    return TokenAnswer(token=token, url=push_url(request, token))


@router.post("/{id}/verdict", status_code=202, summary="Say how a monitor stands")
def set_verdict(id: Id, said: VerdictSpec, database: OfDatabase, by: By) -> None:
    """Of a manual monitor. It is judged within about a second, and stands like that until somebody says otherwise."""
    with database.begin() as session:
        verdicts.say(session, id, said.verdict, said.message, by=by, now=clock.now())


def push_url(request: Request, token: str) -> str:
    """Where heartbeats with that token are sent."""
    public = request.app.state.site.settings.public_url
    return f"{(public or str(request.base_url)).rstrip('/')}/ping/{token}"


def _ping(row: PingRow) -> PingAnswer:
    text, raw = None, None
    if row.body is not None:
        try:
            text = row.body.decode()
        except UnicodeDecodeError:
            raw = base64.b64encode(row.body).decode("ascii")
    return PingAnswer(
        number=row.id, at=iso(row.at), sort=Sort(row.sort), status=row.status, run=row.run, took_ms=row.took,
        method=row.method, source=row.source, agent=row.agent, said=row.said, body=text, body_base64=raw,
    )  # fmt: skip

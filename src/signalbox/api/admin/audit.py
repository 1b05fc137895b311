"""`/api/v1/audit`: who changed what?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from signalbox import audit
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import OfDatabase, needs
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.audit import AuditRow
from signalbox.clock import iso

router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[needs(Scope.AUDIT)])

Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


class AuditAnswer(BaseModel):
    """One thing that somebody did."""

    id: int
    at: str
    actor: str = Field(description="cli:USER, token:NAME, link:CHANNEL, manifest, signalbox.")
    action: str
    kind: str
    subject: str = Field(description="The id of what it was done to.")
    before: dict[str, Any] | None = Field(description="Secrets as ***.")
    after: dict[str, Any] | None


@router.get("", summary="Who changed what")
def list_entries(  # noqa: PLR0917 - one thing each
    database: OfDatabase, paging: OfPaging, actor: Word = None, action: Word = None, kind: Word = None,
    subject: Word = None,
) -> Page[AuditAnswer]:  # fmt: skip
    """Newest first."""
    with database.read() as session:
        rows = audit.entries(
            session, before=paging.number or None, limit=paging.limit + 1, actor=actor, action=action, kind=kind,
            subject=subject,
        )  # fmt: skip
        found = paging.page(rows, lambda row: row.id)
    return Page(items=[_answer(row) for row in found.items], next=found.next)


def _answer(row: AuditRow) -> AuditAnswer:
    return AuditAnswer(
        id=row.id, at=iso(row.at), actor=row.actor, action=row.action, kind=row.kind, subject=row.subject,
        before=row.before, after=row.after,
    )  # fmt: skip

"""Which incidents are there, and what was said of them? Reading verbs that take a session.

What comes out is plain and frozen: texts as Markdown and as safe HTML, monitors by key. Times are UTC microseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from signalbox.errors import NotFound
from signalbox.incidents import markdown
from signalbox.incidents.models import EditRow, IncidentRow, UpdateRow
from signalbox.incidents.specs import Affected, Impact, Status


@dataclass(frozen=True, slots=True)
class Edit:
    """A text as it was published before somebody changed it."""

    number: int | None  # of the update; None: the incident itself
    field: str
    earlier: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Update:
    """One thing said of an incident; `number` names it within, for links."""

    number: int
    status: Status
    body: str  # Markdown
    monitors: Mapping[str, Affected]  # by key; what this update says of them
    happened_at: int
    created_at: int
    edited_at: int | None
    next_update_by: int | None
    notify: bool
    draft: bool

    @property
    def html(self) -> str:
        """What is said, as safe HTML."""
        return markdown.render(self.body)

    @property
    def plain(self) -> str:
        """What is said, as text."""
        return markdown.plain(self.body)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident with its published updates, the newest first."""

    id: int
    public: str  # its name in URLs
    title: str
    impact: Impact
    status: Status
    origin: str  # auto, person
    automatic: bool  # opened by a change, and no person has written in it
    group: str | None
    pages: tuple[str, ...]  # slugs; none: all
    draft: bool
    notify: bool
    started_at: int
    detected_at: int | None
    resolved_at: int | None
    next_update_by: int | None
    created_at: int
    edited_at: int | None
    postmortem: str | None  # Markdown
    postmortem_at: int | None
    updates: tuple[Update, ...]
    edits: tuple[Edit, ...] = ()

    @property
    def monitors(self) -> dict[str, Affected]:
        """Every monitor it affects, by key, with the state that was said of it last. Drafts count in a draft only."""
        found: dict[str, Affected] = {}
        for update in reversed(self.updates):
            if self.draft or not update.draft:
                found |= update.monitors
        return found

    @property
    def postmortem_html(self) -> str | None:
        """The postmortem as safe HTML."""
        return None if self.postmortem is None else markdown.render(self.postmortem)


def active(session: Session) -> list[Incident]:
    """Incidents that are published and not resolved, the newest first."""
    return _incidents(session, _PUBLISHED, IncidentRow.resolved_at.is_(None))


def recent(session: Session, since: int) -> list[Incident]:
    """Published incidents that are not resolved, or were after that moment, the newest first."""
    return _incidents(session, _PUBLISHED, or_(IncidentRow.resolved_at.is_(None), IncidentRow.resolved_at >= since))


def touching(session: Session, start: int, end: int) -> list[Incident]:
    """Published incidents that were open at some moment of `start` ≤ t < `end`, the newest first."""
    unresolved = or_(IncidentRow.resolved_at.is_(None), IncidentRow.resolved_at > start)
    return _incidents(session, _PUBLISHED, IncidentRow.started_at < end, unresolved)


def first(session: Session, page: str) -> int | None:
    """When the oldest published incident of that page began; None where there is none."""
    told = select(IncidentRow.started_at, IncidentRow.pages).where(_PUBLISHED).order_by(IncidentRow.started_at)
    return next((started for started, pages in session.execute(told) if not pages or page in pages), None)


def listing(
    session: Session,
    *,
    before: tuple[int, int] | None = None,
    limit: int = 50,
    resolved: bool | None = None,
    draft: bool | None = None,
) -> list[Incident]:
    """A page of all incidents with drafts, the newest first. `before`: start and id of the last one seen."""
    conditions: list[ColumnElement[bool]] = []
    if before is not None:
        started, id_ = before
        earlier = and_(IncidentRow.started_at == started, IncidentRow.id < id_)
        conditions.append(or_(IncidentRow.started_at < started, earlier))
    if resolved is not None:
        conditions.append(IncidentRow.resolved_at.is_not(None) if resolved else IncidentRow.resolved_at.is_(None))
    if draft is not None:
        conditions.append(IncidentRow.draft.is_(draft))
    return _incidents(session, *conditions, limit=limit, drafts=True)


def find(session: Session, public: str) -> Incident:
    """The incident of that public id, with drafts and what was said before. `NotFound` when there is none."""
    row = row_of(session, public)
    (found,) = _with_updates(session, [row], drafts=True, edits=True)
    return found


def row_of(session: Session, public: str, *, hold: bool = False) -> IncidentRow:
    """The row of that public id. `NotFound` when there is none."""
    query = select(IncidentRow).where(IncidentRow.public == public)
    row = session.scalars(query.with_for_update() if hold else query).one_or_none()
    if row is None:
        raise NotFound(f'there is no incident "{public}": `signalbox incident list` shows them')
    return row


_PUBLISHED = IncidentRow.draft.is_(False)


def _incidents(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None, drafts: bool = False
) -> list[Incident]:
    query = select(IncidentRow).where(*conditions).order_by(IncidentRow.started_at.desc(), IncidentRow.id.desc())
    return _with_updates(session, session.scalars(query.limit(limit)).all(), drafts=drafts)


def _with_updates(
    session: Session, rows: Sequence[IncidentRow], *, drafts: bool = False, edits: bool = False
) -> list[Incident]:
    if len(rows) > _MOST:
        parts = (rows[start : start + _MOST] for start in range(0, len(rows), _MOST))
        return [one for part in parts for one in _with_updates(session, part, drafts=drafts, edits=edits)]
    ids = [row.id for row in rows]
    updates: defaultdict[int, list[Update]] = defaultdict(list)
    said = select(UpdateRow).where(UpdateRow.incident.in_(ids))
    if not drafts:
        said = said.where(UpdateRow.draft.is_(False))
    for row in session.scalars(said.order_by(*NEWEST)):
        updates[row.incident].append(_update(row))
    earlier: defaultdict[int, list[Edit]] = defaultdict(list)
    if edits:
        for one in session.scalars(select(EditRow).where(EditRow.incident.in_(ids)).order_by(EditRow.id)):
            earlier[one.incident].append(Edit(one.number, one.field, one.earlier, one.by, one.at))
    return [_incident(row, updates[row.id], earlier[row.id]) for row in rows]


def _incident(row: IncidentRow, updates: Sequence[Update], edits: Sequence[Edit]) -> Incident:
    values: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            "id", "public", "title", "origin", "group", "draft", "notify", "started_at", "detected_at", "resolved_at",
            "next_update_by", "created_at", "edited_at", "postmortem", "postmortem_at",
        )
    }  # fmt: skip
    return Incident(
        **values, impact=Impact(row.impact), status=Status(row.status), pages=tuple(row.pages),
        automatic=row.origin == AUTOMATIC and not row.owned, updates=tuple(updates), edits=tuple(edits),
    )  # fmt: skip


def _update(row: UpdateRow) -> Update:
    return Update(
        row.number, Status(row.status), row.body, {key: Affected(state) for key, state in row.monitors.items()},
        row.happened_at, row.created_at, row.edited_at, row.next_update_by, row.notify, row.draft,
    )  # fmt: skip


_ENDING = case((UpdateRow.status == Status.RESOLVED.value, 1), else_=0)
NEWEST = (_ENDING.desc(), UpdateRow.happened_at.desc(), UpdateRow.number.desc())
"""The order of updates, the newest first. Nothing comes after what resolved it, even if that was backdated."""
_MOST = 1_000  # values in one query
AUTOMATIC, PERSON = "auto", "person"
"""Who opened it."""

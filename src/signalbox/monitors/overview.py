"""How does everything stand right now, at a glance? Monitors with their standings, in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from signalbox.errors import NotFound
from signalbox.monitors.models import MonitorRow, StandingRow
from signalbox.signals import Verdict


@dataclass(frozen=True, slots=True)
class Overview:
    """One monitor and how it stands. Times are UTC microseconds."""

    key: str
    id: str
    name: str
    group: str | None
    position: int
    target: str
    verdict: Verdict
    reason: str | None
    message: str
    since: int | None  # None: not judged yet
    trouble: int | None
    flapping: bool
    paused: bool


def overviews(
    session: Session,
    *,
    verdict: Verdict | None = None,
    after: tuple[int, str] | None = None,
    limit: int | None = None,
) -> list[Overview]:
    """Monitors that are not archived, from behind that position and key on. Opens no sealed spec."""
    query = _query().order_by(MonitorRow.position, MonitorRow.key)
    if verdict is Verdict.UNKNOWN:
        query = query.where(or_(StandingRow.verdict.is_(None), StandingRow.verdict == verdict.value))
    elif verdict is not None:
        query = query.where(StandingRow.verdict == verdict.value)
    if after is not None:
        position, key = after
        query = query.where(
            or_(MonitorRow.position > position, and_(MonitorRow.position == position, MonitorRow.key > key))
        )
    return [_overview(row) for row in session.execute(query if limit is None else query.limit(limit))]


def of(session: Session, id_: str) -> Overview:
    """The monitor with that id. `NotFound` when there is none, or it is archived."""
    row = session.execute(_query().where(MonitorRow.id == id_)).one_or_none()
    if row is None:
        raise NotFound(f'there is no monitor "{id_}"')
    return _overview(row)


def _query() -> Select[Any]:
    monitor = MonitorRow.__table__.c
    named = [monitor[name] for name in ("key", "id", "name", "group", "position", "target", "paused_at")]
    standing = StandingRow.__table__.c
    judged = [standing[name] for name in ("verdict", "reason", "message", "since", "trouble", "flapping", "paused")]
    joined = select(*named, *judged).outerjoin(StandingRow, StandingRow.monitor == MonitorRow.key)
    return joined.where(MonitorRow.archived_at.is_(None))


def _overview(row: Any) -> Overview:
    return Overview(
        row.key, row.id, row.name, row.group, row.position, row.target, Verdict(row.verdict or Verdict.UNKNOWN),
        row.reason, row.message or "", row.since or None, row.trouble, bool(row.flapping),
        bool(row.paused) or row.paused_at is not None,
    )  # fmt: skip

"""Why did a check fail? What was seen then, kept for a while and bounded: verbs that take a session.

Evidence holds no secret of ours, but a server's own words: operators see it, readers of a page as far as its owner
allows. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from signalbox.checks.evidence import Entry, Evidence
from signalbox.db.rows import insert_new
from signalbox.monitors.models import EvidenceRow
from signalbox.signals import Reason, Signal, Verdict

MOST = 50  # a monitor
DAYS = 30


class Kept(NamedTuple):
    """What one failed check left."""

    moment: int
    location: str
    verdict: Verdict
    reason: Reason
    message: str
    entries: tuple[Entry, ...]


def keep(session: Session, found: Iterable[tuple[Signal, Evidence]]) -> None:
    """Keep the evidence of these signals; what is kept already stays."""
    rows = [
        {
            "monitor": signal.monitor, "moment": signal.moment, "location": signal.location,
            "verdict": signal.verdict.value, "reason": signal.reason.value, "message": signal.message,
            "entries": [list(entry) for entry in evidence],
        }
        for signal, evidence in found
    ]  # fmt: skip
    insert_new(session, EvidenceRow, rows)


def of(session: Session, monitor: str, *, before: int | None = None, limit: int = 20) -> list[Kept]:
    """What is kept of a monitor, newest first; `monitor` is its key, `before` a moment."""
    query = select(EvidenceRow).where(EvidenceRow.monitor == monitor)
    if before is not None:
        query = query.where(EvidenceRow.moment < before)
    return [_kept(row) for row in session.scalars(query.order_by(EvidenceRow.moment.desc()).limit(limit))]


def moments(session: Session, monitor: str, start: int, end: int) -> Sequence[int]:
    """When there is evidence of a monitor, from `start` on and before `end`."""
    query = select(EvidenceRow.moment).where(
        EvidenceRow.monitor == monitor, EvidenceRow.moment >= start, EvidenceRow.moment < end
    )
    return session.scalars(query.order_by(EvidenceRow.moment)).all()


def forget(session: Session, before: int) -> None:
    """Drop what is older, and of each monitor all but the newest."""
    session.execute(delete(EvidenceRow).where(EvidenceRow.moment < before))
    place = func.row_number().over(partition_by=EvidenceRow.monitor, order_by=EvidenceRow.moment.desc())
    ranked = select(EvidenceRow.monitor, EvidenceRow.moment, place.label("place")).subquery()
    beyond = select(ranked.c.monitor, ranked.c.moment).where(ranked.c.place > MOST)
    session.execute(delete(EvidenceRow).where(tuple_(EvidenceRow.monitor, EvidenceRow.moment).in_(beyond)))


def _kept(row: EvidenceRow) -> Kept:
    entries = tuple(Entry(name, text) for name, text in row.entries)
    return Kept(row.moment, row.location, Verdict(row.verdict), Reason(row.reason), row.message, entries)

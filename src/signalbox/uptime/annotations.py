"""What is said of the past, and who says it? Verbs that take a session, each with its line in the audit log.

An annotation changes what a time counts as, never what the record holds. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.clock import iso
from signalbox.db.installation import raise_changes
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.monitors.models import MonitorRow, SpellRow
from signalbox.uptime.models import AnnotationRow
from signalbox.uptime.pieces import Saying

LONGEST_NOTE = 2_000
_SORT = "annotation"


def annotate(
    session: Session, monitor: str, what: Saying | str, start: int, end: int, *, by: str, now: int, note: str = ""
) -> AnnotationRow:
    """Say what a monitor (by its key) really was at `start` ≤ t < `end`. Of overlapping ones the last made counts."""
    _refuse_odd(what, start, end, note, now)
    if session.scalars(select(MonitorRow.key).where(MonitorRow.key == monitor)).first() is None:
        raise NotFound(f'there is no monitor with the key "{monitor}"')
    row = AnnotationRow(
        monitor=monitor, start=start, end=end, what=Saying(what).value, note=note, by=by, created_at=now,
        withdrawn_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, by, "create", _SORT, str(row.id), after=_facts(row))
    raise_changes(session)
    return row


def annotate_spell(
    session: Session, spell: int, what: Saying | str, *, by: str, now: int, note: str = "", monitor: str | None = None
) -> AnnotationRow:
    """Say what a spell really was: all of it, or so far as it has come. `monitor`: whose it has to be."""
    row = session.get(SpellRow, spell)
    if row is None or monitor not in (None, row.monitor):
        raise NotFound(f"there is no spell {spell}" + (f' of "{monitor}"' if monitor else ""))
    end = now if row.end is None else min(row.end, now)
    return annotate(session, row.monitor, what, row.start, end, by=by, now=now, note=note)


def withdraw(session: Session, number: int, *, by: str, now: int) -> AnnotationRow:
    """Take an annotation back. It stays to be read, and counts no more."""
    row = session.get(AnnotationRow, number, with_for_update=True)
    if row is None:
        raise NotFound(f"there is no annotation {number}")
    if row.withdrawn_at is not None:
        raise Conflict(f"annotation {number} was withdrawn already, at {iso(row.withdrawn_at)}")
    before = _facts(row)
    row.withdrawn_at = now
    audit.record(session, by, "withdraw", _SORT, str(number), before=before, after=_facts(row))
    raise_changes(session)
    return row


def listing(
    session: Session,
    *,
    monitor: str | None = None,
    withdrawn: bool = False,
    before: int | None = None,
    limit: int = 100,
) -> list[AnnotationRow]:
    """Annotations, the last made first, those with smaller numbers than `before`; with `withdrawn` these, too."""
    query = select(AnnotationRow).order_by(AnnotationRow.id.desc()).limit(limit)
    if monitor is not None:
        query = query.where(AnnotationRow.monitor == monitor)
    if not withdrawn:
        query = query.where(AnnotationRow.withdrawn_at.is_(None))
    if before is not None:
        query = query.where(AnnotationRow.id < before)
    return list(session.scalars(query))


def _refuse_odd(what: str, start: int, end: int, note: str, now: int) -> None:
    if what not in set(Saying):
        raise Refused(f'an annotation cannot say "{what}": choose from {", ".join(Saying)}')
    if start >= end:
        raise Refused("the annotation ends before it begins, or at once: give a later end")
    if end > now:
        raise Refused("an annotation is about the past: announce maintenance for what is to come")
    if len(note) > LONGEST_NOTE:
        raise Refused(f"a note has at most {LONGEST_NOTE} characters: shorten it")


def _facts(row: AnnotationRow) -> dict[str, Any]:
    return {
        "monitor": row.monitor, "start": iso(row.start), "end": iso(row.end), "what": row.what, "note": row.note,
        "withdrawn_at": None if row.withdrawn_at is None else iso(row.withdrawn_at),
    }  # fmt: skip

"""Which moments and pages does nobody mean? Each verb refuses one sort of them, and says what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signalbox.clock import iso
from signalbox.errors import Refused
from signalbox.incidents.models import IncidentRow, UpdateRow


def future(at: int, now: int, key: str) -> None:
    """It has not happened yet."""
    if at > now:
        raise Refused(f"{key}: {iso(at)} is still to come; an incident tells what has happened")


def moment(row: IncidentRow, happened: int, now: int, *, ends: bool = False) -> None:
    """Nothing is said of an incident from before it began, or from after its end."""
    future(happened, now, "happened_at")
    if happened < row.started_at:
        raise Refused(f"happened_at: before the incident began, {iso(row.started_at)}")
    if row.resolved_at is not None and happened > row.resolved_at and not ends:
        raise Refused(f"happened_at: after the incident ended, {iso(row.resolved_at)}")


def beginning(session: Session, row: IncidentRow, started: int, now: int) -> None:
    """An incident begins before the first thing that is said of it."""
    future(started, now, "started_at")
    first = session.scalar(select(func.min(UpdateRow.happened_at)).where(UpdateRow.incident == row.id))
    if first is not None and started > first:
        raise Refused(f"started_at: something is said of it earlier, at {iso(first)}: move that first")


def promise(at: int | None, now: int) -> None:
    """What people can expect is to come."""
    if at is not None and at <= now:
        raise Refused("next_update_by: people wait for what is to come: write a later moment")


def unknown_pages(slugs: Sequence[str], there: Collection[str] | None) -> None:
    """There are no such pages. None: not known which there are."""
    unknown = sorted(set(slugs) - set(there)) if there is not None else []
    if unknown:
        raise Refused(f"there is no page {', '.join(unknown)}; there are {', '.join(there or ()) or 'none'}")

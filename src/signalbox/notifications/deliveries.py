"""Which rows say who is still to be told? Writing and withdrawing them, many at once.

Rows are locked in one order, threads before deliveries, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from signalbox.db.rows import insert_new, insertion
from signalbox.monitors.models import MonitorRow
from signalbox.notifications.models import DeliveryRow, NoticeRow, State, ThreadRow
from signalbox.notifications.notices import CLOSING, Kind, Notice, Severity
from signalbox.notifications.routing import Telling, tellings
from signalbox.notifications.service import Directory

CHUNK = 5_000  # values in one statement
TROUBLES = frozenset({Kind.DOWN, Kind.DEGRADED, Kind.FLAPPING})
"""How a monitor fares: the newest makes older ones that wait worth nothing."""

QUEUED = (State.WAITING, State.SENDING, State.SENT)
_One = TypeVar("_One")


class Written(NamedTuple):
    """A notice and the id of its row."""

    id: int
    notice: Notice


class Told(NamedTuple):
    """A notice that a channel is to hear of."""

    id: int
    notice: Notice
    channel: str
    telling: Telling


def chunks(values: Sequence[_One]) -> Iterator[Sequence[_One]]:
    """Parts that fit into one statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def waits(now: int) -> ColumnElement[bool]:
    """Deliveries that nobody began to send and whose time has not come."""
    return or_(DeliveryRow.state == State.HELD, and_(DeliveryRow.state == State.WAITING, DeliveryRow.due_at > now))


def notices() -> Select[Any]:
    """Rows that `notice_of` reads."""
    return select(*NoticeRow.__table__.columns)


def notice_of(row: Any) -> Notice:
    """The notice that a row holds."""
    return Notice(
        row.key, row.thread, Kind(row.kind), Severity(row.severity), row.happened, row.confirmed,
        row.monitor, row.group, tuple(row.tags), row.facts,
    )  # fmt: skip


def write_notices(session: Session, notices: Sequence[Notice], now: int, held: Mapping[str, str]) -> list[Written]:
    """Keep them; returns those whose key is new."""
    rows = [
        {"key": one.key, "thread": one.thread, "kind": one.kind.value, "severity": one.severity.value,
         "happened": one.happened, "confirmed": one.confirmed, "monitor": one.monitor, "group": one.group,
         "tags": list(one.tags), "facts": one.facts, "written_at": now,
         "held": None if one.kind in CLOSING else held.get(one.thread)}
        for one in notices
    ]  # fmt: skip
    new = {row.key: row.id for row in insert_new(session, NoticeRow, rows, NoticeRow.id, NoticeRow.key)}
    return [Written(new[one.key], one) for one in notices if one.key in new]


def follow_threads(session: Session, written: Sequence[Written], now: int) -> set[str]:
    """Open or close the threads of these notices. Returns those that somebody has acknowledged."""
    rows = [
        {"thread": one.thread, "monitor": one.monitor, "opened_at": now,
         "closed_at": now if one.kind in CLOSING else None}
        for one in sorted((one.notice for one in written), key=lambda notice: notice.thread)
    ]  # fmt: skip
    threads = insertion(session, ThreadRow)
    statement = threads.on_conflict_do_update(
        index_elements=[ThreadRow.thread], set_={"closed_at": threads.excluded.closed_at}
    ).returning(ThreadRow.thread, ThreadRow.acknowledged_at)
    return {row.thread for row in session.connection().execute(statement, rows) if row.acknowledged_at is not None}


def plan(
    session: Session, written: Sequence[Written], directory: Directory, now: int, acknowledged: Iterable[str] = ()
) -> list[Told]:
    """Who hears of these notices, by the routes."""
    ids = _monitor_ids(session, written) if directory.asks_for_monitors else {}
    known = frozenset(acknowledged)
    return [
        Told(id_, notice, channel, telling)
        for id_, notice in written
        for channel, telling in tellings(
            notice, directory.routes, directory.channels, now,
            monitor=ids.get(notice.monitor or ""), acknowledged=notice.thread in known,
        ).items()
    ]  # fmt: skip


def _monitor_ids(session: Session, written: Sequence[Written]) -> dict[str, str]:
    keys = sorted({one.notice.monitor for one in written if one.notice.monitor is not None})
    found: dict[str, str] = {}
    for part in chunks(keys):
        found.update((row.key, row.id) for row in session.execute(
            select(MonitorRow.key, MonitorRow.id).where(MonitorRow.key.in_(part))
        ))  # fmt: skip
    return found


def write(
    session: Session,
    told: Sequence[Told],
    now: int,
    held: Mapping[str, str] | None = None,
    due: Mapping[tuple[str, str], int] | None = None,
) -> None:
    """Add the deliveries. `due` are moments, by thread and channel, by which they are due at the latest."""
    held, due = held or {}, due or {}
    rows = [
        {"notice": one.id, "thread": one.notice.thread, "happened": one.notice.happened, "channel": one.channel,
         "round": 0, "step": one.telling.step, "repeat": one.telling.repeat,
         "state": (State.HELD if one.notice.thread in held else State.WAITING).value,
         "why": held.get(one.notice.thread), "written_at": now,
         "due_at": min(now + one.telling.after, due.get((one.notice.thread, one.channel), now + one.telling.after))}
        for one in told
    ]  # fmt: skip
    insert_new(session, DeliveryRow, rows)


def supersede(session: Session, told: Sequence[Told], now: int) -> dict[tuple[str, str], int]:
    """Withdraw older news, where it has not been due, from channels that now hear newer ones of the same trouble.

    Returns when it would have been due, by thread and channel: the newer ones shall not come later for it.
    """
    newer = {(one.notice.thread, one.channel): one.id for one in told if one.notice.kind in TROUBLES}
    due: dict[tuple[str, str], int] = {}
    gone: list[int] = []
    for part in chunks(sorted({thread for thread, _ in newer})):
        query = select(
            DeliveryRow.id, DeliveryRow.thread, DeliveryRow.channel, DeliveryRow.due_at, DeliveryRow.round,
            DeliveryRow.state,
        ).where(DeliveryRow.thread.in_(part), waits(now)).order_by(DeliveryRow.id).with_for_update()  # fmt: skip
        for row in session.execute(query):
            place = (row.thread, row.channel)
            if place not in newer:
                continue
            gone.append(row.id)
            if row.round == 0 and row.state == State.WAITING:
                due[place] = min(due.get(place, row.due_at), row.due_at)
    for ids in chunks(gone):
        _withdraw(session, DeliveryRow.id.in_(ids), "newer")
    return due


def withdraw(session: Session, threads: Sequence[str], why: str, *conditions: ColumnElement[bool]) -> None:
    """Take back deliveries of these threads of which nobody began to send, as far as the conditions hold."""
    untouched = DeliveryRow.state.in_((State.HELD, State.WAITING))
    for part in chunks(sorted(threads)):
        _withdraw(session, and_(DeliveryRow.thread.in_(part), untouched, *conditions), why)


def _withdraw(session: Session, which: ColumnElement[bool], why: str) -> None:
    session.connection().execute(update(DeliveryRow).where(which).values(state=State.WITHDRAWN.value, why=why))


def let_go(session: Session, threads: Sequence[str], but: Iterable[int] = ()) -> None:
    """Nothing of these threads is held any more, `but` these notices."""
    kept = frozenset(but)
    for part in chunks(sorted(threads)):
        query = select(NoticeRow.id).where(NoticeRow.thread.in_(part), NoticeRow.held.is_not(None))
        ids = [id_ for id_ in session.scalars(query) if id_ not in kept]
        if ids:
            session.connection().execute(update(NoticeRow).where(NoticeRow.id.in_(ids)).values(held=None))


def hearing(session: Session, threads: Sequence[str]) -> dict[str, list[str]]:
    """Which channels were told of each thread, or are about to be."""
    found: dict[str, list[str]] = {}
    for part in chunks(sorted(threads)):
        query = (
            select(DeliveryRow.thread, DeliveryRow.channel)
            .where(DeliveryRow.thread.in_(part), DeliveryRow.state.in_(QUEUED))
            .distinct()
        )
        for row in session.execute(query):
            found.setdefault(row.thread, []).append(row.channel)
    return found

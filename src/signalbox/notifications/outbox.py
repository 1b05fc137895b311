"""What is to be told, to whom, and what came of it? Verbs that take a session: told in the transaction that decides.

Nothing is sent here. A notice becomes one row for each channel that is to hear of it, in the same transaction as what
caused it; the courier claims and sends them later (`dispatch.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.errors import Refused
from signalbox.notifications import deliveries
from signalbox.notifications.deliveries import TROUBLES, Told, Written, chunks, waits
from signalbox.notifications.models import ChannelRow, DeliveryRow, LetterRow, NoticeRow, Stage, State, ThreadRow
from signalbox.notifications.notices import CLOSING, Kind, Notice
from signalbox.notifications.routing import Telling
from signalbox.notifications.service import directory

_AT_ONCE = Telling(0, 0, None)


class Held(NamedTuple):
    """A thread of which nobody is told for now."""

    thread: str
    monitor: str  # its key; empty where there is none
    why: str


class Thread(NamedTuple):
    """What belongs together, and whether somebody looks after it."""

    thread: str
    monitor: str | None  # its key
    opened_at: int
    closed_at: int | None
    acknowledged_at: int | None
    acknowledged_by: str | None


class Entry(NamedTuple):
    """One line of the delivery log."""

    id: int
    notice: str  # its key
    thread: str
    kind: Kind
    channel: str  # its id
    state: State
    why: str | None  # it is held or withdrawn
    reminder: int  # 0: told for the first time
    written_at: int
    due_at: int
    sent_at: int | None
    letter: str | None
    attempts: int
    detail: str  # what the last attempt was answered


def announce(session: Session, notices: Sequence[Notice], now: int, held: Mapping[str, str] | None = None) -> int:
    """Write what is to be told, and to whom. What was written before is left alone. Returns how many are new.

    `held` says why nobody is to hear of a thread yet. What ends a thread withdraws what waits of it, is never held,
    and goes to exactly those channels that were told of the thread or are about to be.
    """
    book, new = None, 0
    for wave in _waves(notices):
        written = deliveries.write_notices(session, wave, now, held or {})
        if written:
            book = book or directory(session)
            acknowledged = deliveries.follow_threads(session, written, now)
            news = [one for one in written if one.notice.kind not in CLOSING]
            _tell(session, news, deliveries.plan(session, news, book, now, acknowledged), now, held)
            _close(session, [one for one in written if one.notice.kind in CLOSING], now)
            new += len(written)
    return new


def _waves(notices: Sequence[Notice]) -> list[list[Notice]]:
    """Parts in which no thread comes twice: the first of each thread, the second of each, …"""
    waves: list[list[Notice]] = []
    seen: dict[str, int] = {}
    for notice in notices:
        number = seen[notice.thread] = seen.get(notice.thread, -1) + 1
        if number == len(waves):
            waves.append([])
        waves[number].append(notice)
    return waves


def _tell(
    session: Session, written: Sequence[Written], told: Sequence[Told], now: int, held: Mapping[str, str] | None
) -> None:
    due = deliveries.supersede(session, told, now)
    troubles = [one for one in written if one.notice.kind in TROUBLES]
    threads = [one.notice.thread for one in troubles]
    deliveries.let_go(session, threads, but=[one.id for one in troubles])
    deliveries.withdraw(session, threads, "newer", DeliveryRow.state == State.HELD)
    deliveries.write(session, told, now, held, due)


def _close(session: Session, written: Sequence[Written], now: int) -> None:
    threads = [one.notice.thread for one in written]
    deliveries.let_go(session, threads)
    deliveries.withdraw(session, threads, "over", or_(waits(now), DeliveryRow.round > 0))
    hearing = deliveries.hearing(session, threads)
    told = [
        Told(id_, notice, channel, _AT_ONCE) for id_, notice in written for channel in hearing.get(notice.thread, ())
    ]
    deliveries.write(session, told, now)


def held(session: Session) -> list[Held]:
    """All threads that are held back, and why. Cheap when there are none."""
    query = select(NoticeRow.thread, NoticeRow.monitor, NoticeRow.held).where(NoticeRow.held.is_not(None))
    found = {row.thread: Held(row.thread, row.monitor or "", row.held) for row in session.execute(query)}
    return list(found.values())


def hold(session: Session, threads: Mapping[str, str], now: int) -> int:
    """Hold back threads, with the reason for each, of which nobody was told yet. Returns how many that were."""
    names = set(threads)
    for part in chunks(sorted(threads)):
        begun = DeliveryRow.state.in_((State.SENDING, State.SENT))
        names -= set(session.scalars(select(DeliveryRow.thread).where(DeliveryRow.thread.in_(part), begun)))
    changed = 0
    for thread in sorted(names):
        # taken row by row: what a letter takes meanwhile is told, and then the thread is not held
        taken = update(DeliveryRow).where(DeliveryRow.thread == thread, DeliveryRow.state == State.WAITING)
        ids = session.connection().execute(
            taken.values(state=State.HELD.value, why=threads[thread]).returning(DeliveryRow.notice)
        )
        notices = {row.notice for row in ids}
        if notices:
            session.connection().execute(
                update(NoticeRow).where(NoticeRow.id.in_(notices)).values(held=threads[thread])
            )
            changed += 1
    return changed


def release(
    session: Session, threads: Sequence[str], now: int, facts: Mapping[str, Mapping[str, Any]] | None = None
) -> int:
    """Tell now what was held back of these threads, by the routes of now. Returns how many notices.

    `facts` are added to what the notices of a thread say.
    """
    found: list[Written] = []
    for part in chunks(sorted(threads)):
        query = deliveries.notices().where(NoticeRow.thread.in_(part), NoticeRow.held.is_not(None))
        rows = session.execute(query.order_by(NoticeRow.id).with_for_update())
        found += [Written(row.id, deliveries.notice_of(row)) for row in rows]
    if not found:
        return 0
    found = [Written(id_, _with(notice, (facts or {}).get(notice.thread))) for id_, notice in found]
    changes = [{"id": id_, "held": None, "facts": notice.facts} for id_, notice in found]
    session.execute(update(NoticeRow), changes)
    for ids in chunks([one.id for one in found]):
        # written anew: who is told is decided when it is told
        session.connection().execute(
            delete(DeliveryRow).where(DeliveryRow.notice.in_(ids), DeliveryRow.state == State.HELD)
        )
    acknowledged = _acknowledged(session, [one.notice.thread for one in found])
    deliveries.write(session, deliveries.plan(session, found, directory(session), now, acknowledged), now)
    return len(found)


def reminders(session: Session, before: int) -> dict[str, str]:
    """Threads that somebody is to be reminded of before that moment, with the monitor's key. Cheap when none are."""
    query = select(DeliveryRow.thread, ThreadRow.monitor).join(ThreadRow, ThreadRow.thread == DeliveryRow.thread)
    due = query.where(DeliveryRow.state == State.WAITING, DeliveryRow.round > 0, DeliveryRow.due_at < before)
    return {row.thread: row.monitor for row in session.execute(due) if row.monitor is not None}


def postpone(session: Session, until: Mapping[str, int]) -> None:
    """Remind nobody of these threads before those moments."""
    for thread, moment in sorted(until.items()):
        waiting = (DeliveryRow.thread == thread, DeliveryRow.state == State.WAITING, DeliveryRow.round > 0)
        later = update(DeliveryRow).where(*waiting, DeliveryRow.due_at < moment)
        session.connection().execute(later.values(due_at=moment))


def withdraw(session: Session, threads: Sequence[str], now: int) -> None:
    """Tell no more of these threads: what they are about is paused or gone. What is being sent is not stopped."""
    for part in chunks(sorted(threads)):
        still = (ThreadRow.thread.in_(part), ThreadRow.closed_at.is_(None))
        session.connection().execute(update(ThreadRow).where(*still).values(closed_at=now))
    deliveries.let_go(session, threads)
    deliveries.withdraw(session, threads, "over")


def acknowledge(session: Session, thread: str, by: str, now: int) -> bool:
    """Somebody looks after it: no reminders, and nobody further is called. The end of it is told all the same.

    False: it was acknowledged before, or is over. `Refused` when there is no such thread.
    """
    row = session.scalars(
        select(ThreadRow).where(ThreadRow.thread == thread).with_for_update(),
        execution_options={"populate_existing": True},
    ).one_or_none()
    if row is None:
        raise Refused(f'nothing was told under "{thread}": there is nothing to acknowledge')
    if row.closed_at is not None or row.acknowledged_at is not None:
        return False
    row.acknowledged_at, row.acknowledged_by = now, by
    later = and_(DeliveryRow.step > 0, waits(now))
    deliveries.withdraw(session, [thread], "acknowledged", or_(DeliveryRow.round > 0, later))
    audit.record(session, by, "acknowledge", "trouble", thread)
    return True


def _acknowledged(session: Session, names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(names):
        query = select(ThreadRow.thread).where(ThreadRow.thread.in_(part), ThreadRow.acknowledged_at.is_not(None))
        found.update(session.scalars(query))
    return found


def _with(notice: Notice, facts: Mapping[str, Any] | None) -> Notice:
    return replace(notice, facts={**notice.facts, **facts}) if facts else notice


def threads(session: Session) -> list[Thread]:
    """All threads that are not over, oldest first."""
    query = _threads().where(ThreadRow.closed_at.is_(None)).order_by(ThreadRow.opened_at, ThreadRow.thread)
    return [Thread(*row) for row in session.execute(query)]


def _threads() -> Select[str, str | None, int, int | None, int | None, str | None]:
    return select(
        ThreadRow.thread, ThreadRow.monitor, ThreadRow.opened_at, ThreadRow.closed_at, ThreadRow.acknowledged_at,
        ThreadRow.acknowledged_by,
    )  # fmt: skip


def find(session: Session, thread: str) -> Thread | None:
    """One thread, over or not."""
    row = session.execute(_threads().where(ThreadRow.thread == thread)).one_or_none()
    return None if row is None else Thread(*row)


def log(session: Session, after: int | None = None, limit: int = 100, channel: str | None = None) -> list[Entry]:
    """The delivery log, newest first: entries below the id `after`, of one channel (its id) or of all."""
    query = (
        select(
            DeliveryRow.id, NoticeRow.key, DeliveryRow.thread, NoticeRow.kind, ChannelRow.id.label("channel"),
            DeliveryRow.state,
            DeliveryRow.why, DeliveryRow.round, DeliveryRow.written_at, DeliveryRow.due_at, DeliveryRow.sent_at,
            DeliveryRow.letter, LetterRow.attempts, LetterRow.detail,
        )
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice)
        .join(ChannelRow, ChannelRow.key == DeliveryRow.channel)
        .outerjoin(LetterRow, LetterRow.id == DeliveryRow.letter)
        .order_by(DeliveryRow.id.desc())
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        query = query.where(DeliveryRow.id < after)
    if channel is not None:
        keys = select(ChannelRow.key).where(ChannelRow.id == channel, ChannelRow.archived_at.is_(None))
        query = query.where(DeliveryRow.channel.in_(keys))
    return [
        Entry(
            *(one.id, one.key, one.thread, Kind(one.kind), one.channel, State(one.state), one.why, one.round),
            *(one.written_at, one.due_at, one.sent_at, one.letter, one.attempts or 0, one.detail or ""),
        )
        for one in session.execute(query)
    ]


def forget(session: Session, before: int) -> int:
    """Drop threads that were over before that moment, with all that was told of them. Returns how many."""
    gone = session.scalars(
        select(ThreadRow.thread).where(ThreadRow.closed_at < before).order_by(ThreadRow.thread).limit(deliveries.CHUNK)
    ).all()
    for part in chunks(gone):
        for row in (DeliveryRow, NoticeRow, ThreadRow):
            session.connection().execute(delete(row).where(row.thread.in_(part)))
    ended = and_(LetterRow.state != Stage.OPEN, LetterRow.ended_at < before)
    session.connection().execute(delete(LetterRow).where(ended))
    return len(gone)

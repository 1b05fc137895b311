"""Which letters leave now? Verbs that take a session; nothing is sent here.

`take` closes letters and claims them by a lease; then somebody sends; `outcomes.finish` writes down how it went. Killed
anywhere between, the lease runs out and another takes the same letter: at the worst it arrives twice, under one id.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from signalbox.clock import MICROS
from signalbox.db.rows import insert_new
from signalbox.notifications import grouping
from signalbox.notifications.deliveries import chunks, notice_of
from signalbox.notifications.letters import Letter
from signalbox.notifications.models import ChannelRow, DeliveryRow, LetterRow, NoticeRow, Stage, State

LEASE = 30 * MICROS

Rates = Mapping[str, tuple[int, float]]
"""By the key of a channel: at most so many letters in so many seconds."""

_earlier = aliased(DeliveryRow)


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter that is ours to send."""

    channel: str  # its key
    letter: Letter


class _Group(NamedTuple):
    """What came due for one channel."""

    channel: str
    oldest: int
    newest: int


class _Traffic(NamedTuple):
    """What is under way to one channel."""

    letters: int
    pause: int  # until when it asked to be left alone; 0: it did not


def is_anything_due(session: Session, now: int, busy: Collection[str] = ()) -> bool:
    """Would `take` find anything, rates aside? One cheap query where nothing waits."""
    waiting = exists().where(DeliveryRow.state == State.WAITING, DeliveryRow.due_at <= now)
    letter = exists().where(_claimable(now), LetterRow.channel.not_in(busy))
    due = session.execute(select(waiting, letter)).one()
    return bool(due[1]) or (bool(due[0]) and bool(_ready(session, now, {})))


def take(
    session: Session,
    now: int,
    by: str,
    *,
    rates: Rates | None = None,
    busy: Collection[str] = (),
    limit: int = 32,
) -> list[Claim]:
    """Letters to send now, one a channel, claimed for `by` until `LEASE` from now.

    `busy` are keys of channels to leave alone, since the caller is sending there.
    """
    for channel in _ready(session, now, rates or {}):
        _compose(session, channel, now)
    return _claim(session, now, by, busy, limit)


def renew(session: Session, letters: Collection[str], by: str, now: int) -> None:
    """We are still at it."""
    ours = (LetterRow.id.in_(letters), LetterRow.claimed_by == by, LetterRow.state == Stage.OPEN)
    session.connection().execute(update(LetterRow).where(*ours).values(claimed_until=now + LEASE))


# what is ready


def _ready(session: Session, now: int, rates: Rates) -> list[str]:
    """Channels whose letter is to be closed now."""
    groups = session.execute(
        select(DeliveryRow.channel, func.min(DeliveryRow.due_at), func.max(DeliveryRow.due_at))
        .where(_sendable(now))
        .group_by(DeliveryRow.channel)
        .order_by(DeliveryRow.channel)
    ).all()
    if not groups:
        return []
    traffic = _traffic(session)
    return [
        group.channel
        for group in (_Group(*row) for row in groups)
        if _may_leave(session, group, traffic.get(group.channel, _Traffic(0, 0)), rates.get(group.channel), now)
    ]


def _may_leave(session: Session, group: _Group, traffic: _Traffic, rate: tuple[int, float] | None, now: int) -> bool:
    if traffic.pause > now or not grouping.is_ready(group.oldest, group.newest, now, traffic.letters):
        return False
    if rate is None:
        return True
    number, seconds = rate
    lately = (LetterRow.state == Stage.SENT, LetterRow.ended_at > now - round(seconds * MICROS))
    ended = select(func.count()).select_from(LetterRow).where(LetterRow.channel == group.channel, *lately)
    return traffic.letters + (session.scalar(ended) or 0) < number


def _traffic(session: Session) -> dict[str, _Traffic]:
    query = select(LetterRow.channel, func.count(), func.max(LetterRow.not_before))
    found = session.execute(query.where(LetterRow.state == Stage.OPEN).group_by(LetterRow.channel))
    return {channel: _Traffic(count, pause or 0) for channel, count, pause in found}


def _sendable(now: int) -> ColumnElement[bool]:
    """Deliveries that are due, and with no earlier one of the same thread and channel to wait for."""
    same = (_earlier.thread == DeliveryRow.thread, _earlier.channel == DeliveryRow.channel)
    before = tuple_(_earlier.happened, _earlier.id) < tuple_(DeliveryRow.happened, DeliveryRow.id)
    pending = or_(
        _earlier.state.in_((State.SENDING, State.HELD)),
        and_(_earlier.state == State.WAITING, _earlier.due_at > now),
    )
    blocked = exists().where(*same, before, pending)
    return and_(DeliveryRow.state == State.WAITING, DeliveryRow.due_at <= now, ~blocked)


# letters


def _compose(session: Session, channel: str, now: int) -> None:
    """Close one letter with all that is due for this channel. One at a time: its row is locked for it."""
    row = session.execute(
        select(ChannelRow.archived_at).where(ChannelRow.key == channel).with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return  # somebody else is at it
    due = select(DeliveryRow.id).where(DeliveryRow.channel == channel, _sendable(now)).order_by(DeliveryRow.id)
    ids = session.scalars(due.with_for_update(skip_locked=True, of=DeliveryRow)).all()
    if row.archived_at is not None:
        _move(session, ids, state=State.WITHDRAWN.value, why="no channel")
        return
    if ids:
        letter = open_letter(session, channel, now)
        _move(session, ids, state=State.SENDING.value, letter=letter)


def open_letter(session: Session, channel: str, now: int, *, after: LetterRow | None = None) -> str:
    """A letter to be sent now, still empty. Returns its id.

    `after` is a letter that was refused for good: this one carries a part of it, and has one more chance.
    """
    letter = f"msg_{uuid.uuid4().hex}"
    values = {
        "id": letter, "channel": channel, "state": Stage.OPEN.value, "next_at": now, "detail": "",
        "composed_at": after.composed_at if after else now, "attempts": after.attempts if after else 0,
        "refusals": after.refusals - 1 if after else 0,
    }  # fmt: skip
    insert_new(session, LetterRow, [values])
    return letter


def _move(session: Session, ids: Sequence[int], **values: Any) -> None:
    for part in chunks(ids):
        session.connection().execute(update(DeliveryRow).where(DeliveryRow.id.in_(part)).values(**values))


def _claimable(now: int) -> ColumnElement[bool]:
    free = or_(LetterRow.claimed_until.is_(None), LetterRow.claimed_until <= now)
    return and_(LetterRow.state == Stage.OPEN, LetterRow.next_at <= now, free)


def _claim(session: Session, now: int, by: str, busy: Collection[str], limit: int) -> list[Claim]:
    query = select(LetterRow.id, LetterRow.channel).where(_claimable(now)).order_by(LetterRow.composed_at, LetterRow.id)
    traffic = _traffic(session)
    first: dict[str, str] = {}
    for row in session.execute(query.with_for_update(skip_locked=True)):
        if row.channel not in busy and traffic[row.channel].pause <= now:
            first.setdefault(row.channel, row.id)
    gone = _end_archived(session, first, now)
    claimed = dict([pair for pair in first.items() if pair[0] not in gone][:limit])
    ours = LetterRow.id.in_(claimed.values())
    session.connection().execute(update(LetterRow).where(ours).values(claimed_by=by, claimed_until=now + LEASE))
    return _letters(session, claimed)


def _end_archived(session: Session, first: Mapping[str, str], now: int) -> set[str]:
    """Nobody is told by a channel that is configured no more."""
    query = select(ChannelRow.key).where(ChannelRow.key.in_(first), ChannelRow.archived_at.is_not(None))
    gone = set(session.scalars(query))
    for channel in gone:
        ours = (LetterRow.channel == channel, LetterRow.state == Stage.OPEN)
        session.connection().execute(
            update(LetterRow).where(*ours).values(state=Stage.DEAD.value, ended_at=now, detail="no channel")
        )
        sending = (DeliveryRow.channel == channel, DeliveryRow.state == State.SENDING)
        values = {"state": State.WITHDRAWN.value, "why": "no channel"}
        session.connection().execute(update(DeliveryRow).where(*sending).values(values))
    return gone


def _letters(session: Session, claimed: Mapping[str, str]) -> list[Claim]:
    """What is in these letters (their ids by channel): the same at each try."""
    query = (
        select(
            LetterRow.composed_at, ChannelRow.id.label("channel_id"), DeliveryRow.letter, DeliveryRow.round,
            *NoticeRow.__table__.columns,
        )
        .join(DeliveryRow, DeliveryRow.letter == LetterRow.id)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice)
        .join(ChannelRow, ChannelRow.key == LetterRow.channel)
        .where(LetterRow.id.in_(claimed.values()))
        .order_by(DeliveryRow.happened, DeliveryRow.id)
    )  # fmt: skip
    rows: dict[str, list[Any]] = {}
    for row in session.execute(query):
        rows.setdefault(row.letter, []).append(row)
    return [Claim(key, _letter(id_, rows[id_])) for key, id_ in claimed.items() if id_ in rows]


def _letter(id_: str, rows: Sequence[Any]) -> Letter:
    reminders = frozenset(row.key for row in rows if row.round)
    return Letter(id_, rows[0].channel_id, tuple(map(notice_of, rows)), rows[0].composed_at, reminders)

"""What follows from how sending went? Reminders, another try, or no more. Verbs that take a session."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import exists, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from signalbox.db.rows import insert_new
from signalbox.notifications import grouping
from signalbox.notifications.deliveries import chunks
from signalbox.notifications.dispatch import Claim, open_letter
from signalbox.notifications.grouping import Tries
from signalbox.notifications.letters import Result
from signalbox.notifications.models import DeliveryRow, LetterRow, Stage, State, ThreadRow

log = structlog.get_logger(__name__)

_DETAIL = 500  # characters
_other = aliased(DeliveryRow)


def finish(session: Session, claim: Claim, result: Result, by: str, now: int) -> None:
    """Write down how sending went, and all that follows from it."""
    query = select(LetterRow).where(LetterRow.id == claim.letter.id, LetterRow.state == Stage.OPEN)
    row = session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).one_or_none()
    if row is None or not (result.ok or row.claimed_by == by):
        return  # another was quicker, after our lease had run out
    row.attempts += 1
    row.detail = result.detail[:_DETAIL]
    row.claimed_by = row.claimed_until = row.not_before = None
    if result.ok:
        _arrived(session, row, now)
    else:
        row.refusals += result.permanent
        _failed(session, row, result, now)


def _arrived(session: Session, row: LetterRow, now: int) -> None:
    row.state, row.ended_at = Stage.SENT.value, now
    _end(session, row.id, State.SENT, now)
    _remind(session, row.id, now)
    _pull_forward(session, row, now)


def _end(session: Session, letter: str, state: State, now: int | None = None) -> None:
    ours = (DeliveryRow.letter == letter, DeliveryRow.state == State.SENDING)
    session.connection().execute(update(DeliveryRow).where(*ours).values(state=state.value, sent_at=now))


def _remind(session: Session, letter: str, now: int) -> None:
    """Write the next reminders, of what is not over, not acknowledged, and the newest that this channel hears."""
    repeated = (DeliveryRow.letter == letter, DeliveryRow.repeat.is_not(None))
    among = select(DeliveryRow.thread).where(*repeated)
    lasting = (ThreadRow.thread.in_(among), ThreadRow.closed_at.is_(None), ThreadRow.acknowledged_at.is_(None))
    # locked: who closes or acknowledges meanwhile waits, and then sees the reminder that it has to withdraw
    query = select(ThreadRow.thread).where(*lasting).order_by(ThreadRow.thread).with_for_update()
    threads = set(session.scalars(query))
    if not threads:
        return
    same = (_other.thread == DeliveryRow.thread, _other.channel == DeliveryRow.channel)
    after = tuple_(_other.happened, _other.id) > tuple_(DeliveryRow.happened, DeliveryRow.id)
    newer = exists().where(*same, after, _other.notice != DeliveryRow.notice, _other.state != State.WITHDRAWN)
    rows = [
        {"notice": row.notice, "thread": row.thread, "happened": row.happened, "channel": row.channel,
         "round": row.round + 1, "step": row.step, "repeat": row.repeat, "state": State.WAITING.value,
         "due_at": now + (row.repeat or 0), "written_at": now}
        for row in session.scalars(select(DeliveryRow).where(*repeated, ~newer))
        if row.thread in threads
    ]  # fmt: skip
    insert_new(session, DeliveryRow, rows)


def _pull_forward(session: Session, row: LetterRow, now: int) -> None:
    """The channel answers again: what else waits for it is tried at once, but what was refused for good."""
    others = (LetterRow.channel == row.channel, LetterRow.id != row.id, LetterRow.refusals == 0)
    query = select(LetterRow.id).where(LetterRow.state == Stage.OPEN, LetterRow.next_at > now, *others)
    ids = session.scalars(query.with_for_update(skip_locked=True)).all()
    if ids:
        session.connection().execute(update(LetterRow).where(LetterRow.id.in_(ids)).values(next_at=now))


def _failed(session: Session, row: LetterRow, result: Result, now: int) -> None:
    tries = Tries(row.composed_at, row.attempts, row.refusals)
    again = grouping.next_try(row.id, tries, result, now)
    if again is not None:
        pause = grouping.asked_pause(result)
        row.next_at, row.not_before = again, None if pause is None else now + pause
        log.warning("notice.waits", letter=row.id, channel=row.channel, attempts=row.attempts, answer=row.detail)
        return
    threads = session.scalars(
        select(DeliveryRow.thread).where(DeliveryRow.letter == row.id).distinct().order_by(DeliveryRow.thread)
    ).all()
    row.ended_at = now
    parts = grouping.halves(threads) if result.permanent else None
    if parts is not None:
        row.state = Stage.SPLIT.value
        _split(session, row, parts, now)
        return
    row.state = Stage.DEAD.value
    _end(session, row.id, State.DEAD)
    _remind(session, row.id, now)  # who could not be reached for so long is still told of what lasts
    log.error(
        "notice.dead", letter=row.id, channel=row.channel, threads=list(threads[:5]), attempts=row.attempts,
        answer=row.detail,
    )  # fmt: skip


def _split(session: Session, row: LetterRow, parts: Sequence[Sequence[str]], now: int) -> None:
    """Each half gets a letter of its own, and one more chance."""
    for threads in parts:
        letter = open_letter(session, row.channel, now, after=row)
        for part in chunks(threads):
            moved = (DeliveryRow.letter == row.id, DeliveryRow.thread.in_(part))
            session.connection().execute(update(DeliveryRow).where(*moved).values(letter=letter))

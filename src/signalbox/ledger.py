"""Who leads, and what was due? The lease of the one who hands out batches, and one row for each batch handed out.

A batch's row is written before its message is sent, and counts what was settled. So anybody can later tell what was
due and not answered. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    event,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from signalbox.clock import MICROS
from signalbox.db.base import Base, database_now


class LedgerRow(Base):
    """One batch: how many checks were due, how many were settled."""

    __tablename__ = "ledger"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    # the moment comes first: rows arrive, are looked for and are forgotten by time
    moment: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    location: Mapped[str] = mapped_column(Text, primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    due: Mapped[int] = mapped_column(Integer)
    settled: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(BigInteger)  # of the monitors it was made from
    missed: Mapped[int] = mapped_column(Integer, server_default="0")  # slots that the reaper made unknown
    monitors: Mapped[str | None] = mapped_column(Text)  # their keys, a line each, until all are accounted for


class LeaseRow(Base):
    """Who leads, by the database's clock until when. The row stays for ever, so that `fence` only grows."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    fence: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger)


class Batch(Protocol):
    """What the ledger writes down of a batch of checks."""

    @property
    def location(self) -> str: ...
    @property
    def moment(self) -> int: ...
    @property
    def part(self) -> int: ...
    @property
    def monitors(self) -> Sequence[str]: ...
    @property
    def revision(self) -> int: ...


class Name(NamedTuple):
    """What a batch is known by."""

    location: str
    moment: int
    part: int


class Open(NamedTuple):
    """A batch that was not answered in full, and the revision of the monitors that it was made from."""

    name: Name
    due: int
    settled: int
    revision: int
    monitors: tuple[str, ...] = ()


# built once: these run every second, and building them costs more than running them
_NOTE = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(LedgerRow)
    .on_conflict_do_nothing()
    .returning(LedgerRow.location, LedgerRow.moment, LedgerRow.part)
    for dialect in (postgresql, sqlite)
}
_SETTLE = (
    update(LedgerRow)
    .where(
        LedgerRow.location == bindparam("of_location"),
        LedgerRow.moment == bindparam("of_moment"),
        LedgerRow.part == bindparam("of_part"),
    )
    .values(
        settled=LedgerRow.settled + bindparam("more"),
        monitors=case((LedgerRow.settled + bindparam("more") >= LedgerRow.due, None), else_=LedgerRow.monitors),
    )
)
_CLOSE = (
    update(LedgerRow)
    .where(
        LedgerRow.location == bindparam("of_location"),
        LedgerRow.moment == bindparam("of_moment"),
        LedgerRow.part == bindparam("of_part"),
    )
    .values(settled=bindparam("found"), missed=bindparam("lost"), monitors=None)
)


def note(session: Session, batches: Sequence[Batch]) -> set[Name]:
    """Write down that these batches are due. Returns those that nobody had noted before: only they may be sent."""
    rows = [
        {"moment": batch.moment, "location": batch.location, "part": batch.part,
         "due": len(batch.monitors), "settled": 0, "revision": batch.revision, "missed": 0,
         "monitors": "\n".join(batch.monitors)}
        for batch in batches
    ]  # fmt: skip
    if not rows:
        return set()
    connection = session.connection()
    return {Name(*row) for row in connection.execute(_NOTE[connection.dialect.name], rows)}


def settle(session: Session, counts: Mapping[Name, int]) -> set[Name]:
    """Add what was settled of each batch. Returns the batches that nobody has noted yet, or that were forgotten.

    A batch that is delivered twice counts twice; whoever closes open batches looks for the signals themselves.
    """
    # always in the same order, so that two workers cannot wait for each other's rows
    rows = [
        {"of_location": name[0], "of_moment": name[1], "of_part": name[2], "more": more}
        for name, more in sorted(counts.items())
    ]
    if not rows or session.connection().execute(_SETTLE, rows).rowcount == len(rows):
        return set()
    there = select(LedgerRow.location, LedgerRow.moment, LedgerRow.part).where(
        LedgerRow.moment.in_({name[1] for name in counts})
    )
    return set(counts) - {Name(*row) for row in session.execute(there)}


def newest(session: Session, location: str | None = None) -> int | None:
    """The latest moment that a batch of that location was noted for; of any, when none is given."""
    moments = select(LedgerRow.moment)
    if location is not None:
        moments = moments.where(LedgerRow.location == location)
    return session.scalars(moments.order_by(LedgerRow.moment.desc()).limit(1)).one_or_none()


def settled_lately(session: Session, since: int) -> dict[str, int]:
    """By location the latest moment, not before `since`, that something was settled of."""
    query = select(LedgerRow.location, func.max(LedgerRow.moment)).where(
        LedgerRow.moment >= since, LedgerRow.settled > 0
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(LedgerRow.location))}


def still_open(session: Session, start: int, end: int, most: int | None = None) -> list[Open]:
    """Batches due at start ≤ moment < end and not accounted for in full, oldest first; `most` of them at the most."""
    query = select(LedgerRow).where(
        LedgerRow.moment >= start, LedgerRow.moment < end, LedgerRow.settled + LedgerRow.missed < LedgerRow.due
    )
    rows = session.scalars(query.order_by(LedgerRow.moment, LedgerRow.location, LedgerRow.part).limit(most))
    return [_open(row) for row in rows]


def _open(row: LedgerRow) -> Open:
    keys = tuple(row.monitors.split("\n")) if row.monitors else ()
    return Open(Name(row.location, row.moment, row.part), row.due, row.settled, row.revision, keys)


def close(session: Session, accounts: Mapping[Name, tuple[int, int]]) -> None:
    """Write what became of open batches: how many slots were answered, and how many nobody answered."""
    rows = [
        {"of_location": name[0], "of_moment": name[1], "of_part": name[2], "found": found, "lost": lost}
        for name, (found, lost) in sorted(accounts.items())
    ]
    if rows:
        session.connection().execute(_CLOSE, rows)


def forget(session: Session, before: int) -> int:
    """Drop the rows of batches due before that moment. Returns how many went."""
    gone = session.connection().execute(delete(LedgerRow).where(LedgerRow.moment < before))
    return gone.rowcount


class Lease:
    """One contender's view of one lease. Its verbs take effect when the session's transaction is committed.

    Who holds it is decided in the database, by the database's clock: hosts need not agree on the time. That clock may
    be set back, which would make a dead leader's lease last; so a contender that sees the row unchanged for `ttl`
    seconds of its own steady clock takes it too. Every taking raises `fence`, so a leader that was paused finds out at
    its next `renew`; `held` tells it without asking. Renew every ttl ÷ 3 or so.
    """

    def __init__(self, name: str, holder: str, ttl: float = 6.0) -> None:
        """`holder` names this process among all others, over restarts too. `ttl` is in seconds."""
        self.name, self.holder, self.ttl = name, holder, ttl
        self.fence: int | None = None
        self._held_until = 0.0
        self._seen: tuple[int, int] | None = None
        self._seen_at = 0.0

    @property
    def held(self) -> bool:
        """May this process act as the leader now? No sooner doubted than the database would give the lease away."""
        return self.fence is not None and _steady() < self._held_until

    def acquire(self, session: Session) -> bool:
        """Try to become the leader. True: we are, with a higher `fence` than any leader before."""
        asked = _steady()
        expires, fence = self._row(session)
        if (expires, fence) != self._seen:
            self._seen, self._seen_at = (expires, fence), asked
        free = LeaseRow.expires <= database_now()
        if asked - self._seen_at >= self.ttl:
            free = or_(free, and_(LeaseRow.expires == expires, LeaseRow.fence == fence))
        won = self._change(session, free, holder=self.holder, fence=LeaseRow.fence + 1, expires=self._expiry)
        if won is not None:
            self._on_commit(session, won, asked + self.ttl)
        return won is not None

    def renew(self, session: Session) -> bool:
        """Stay the leader. False: we no longer are (it ran out, or another took it); only `acquire` helps then."""
        asked = _steady()
        kept = self._change(session, LeaseRow.fence == self.fence, expires=self._expiry) if self.held else None
        self._on_commit(session, kept, asked + self.ttl)
        return kept is not None

    def release(self, session: Session) -> None:
        """Let another lead at once. Nothing happens when we do not hold it."""
        if self.fence is not None:
            self._change(session, LeaseRow.fence == self.fence, expires=0)
            self._on_commit(session, None, 0.0)

    @property
    def _expiry(self) -> ColumnElement[int]:
        return database_now() + round(self.ttl * MICROS)

    def _row(self, session: Session) -> tuple[int, int]:
        """When the lease expires and its fence; the row is made at the first call."""
        query = select(LeaseRow.expires, LeaseRow.fence).where(LeaseRow.name == self.name)
        row = session.execute(query).one_or_none()
        if row is None:
            fresh = {"name": self.name, "holder": "", "fence": 0, "expires": 0}
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            session.execute(dialect.insert(LeaseRow).on_conflict_do_nothing().values(fresh))
            row = session.execute(query).one()
        return row.expires, row.fence

    def _change(self, session: Session, condition: ColumnElement[bool], **values: Any) -> int | None:
        """The fence after changing our row, if the condition held."""
        change = update(LeaseRow).where(LeaseRow.name == self.name, condition).values(**values)
        return session.execute(
            change.returning(LeaseRow.fence), execution_options={"synchronize_session": False}
        ).scalar()

    def _on_commit(self, session: Session, fence: int | None, held_until: float) -> None:
        """Believe it only once it is committed."""

        def believe(session: Session) -> None:
            self.fence, self._held_until = fence, held_until

        event.listen(session, "after_commit", believe, once=True)


def _steady() -> float:
    """Seconds of a clock that nobody sets, and that goes on while the machine sleeps where the system has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

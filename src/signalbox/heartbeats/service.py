"""How is kept what was told, and read again? Verbs that take a session."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from signalbox.clock import MICROS
from signalbox.db.rows import insertion
from signalbox.heartbeats.models import PingRow, ToldRow
from signalbox.heartbeats.pings import Newest, Ping, Sort, after, took
from signalbox.signals import Reason, Verdict

MOST = 100
"""Pings that are kept of a monitor."""
DAYS = 90
LONGEST_BODY = 100_000
"""Bytes of a ping's body that are kept."""
_AT_ONCE = 500  # keys in one query: SQLite takes a bounded number of parameters
_COLUMNS = tuple(name for name in Newest._fields)
_LIGHT = [getattr(PingRow, name) for name in ("id", *Ping._fields) if name != "body"]


class Numbered(NamedTuple):
    """A ping and its number; numbers grow, but a smaller one may become visible after a greater."""

    id: int
    ping: Ping


def record(session: Session, pings: Sequence[Ping]) -> None:
    """Keep these, in their order, and what they change. In one transaction: who commits it may say that they came."""
    newest = load(session, {ping.monitor for ping in pings}, hold=True)
    before = dict(newest)
    rows = []
    for ping in pings:
        known = newest.get(ping.monitor)
        rows.append({**ping._asdict(), "sort": ping.sort.value, "took": took(known, ping)})
        changed = after(known, ping)
        if changed is not None:
            newest[ping.monitor] = changed
    session.execute(insert(PingRow), rows)
    _save(session, {key: one for key, one in newest.items() if one is not before.get(key)})
    for monitor in sorted({ping.monitor for ping in pings}):
        _drop_old(session, monitor)


def load(session: Session, monitors: Collection[str], *, hold: bool = False) -> dict[str, Newest]:
    """What decides how these stand; those never told of are left out."""
    found: dict[str, Newest] = {}
    ordered = sorted(monitors)  # always in the same order, so that two processes cannot wait for each other
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        query = select(ToldRow.__table__).where(ToldRow.monitor.in_(some)).order_by(ToldRow.monitor)
        rows = session.execute(query.with_for_update() if hold else query)
        found.update((row.monitor, _newest(row)) for row in rows)
    return found


def since(session: Session, number: int, missing: Collection[int], limit: int) -> list[Numbered]:
    """Pings with greater numbers, and those of `missing` that are there by now; oldest first, without bodies."""
    query = select(*_LIGHT).where(PingRow.id > number).order_by(PingRow.id).limit(limit)
    found = [_numbered(row) for row in session.execute(query)]
    if missing:
        late = select(*_LIGHT).where(PingRow.id.in_(sorted(missing)[:_AT_ONCE])).order_by(PingRow.id)
        found = [*(_numbered(row) for row in session.execute(late)), *found]
    return found


def number_before(session: Session, moment: int) -> int:
    """A number that no ping since that moment is below."""
    first = session.scalar(select(PingRow.id).where(PingRow.at >= moment).order_by(PingRow.id).limit(1))
    if first is not None:
        return first - 1
    return session.scalar(select(PingRow.id).order_by(PingRow.id.desc()).limit(1)) or 0


def listing(session: Session, monitor: str, *, before: int | None = None, limit: int = 100) -> list[PingRow]:
    """What was told of a monitor, newest first, with bodies; `monitor` is its key, `before` a number."""
    query = select(PingRow).where(PingRow.monitor == monitor)
    if before is not None:
        query = query.where(PingRow.id < before)
    return list(session.scalars(query.order_by(PingRow.id.desc()).limit(limit)))


def body(session: Session, number: int) -> bytes | None:
    """What came with a ping."""
    return session.scalar(select(PingRow.body).where(PingRow.id == number))


def forget(session: Session, now: int) -> None:
    """Drop what is too old. What decides how monitors stand stays."""
    session.execute(delete(PingRow).where(PingRow.at < now - DAYS * 86_400 * MICROS))


def leave(session: Session, monitors: Collection[str]) -> None:
    """These are watched no more: should they return, they wait for a first heartbeat. Their pings stay."""
    if monitors:
        session.execute(delete(ToldRow).where(ToldRow.monitor.in_(sorted(monitors))))


def _drop_old(session: Session, monitor: str) -> None:
    last = select(PingRow.id).where(PingRow.monitor == monitor).order_by(PingRow.id.desc()).offset(MOST - 1).limit(1)
    kept = session.scalar(last)
    if kept is not None:
        gone = delete(PingRow).where(PingRow.monitor == monitor, PingRow.id < kept)
        session.execute(gone, execution_options={"synchronize_session": False})


def _save(session: Session, newest: dict[str, Newest]) -> None:
    if not newest:
        return
    statement = insertion(session, ToldRow)
    written = {name: statement.excluded[name] for name in _COLUMNS}
    rows = [{"monitor": key, **_row(one)} for key, one in sorted(newest.items())]
    session.connection().execute(statement.on_conflict_do_update(index_elements=["monitor"], set_=written), rows)


def _row(newest: Newest) -> dict[str, Any]:
    return {**newest._asdict(), "verdict": newest.verdict.value, "reason": newest.reason.value}


def _newest(row: Any) -> Newest:
    return Newest(
        row.at, Verdict(row.verdict), Reason(row.reason), row.message, row.took, row.heard, row.started, row.run
    )


def _numbered(row: Any) -> Numbered:
    fields = {name: getattr(row, name) for name in Ping._fields if name != "body"}
    return Numbered(row.id, Ping(**{**fields, "sort": Sort(row.sort)}))

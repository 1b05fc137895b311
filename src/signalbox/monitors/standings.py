"""How do the monitors stand, and how did they stand before? Standings and spells, read and written in bulk.

Verbs take a session. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signalbox.monitors.judge import Change, Place, Run, Standing
from signalbox.monitors.models import SpellRow, StandingRow
from signalbox.signals import Reason, Verdict

_AT_ONCE = 500  # keys in one query: SQLite takes a bounded number of parameters
_COLUMNS = (
    "verdict", "known", "reason", "message", "since", "trouble", "flapping", "paused", "restless", "flips", "places",
)  # fmt: skip


class Gap(NamedTuple):
    """A stretch of time in which nobody looked at a monitor: start ≤ t < end."""

    monitor: str
    start: int
    end: int


def restless(session: Session) -> set[str]:
    """Keys of the monitors that even a healthy signal may change."""
    return set(session.scalars(select(StandingRow.monitor).where(StandingRow.restless)))


def load(session: Session, keys: Collection[str], *, hold: bool = False) -> dict[str, Standing]:
    """Standings of these monitors; those never judged are left out. With `hold` nobody else may change them until the
    transaction ends (on SQLite a writing transaction is alone anyway)."""
    found: dict[str, Standing] = {}
    ordered = sorted(keys)  # always in the same order, so that two processes cannot wait for each other
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        query = select(StandingRow.__table__).where(StandingRow.monitor.in_(some)).order_by(StandingRow.monitor)
        rows = session.execute(query.with_for_update() if hold else query)
        found.update((row.monitor, _standing(row)) for row in rows)
    return found


def everything(session: Session) -> dict[str, Standing]:
    """All standings there are."""
    return {row.monitor: _standing(row) for row in session.execute(select(StandingRow.__table__))}


def save(session: Session, standings: Mapping[str, Standing]) -> None:
    """Write these standings, new or not."""
    if not standings:
        return
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(StandingRow)
    written = {name: statement.excluded[name] for name in _COLUMNS}
    rows = [_row(key, standing) for key, standing in sorted(standings.items())]
    connection.execute(statement.on_conflict_do_update(index_elements=["monitor"], set_=written), rows)


_CLOSE = (
    update(SpellRow)
    .where(SpellRow.monitor == bindparam("of_monitor"), SpellRow.end.is_(None))
    .values(end=bindparam("at"))
)


def write_spells(session: Session, changes: Iterable[Change]) -> None:
    """Close the spells that ended and open those that began. Changes of one monitor come in their order."""
    closed: dict[str, int] = {}
    begun: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        if change.before.since == change.after.since:
            continue
        spells = begun.setdefault(change.monitor, [])
        if spells:
            spells[-1]["end"] = change.after.since
        elif change.before.since:
            closed[change.monitor] = change.after.since
        spells.append(_spell(change.monitor, change.after, change.confirmed))
    connection = session.connection()
    if closed:
        connection.execute(_CLOSE, [{"of_monitor": key, "at": at} for key, at in sorted(closed.items())])
    rows = [row for key in sorted(begun) for row in begun[key]]
    if rows:
        connection.execute(insert(SpellRow), rows)


def blank_out(session: Session, gap: Gap, now: int) -> bool:
    """Make a stretch of the past unknown, because nobody looked. What was unknown or paused already stays as it is.

    The spell that goes on now is left alone after the gap. True if anything changed.
    """
    overlapping = select(SpellRow).where(
        SpellRow.monitor == gap.monitor, SpellRow.start < gap.end, or_(SpellRow.end > gap.start, SpellRow.end.is_(None))
    )
    spells = [
        row
        for row in session.scalars(overlapping.order_by(SpellRow.start))
        if row.verdict != Verdict.UNKNOWN and not row.paused
    ]
    for row in spells:
        _cut(session, row, max(gap.start, row.start), min(gap.end, row.end or gap.end), now)
    return bool(spells)


def _cut(session: Session, row: SpellRow, start: int, end: int, now: int) -> None:
    """Part one spell into what was before, the gap, and what came after."""
    values = {name: getattr(row, name) for name in ("monitor", "verdict", "reason", "message", "confirmed", "trouble")}
    rest = {**values, "start": end, "end": row.end, "flapping": row.flapping, "paused": False}
    if row.start < start:
        row.end = start
    else:
        session.delete(row)
    session.flush()
    unknown = {
        **values, "verdict": Verdict.UNKNOWN.value, "reason": Reason.MISSED.value, "message": "nobody asked in time",
        "start": start, "end": end, "confirmed": now, "flapping": False, "paused": False,
    }  # fmt: skip
    going_on = rest["end"] is None
    session.execute(insert(SpellRow), [unknown, *([rest] if going_on or end < rest["end"] else [])])
    if going_on:
        change = update(StandingRow).where(StandingRow.monitor == row.monitor).values(since=end)
        session.execute(change, execution_options={"synchronize_session": False})


def forget(session: Session, keys: Collection[str], now: int) -> None:
    """End what is known of monitors that are watched no more; their spells stay."""
    ordered = sorted(keys)
    if ordered:
        session.connection().execute(_CLOSE, [{"of_monitor": key, "at": now} for key in ordered])
        gone = delete(StandingRow).where(StandingRow.monitor == bindparam("of_monitor"))
        session.connection().execute(gone, [{"of_monitor": key} for key in ordered])


def _spell(monitor: str, standing: Standing, confirmed: int) -> dict[str, Any]:
    return {
        "monitor": monitor, "verdict": standing.verdict.value, "reason": standing.reason.value,
        "message": standing.message, "start": standing.since, "end": None, "confirmed": confirmed,
        "trouble": standing.trouble, "flapping": standing.flapping, "paused": standing.paused,
    }  # fmt: skip


def _row(key: str, standing: Standing) -> dict[str, Any]:
    return {
        "monitor": key, "verdict": standing.verdict.value, "known": standing.known and standing.known.value,
        "reason": standing.reason.value, "message": standing.message, "since": standing.since,
        "trouble": standing.trouble, "flapping": standing.flapping, "paused": standing.paused,
        "restless": standing.restless, "flips": list(standing.flips),
        "places": {name: _packed(place) for name, place in standing.places.items()},
    }  # fmt: skip


def _packed(place: Place) -> list[object]:
    known = place.known.value if place.known else None
    return [place.seen, known, *place.far, *place.near, place.blind]


def _standing(row: Any) -> Standing:
    return Standing(
        Verdict(row.verdict), Verdict(row.known) if row.known else None, Reason(row.reason), row.message, row.since,
        row.trouble, row.flapping, row.paused, tuple(row.flips),
        {name: _unpacked(*place) for name, place in row.places.items()},
    )  # fmt: skip


def _unpacked(seen: int, known: str | None, far: int, far_since: int, near: int, near_since: int, blind: bool) -> Place:  # noqa: PLR0917
    return Place(seen, Verdict(known) if known else None, Run(far, far_since), Run(near, near_since), blind)

"""What did the monitors reach? Uptime, receipts and spells, read from the relational database.

Verbs take a session. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from signalbox import ledger
from signalbox.clock import MICROS
from signalbox.errors import NotFound, Refused
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.calendar import Calendar
from signalbox.maintenance.specs import Watched
from signalbox.monitors.models import MonitorRow, SpellRow
from signalbox.monitors.service import active
from signalbox.signals import Reason, Verdict
from signalbox.uptime.models import AnnotationRow
from signalbox.uptime.percent import DEFAULT_WEIGHTS, Sums, Uptime, Weights, parted, summed
from signalbox.uptime.pieces import Annotation, History, Saying, Spell, Work, pieces
from signalbox.uptime.receipt import Receipt

_LATE = 3  # intervals without anybody asking, after which what we know is old
_GRACE = 15 * MICROS
_AT_ONCE = 500  # keys in one query: SQLite takes a bounded number of parameters
_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_REASONS = {reason.value: reason for reason in Reason}
T = TypeVar("T")


class Subject(Watched, Protocol):
    """Whose uptime is asked for: a `monitors.service.Monitor`, or a `Who`."""

    @property
    def key(self) -> str: ...


class Who(NamedTuple):
    """A monitor, as far as its row tells in the clear."""

    key: str
    id: str
    name: str
    group: str | None
    tags: tuple[str, ...]


def watched(session: Session, ids: Collection[str] = ()) -> list[Who]:
    """The monitors with these ids, in that order; without ids all that are not archived. One that is archived is found
    if no other has its id now. `NotFound` names the first that there is not."""
    row = MonitorRow.__table__.c
    query = select(row.key, row.id, row.name, row.group, row.tags).order_by(row.position, row.key)
    if not ids:
        return [_who(one) for one in session.execute(query.where(row.archived_at.is_(None)))]
    newest_last = query.where(row.id.in_(ids)).order_by(None).order_by(row.archived_at.is_(None), row.archived_at)
    found = {one.id: _who(one) for one in session.execute(newest_last)}
    for id_ in ids:
        if id_ not in found:
            raise NotFound(f'there is no monitor "{id_}"')
    return [found[id_] for id_ in dict.fromkeys(ids)]


def names(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Ids of monitors by key, archived ones too. A key that nobody knows stands for itself."""
    found = dict(zip(keys, keys, strict=True))
    for some in _chunks(list(keys)):
        known = session.execute(select(MonitorRow.key, MonitorRow.id).where(MonitorRow.key.in_(some)))
        found.update((row.key, row.id) for row in known)
    return found


def uptime(
    session: Session,
    monitors: Sequence[Subject],
    start: int,
    end: int,
    now: int,
    *,
    calendar: Calendar | None = None,
    silent: int | None = None,
    weights: Weights = DEFAULT_WEIGHTS,
) -> dict[str, Uptime]:
    """What each of them reached in that window, by key. `calendar`: what was announced, if it has been read already;
    `silent`: what `silent_since` says."""
    _refuse_odd(start, end)
    known = histories(session, monitors, start, min(end, now), calendar=calendar, silent=silent)
    return {key: Uptime(start, end, summed(pieces(one, start, end, now)), weights) for key, one in known.items()}


def sums(
    session: Session,
    monitors: Sequence[Subject],
    edges: Sequence[int],
    now: int,
    *,
    calendar: Calendar | None = None,
    silent: int | None = None,
) -> dict[str, list[Sums]]:
    """What each of them was between each edge and the next, by key: with `days.days`, the bars of a page."""
    start, end = edges[0], edges[-1]
    _refuse_odd(start, end)
    known = histories(session, monitors, start, min(end, now), calendar=calendar, silent=silent)
    return {key: parted(pieces(one, start, end, now), edges) for key, one in known.items()}


def receipt(
    session: Session,
    monitor: Subject,
    start: int,
    end: int,
    now: int,
    *,
    zone: str = "UTC",
    calendar: Calendar | None = None,
    silent: int | None = None,
    weights: Weights = DEFAULT_WEIGHTS,
) -> Receipt:
    """How one of them came to its number, piece by piece."""
    _refuse_odd(start, end)
    known = histories(session, [monitor], start, min(end, now), calendar=calendar, silent=silent)[monitor.key]
    found = pieces(known, start, end, now)
    return Receipt(monitor.id, tuple(found), Uptime(start, end, summed(found), weights), now, zone)


def silent_since(session: Session, now: int) -> int | None:
    """Since when nobody has asked anything, if that is longer than three intervals. What was going on then says nothing
    about the time after it; once somebody watches again, the record will say so itself."""
    intervals = [monitor.every for monitor in active(session) if not monitor.paused]
    return silent(ledger.newest(session), min(intervals, default=None), now)


def silent(asked: int | None, fastest: float | None, now: int) -> int | None:
    """The same, for those who know when somebody was asked last, and the shortest interval of what is asked at all."""
    if fastest is None or asked is None:
        return None
    return asked if now - asked > _LATE * fastest * MICROS + _GRACE else None


def spells(session: Session, monitor: str, before: tuple[int, int] | None = None, limit: int = 100) -> list[SpellRow]:
    """Spells of a monitor (by its key), the newest first; `before` is the start and the id of the last one seen."""
    query = select(SpellRow).where(SpellRow.monitor == monitor)
    if before is not None:
        start, number = before
        query = query.where(or_(SpellRow.start < start, and_(SpellRow.start == start, SpellRow.id < number)))
    return list(session.scalars(query.order_by(SpellRow.start.desc(), SpellRow.id.desc()).limit(limit)))


def first_seen(session: Session, keys: Sequence[str]) -> int | None:
    """The first moment that anything is known of any of them; None where nothing is."""
    found = (
        session.scalar(select(func.min(SpellRow.start)).where(SpellRow.monitor.in_(some))) for some in _chunks(keys)
    )
    return min((moment for moment in found if moment is not None), default=None)


def histories(
    session: Session,
    monitors: Sequence[Subject],
    start: int,
    end: int,
    *,
    calendar: Calendar | None = None,
    silent: int | None = None,
) -> dict[str, History]:
    """All that touches the window, by key: a query for spells and one for annotations, whatever their number."""
    if calendar is None:
        calendar = maintenance.load(session)
    keys = [monitor.key for monitor in monitors]
    judged, said = _spells(session, keys, start, end), _annotations(session, keys, start, end)
    first = min((spell.start for some in judged.values() for spell in some), default=end)
    works = _works(calendar, max(first, start), end)  # work before anybody watched changes nothing
    return {
        monitor.key: History(
            _as_seen(judged.get(monitor.key, ()), silent),
            [one for spec, windows in works if spec.covers(monitor) for one in windows],
            said.get(monitor.key, ()),
        )
        for monitor in monitors
    }


def _as_seen(spells: Sequence[Spell], silent: int | None) -> Sequence[Spell]:
    """The spells, and no data for what goes on unseen."""
    goes_on = next((spell for spell in spells if spell.end is None and not spell.paused), None)
    if silent is None or goes_on is None:
        return spells
    since = max(silent, goes_on.start)
    return [*spells, Spell(since, None, Verdict.UNKNOWN, Reason.MISSED, message="nobody has asked since")]


def _works(calendar: Calendar, start: int, end: int) -> list[tuple[Any, list[Work]]]:
    """What was announced, each with its windows: worked out once for all monitors."""
    if start >= end:
        return []
    found = (
        (work.spec, [Work(max(one.start, work.since), one.end, work.spec.title) for one in work.windows(start, end)])
        for work in calendar.works
    )
    return [(spec, windows) for spec, windows in found if windows]


def _spells(session: Session, keys: Sequence[str], start: int, end: int) -> dict[str, list[Spell]]:
    row, found = SpellRow.__table__.c, defaultdict(list)
    columns = (row.monitor, row.start, row.end, row.verdict, row.reason, row.paused, row.id, row.message)
    touching = and_(row.start < end, or_(row.end > start, row.end.is_(None)))
    for some in _chunks(keys):
        query = select(*columns).where(row.monitor.in_(some), touching).order_by(row.id)
        for key, begun, ended, verdict, reason, *rest in session.connection().execute(query).all():
            found[key].append(Spell(begun, ended, _VERDICTS[verdict], _REASONS[reason], *rest))
    return found


def _annotations(session: Session, keys: Sequence[str], start: int, end: int) -> dict[str, list[Annotation]]:
    row, found = AnnotationRow.__table__.c, defaultdict(list)
    columns = (row.monitor, row.start, row.end, row.what, row.note, row.by, row.id)
    touching = and_(row.start < end, row.end > start, row.withdrawn_at.is_(None))
    for some in _chunks(keys):
        for key, begun, ended, what, *rest in session.execute(
            select(*columns).where(row.monitor.in_(some), touching).order_by(row.id)
        ):
            found[key].append(Annotation(begun, ended, Saying(what), *rest))
    return found


def _chunks(keys: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(keys)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _refuse_odd(start: int, end: int) -> None:
    if start >= end:
        raise Refused("the window ends before it begins, or at once: give a later end")


def _who(row: Any) -> Who:
    return Who(row.key, row.id, row.name, row.group, tuple(row.tags))

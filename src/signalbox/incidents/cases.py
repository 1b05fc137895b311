"""What is known of the incidents that changes touch? Read at once for many changes, and written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.clock import MICROS
from signalbox.incidents.models import IncidentRow, TroubleRow, UpdateRow
from signalbox.incidents.service import AUTOMATIC
from signalbox.incidents.specs import Affected, Status

R = TypeVar("R", IncidentRow, TroubleRow)
Body = Callable[[Sequence[TroubleRow]], str]

TOGETHER = 60 * MICROS
"""What happens to monitors of a group within this time belongs together."""

_MOST = 1_000  # values in one query


@dataclass(slots=True, eq=False)
class Case:
    """An incident with its troubles; what is said of it is written when all is decided."""

    row: IncidentRow
    newest: UpdateRow | None = None
    troubles: list[TroubleRow] = field(default_factory=list)
    going_on: dict[str, str] = field(default_factory=dict)  # monitors of those that have not ended, by thread
    begun: list[TroubleRow] = field(default_factory=list)  # in this transaction
    over: list[TroubleRow] = field(default_factory=list)  # likewise
    said: list[UpdateRow] = field(default_factory=list)

    def join(self, trouble: TroubleRow) -> None:
        """One more trouble."""
        self.troubles.append(trouble)
        if trouble.ended_at is None:
            self.going_on[trouble.thread] = trouble.monitor

    def end(self, trouble: TroubleRow, ended: int) -> None:
        """One of them is over."""
        trouble.ended_at = max(ended, trouble.since)
        self.going_on.pop(trouble.thread, None)
        self.over.append(trouble)

    @property
    def ended_at(self) -> int:
        """When the last of its troubles ended."""
        return max(one.ended_at or 0 for one in self.troubles)

    def say(  # noqa: PLR0917 - one thing each
        self, status: Status, state: Affected, of: Sequence[TroubleRow], body: Body, happened: int, now: int
    ) -> None:
        """Say the same of these troubles in our name: in the newest update, if that says the same of others and is of
        this minute, else in one of its own. Nobody is told of it, since they hear of the monitors."""
        self.row.status = status.value
        states = dict.fromkeys((one.monitor for one in of), state.value)
        last = self.newest
        if last is not None and _continues(last, status, state, now):
            last.monitors = {**last.monitors, **states}
            last.body = body([one for one in self.troubles if one.monitor in last.monitors])
            last.happened_at = happened if state is Affected.OPERATIONAL else min(happened, last.happened_at)
            return
        self.newest = UpdateRow(
            number=1 if last is None else last.number + 1, status=status.value, body=body(of), monitors=states,
            by=audit.SYSTEM, notify=False, draft=False, next_update_by=self.row.next_update_by, happened_at=happened,
            created_at=now, edited_at=None,
        )  # fmt: skip
        self.said.append(self.newest)


def _continues(last: UpdateRow, status: Status, state: Affected, now: int) -> bool:
    return (
        last.by == audit.SYSTEM
        and last.status == status
        and last.edited_at is None
        and now - last.created_at <= TOGETHER
        and set(last.monitors.values()) == {state.value}
    )


class Desk:
    """The cases of one transaction."""

    def __init__(self, session: Session, threads: Collection[str], groups: Collection[str | None] = ()) -> None:
        self._session = session
        troubles = list(_found(session, TroubleRow, TroubleRow.thread, threads))
        rows = {row.id: row for row in _found(session, IncidentRow, IncidentRow.id, {one.incident for one in troubles})}
        rows |= {row.id: row for row in _open(session, groups)}
        newest = _newest(session, rows)
        cases = {id_: Case(row, newest.get(id_)) for id_, row in sorted(rows.items())}
        for one in _found(session, TroubleRow, TroubleRow.incident, rows):
            cases[one.incident].join(one)
        self.cases = list(cases.values())
        self.by_thread = {trouble.thread: (case, trouble) for case in self.cases for trouble in case.troubles}
        self._of_group = defaultdict[str | None, list[Case]](list)
        for case in self.cases:
            self._list(case)

    def of_group(self, group: str | None) -> Sequence[Case]:
        """Cases of a group, oldest first."""
        return self._of_group[group]

    def open(self, row: IncidentRow) -> Case:
        """A new case."""
        case = Case(row)
        self.cases.append(case)
        self._list(case)
        self._session.add(row)
        return case

    def join(self, case: Case, trouble: TroubleRow) -> None:
        """One more trouble of a case."""
        case.join(trouble)
        self.by_thread[trouble.thread] = (case, trouble)

    def write(self) -> None:
        """Write everything."""
        self._session.flush()  # gives new incidents their ids
        for case in self.cases:
            for said in case.said:
                said.incident = case.row.id
            for trouble in case.troubles:
                trouble.incident = case.row.id
            self._session.add_all([*case.said, *case.troubles])
        self._session.flush()

    def _list(self, case: Case) -> None:
        if case.row.origin == AUTOMATIC and case.row.resolved_at is None:
            self._of_group[case.row.group].append(case)


def _found(
    session: Session, row: type[R], column: Any, values: Iterable[Any], *conditions: ColumnElement[bool]
) -> Iterator[R]:
    for part in _parts(values):
        yield from session.scalars(select(row).where(column.in_(part), *conditions))


def _open(session: Session, groups: Collection[str | None]) -> Iterator[IncidentRow]:
    """Automatic incidents of these groups that are not over. Those of no group have one another for company."""
    conditions = (IncidentRow.origin == AUTOMATIC, IncidentRow.resolved_at.is_(None))
    yield from _found(session, IncidentRow, IncidentRow.group, (one for one in groups if one is not None), *conditions)
    if None in groups:
        yield from session.scalars(select(IncidentRow).where(IncidentRow.group.is_(None), *conditions))


def _newest(session: Session, incidents: Iterable[int]) -> dict[int, UpdateRow]:
    found: dict[int, UpdateRow] = {}
    for part in _parts(incidents):
        numbers = select(UpdateRow.incident, func.max(UpdateRow.number).label("number"))
        last = numbers.where(UpdateRow.incident.in_(part)).group_by(UpdateRow.incident).subquery()
        is_last = and_(UpdateRow.incident == last.c.incident, UpdateRow.number == last.c.number)
        found.update({row.incident: row for row in session.scalars(select(UpdateRow).join(last, is_last))})
    return found


def _parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    found = sorted(values)
    return (found[start : start + _MOST] for start in range(0, len(found), _MOST))

"""What is known of the incidents that changes touch? Read at once for many changes, and written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.incidents.models import IncidentRow, TroubleRow, UpdateRow
from signalbox.incidents.service import AUTOMATIC

R = TypeVar("R", IncidentRow, TroubleRow)

_MOST = 1_000  # values in one query


@dataclass(slots=True, eq=False)
class Case:
    """An incident with its troubles; what is said of it is written when all is decided."""

    row: IncidentRow
    number: int = 0  # of its newest update
    troubles: list[TroubleRow] = field(default_factory=list)
    monitors: set[str] = field(default_factory=set)  # of all of them
    going_on: set[str] = field(default_factory=set)  # threads of those that have not ended
    said: list[UpdateRow] = field(default_factory=list)

    def join(self, trouble: TroubleRow) -> None:
        """One more trouble."""
        self.troubles.append(trouble)
        self.monitors.add(trouble.monitor)
        if trouble.ended_at is None:
            self.going_on.add(trouble.thread)

    def end(self, trouble: TroubleRow, ended: int) -> None:
        """One of them is over."""
        trouble.ended_at = ended
        self.going_on.discard(trouble.thread)

    @property
    def ended_at(self) -> int:
        """When the last of its troubles ended."""
        return max(one.ended_at or 0 for one in self.troubles)

    def say(self, **values: Any) -> None:
        """Add an update in our name; nobody is told of it, since they hear of the monitors."""
        self.number += 1
        update = UpdateRow(
            number=self.number, by=audit.SYSTEM, notify=False, draft=False, edited_at=None,
            next_update_by=self.row.next_update_by, **values,
        )  # fmt: skip
        self.said.append(update)
        self.row.status = update.status


class Desk:
    """The cases of one transaction."""

    def __init__(self, session: Session, threads: Collection[str], groups: Collection[str] = ()) -> None:
        self._session = session
        troubles = list(_found(session, TroubleRow, TroubleRow.thread, threads))
        rows = {row.id: row for row in _found(session, IncidentRow, IncidentRow.id, {one.incident for one in troubles})}
        for row in _found(
            session, IncidentRow, IncidentRow.group, groups,
            IncidentRow.origin == AUTOMATIC, IncidentRow.resolved_at.is_(None),
        ):  # fmt: skip
            rows[row.id] = row
        numbers = _numbers(session, rows)
        cases = {id_: Case(row, numbers.get(id_, 0)) for id_, row in sorted(rows.items())}
        for one in _found(session, TroubleRow, TroubleRow.incident, rows):
            cases[one.incident].join(one)
        self.cases = list(cases.values())
        self.by_thread = {trouble.thread: (case, trouble) for case in self.cases for trouble in case.troubles}
        self._of_group = defaultdict[str, list[Case]](list)
        for case in self.cases:
            self._list(case)

    def of_group(self, group: str) -> Sequence[Case]:
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
        if case.row.group is not None:
            self._of_group[case.row.group].append(case)


def _found(
    session: Session, row: type[R], column: Any, values: Iterable[Any], *conditions: ColumnElement[bool]
) -> Iterator[R]:
    for part in _parts(values):
        yield from session.scalars(select(row).where(column.in_(part), *conditions))


def _numbers(session: Session, incidents: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in _parts(incidents):
        query = select(UpdateRow.incident, func.max(UpdateRow.number)).where(UpdateRow.incident.in_(part))
        found.update({row[0]: row[1] for row in session.execute(query.group_by(UpdateRow.incident))})
    return found


def _parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    found = sorted(values)
    return (found[start : start + _MOST] for start in range(0, len(found), _MOST))

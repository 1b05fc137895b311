"""What does an update say, and what follows from it? Told to operators, and how the incident stands from then on.

Below the verbs of `writing.py`, which hold the incident. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signalbox.errors import Conflict, NotFound, Refused
from signalbox.incidents import refusals, service
from signalbox.incidents.models import IncidentRow, UpdateRow
from signalbox.incidents.specs import Affected, Status, UpdateEditSpec, UpdateSpec
from signalbox.incidents.telling import Named, notice_of
from signalbox.incidents.wording import Words, worded
from signalbox.monitors.models import MonitorRow
from signalbox.notifications import outbox


def own(row: IncidentRow) -> None:
    """A person has written in it: from now on it is people's, and what they say is told."""
    if not row.owned:
        row.owned = row.notify = True


def say(
    session: Session, row: IncidentRow, spec: UpdateSpec, body: str, states: dict[str, str], *, by: str, now: int
) -> UpdateRow:
    """Write one more, and unless it is a draft, tell it."""
    happened = spec.happened_at if spec.happened_at is not None else now
    refusals.moment(row, happened, now)
    refusals.promise(spec.next_update_by, now)
    newest = session.scalar(select(func.max(UpdateRow.number)).where(UpdateRow.incident == row.id)) or 0
    said = UpdateRow(
        incident=row.id, number=newest + 1, status=(spec.status or Status(row.status)).value, body=body, by=by,
        monitors=states, notify=spec.notify, draft=spec.draft or row.draft, next_update_by=spec.next_update_by,
        happened_at=happened, created_at=now, edited_at=None,
    )  # fmt: skip
    session.add(said)
    if not said.draft:
        own(row)
        _announce(session, row, said, now)
    return said


def redraft(session: Session, row: IncidentRow, said: UpdateRow, spec: UpdateEditSpec, now: int) -> None:
    """Change what can be changed of a draft alone."""
    refusals.promise(spec.next_update_by, now)
    if row.draft and spec.status is Status.RESOLVED and said.number > 1:
        raise Conflict(f'the incident "{row.public}" is a draft: publish it before it is resolved')
    said.status = spec.status.value if spec.status is not None else said.status
    said.monitors = states_of(session, spec.monitors) if spec.monitors is not None else said.monitors
    said.next_update_by = spec.next_update_by if spec.next_update_by is not None else said.next_update_by
    said.notify = spec.notify if spec.notify is not None else said.notify


def publish_draft(session: Session, row: IncidentRow, said: UpdateRow, now: int) -> None:
    """Let everybody see a draft. `Conflict` where the incident is none that goes on in public."""
    if not said.draft:
        raise Conflict(f"update {said.number} is published already")
    if row.draft:
        raise Conflict(f'the incident "{row.public}" is a draft: publish it first')
    if row.resolved_at is not None:
        raise Conflict(f'the incident "{row.public}" is resolved: write a postmortem, or edit what was said')
    own(row)
    publish(session, row, said, now)


def publish(session: Session, row: IncidentRow, said: UpdateRow, now: int) -> None:
    """Let everybody see it, as of now."""
    refusals.promise(said.next_update_by, now)
    if said.happened_at == said.created_at:  # it was not backdated: it happens now
        said.happened_at = now
    said.draft, said.created_at = False, now
    _announce(session, row, said, now)


def _announce(session: Session, row: IncidentRow, said: UpdateRow, now: int) -> None:
    stand(session, row)
    if said.notify and row.notify:
        outbox.announce(session, [notice_of(row, said, _affected(session, row))], now)


def _affected(session: Session, row: IncidentRow) -> list[Named]:
    keys = service.find(session, row.public).monitors.keys()
    query = select(MonitorRow).where(MonitorRow.key.in_(keys)).order_by(MonitorRow.position)
    return [Named(one.key, one.name, one.group, tuple(one.tags)) for one in session.scalars(query)]


def stand(session: Session, row: IncidentRow) -> None:
    """Let the incident stand as its published updates say: the newest, or the one that ended it."""
    session.flush()
    published = select(UpdateRow).where(UpdateRow.incident == row.id, UpdateRow.draft.is_(False))
    said = session.scalars(published.order_by(*service.NEWEST).limit(1)).one()
    row.status, row.next_update_by, row.resolved_at = said.status, said.next_update_by, None
    if said.status == Status.RESOLVED:
        row.resolved_at, row.next_update_by = said.happened_at, None
    session.flush()


def words_of(session: Session, row: IncidentRow, spec: UpdateSpec, states: Mapping[str, str], now: int) -> Words:
    """What is written, or else what the template says: of the monitors that are named, or of all that it affects."""
    if spec.template is None:
        return Words("", spec.body)
    over = (spec.happened_at or now) if spec.status is Status.RESOLVED else None
    keys = states or (service.find(session, row.public).monitors if row.id else {})
    words = worded(session, spec.template, keys, now, since=row.started_at, until=over)
    return words._replace(body=spec.body or words.body)


def states_of(session: Session, monitors: Mapping[str, Affected]) -> dict[str, str]:
    """By the keys of monitors, which were named by their ids. `Refused` for those that there are not."""
    query = select(MonitorRow.id, MonitorRow.key).where(MonitorRow.archived_at.is_(None))
    keys = {row.id: row.key for row in session.execute(query)} if monitors else {}
    unknown = sorted(monitors.keys() - keys.keys())
    if unknown:
        raise Refused(f"there is no monitor {', '.join(unknown)}: `signalbox monitor list` shows them")
    return {keys[id_]: state.value for id_, state in monitors.items()}


def row_of(session: Session, row: IncidentRow, number: int) -> UpdateRow:
    """The update of that number, or `NotFound`."""
    query = select(UpdateRow).where(UpdateRow.incident == row.id, UpdateRow.number == number)
    said = session.scalars(query).one_or_none()
    if said is None:
        raise NotFound(f'the incident "{row.public}" has no update {number}')
    return said

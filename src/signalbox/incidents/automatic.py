"""Which incidents open and end by themselves? Those of monitors that say so, in the transaction that judged them.

Monitors of one group that fail within a minute join one incident. As soon as a person has written in an incident, it
is theirs: what happens to its monitors is noted there, and only people resolve it.

Whoever calls this has called `raise_changes` before, which also lets one transaction after the other in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.clock import MICROS
from signalbox.incidents.cases import Case, Desk
from signalbox.incidents.markdown import escape
from signalbox.incidents.models import IncidentRow, TroubleRow
from signalbox.incidents.service import AUTOMATIC
from signalbox.incidents.specs import Affected, Impact, IncidentTemplateSpec, Status, When
from signalbox.incidents.wording import Facts, automatic, filled, lasted, moment
from signalbox.incidents.writing import new_public_id
from signalbox.monitors.judge import Change
from signalbox.monitors.service import Monitor
from signalbox.signals import Verdict

TOGETHER = 60 * MICROS
"""Monitors of a group that fail within this time share an incident."""

_Templates = Mapping[When, IncidentTemplateSpec]


class Step(NamedTuple):
    """A change, and whether it may open an incident. It always ends what it opened before."""

    monitor: Monitor
    change: Change
    opens: bool


def follow(session: Session, steps: Sequence[Step], now: int) -> None:
    """Open and end what these changes open and end, in their order. A second time changes nothing."""
    wanted = [step for step in steps if _ends(step.change) or (step.opens and _begins(step.change))]
    if not wanted:
        return
    threads = {_thread(step.monitor.key, step.change) for step in wanted}
    desk = Desk(session, threads, {step.monitor.group for step in wanted if step.monitor.group})
    templates = automatic(session)
    for step in wanted:
        if _ends(step.change):
            _end(session, desk, step, templates, now)
        else:
            _begin(session, desk, step, templates, now)
    desk.write()


def leave(session: Session, keys: Collection[str], now: int) -> None:
    """These monitors are paused or gone: nobody would see their trouble end, so it ends here."""
    query = select(TroubleRow.thread, TroubleRow.monitor).where(TroubleRow.ended_at.is_(None))
    threads = [row.thread for row in session.execute(query) if row.monitor in keys]
    if not threads:
        return
    desk = Desk(session, threads)
    for thread in threads:
        case, trouble = desk.by_thread[thread]
        _over(session, case, trouble, f"{escape(trouble.name)} is no longer watched.", now, now)
    desk.write()


def _thread(key: str, change: Change) -> str:
    return f"{key}@{change.before.trouble if _ends(change) else change.after.trouble}"


def _ends(change: Change) -> bool:
    return change.before.trouble is not None and change.after.trouble is None


def _begins(change: Change) -> bool:
    return change.after.trouble is not None and change.after.known is Verdict.DOWN


def _begin(session: Session, desk: Desk, step: Step, templates: _Templates, now: int) -> None:
    monitor, change = step.monitor, step.change
    thread = _thread(monitor.key, change)
    if thread in desk.by_thread:
        return
    after = change.after
    began = after.since if after.verdict is Verdict.DOWN else after.trouble or change.confirmed
    facts = Facts(monitor.name, monitor.group or "", after.message, moment(began, now))
    template = templates[When.OPENED]
    case = _shared(desk, monitor, began)
    if case is None:
        case = desk.open(_opened(monitor, filled(template, facts).title, began, change.confirmed, now))
        audit.record(session, audit.SYSTEM, "create", "incident", case.row.public, after={"title": case.row.title})
    desk.join(case, TroubleRow(
        thread=thread, monitor=monitor.key, name=monitor.name, reason=after.reason.value, since=began, ended_at=None
    ))  # fmt: skip
    if not case.row.owned:
        _grow(case, template, facts, began)
    is_news = not case.row.owned or case.row.status == Status.MONITORING
    case.say(
        status=Status.INVESTIGATING.value if is_news else case.row.status, body=filled(template, facts).body,
        monitors={monitor.key: Affected.MAJOR.value}, happened_at=began, created_at=now,
    )  # fmt: skip


def _shared(desk: Desk, monitor: Monitor, began: int) -> Case | None:
    """The automatic incident of the monitor's group that began about then and is not over."""
    if monitor.group is None:
        return None
    for case in reversed(desk.of_group(monitor.group)):
        if case.row.resolved_at is None and abs(case.row.started_at - began) <= TOGETHER:
            return case
    return None


def _grow(case: Case, template: IncidentTemplateSpec, facts: Facts, began: int) -> None:
    """It begins with the first of its troubles, and its title tells of all of them."""
    case.row.started_at = min(case.row.started_at, began)
    count = len(case.monitors)
    if count > 1:
        case.row.title = filled(template, facts._replace(monitor=f"{facts.group} ({count} services)", reason="")).title


def _opened(monitor: Monitor, title: str, began: int, confirmed: int, now: int) -> IncidentRow:
    return IncidentRow(
        public=new_public_id(), title=title, impact=Impact.MAJOR.value, status=Status.INVESTIGATING.value,
        origin=AUTOMATIC, owned=False, group=monitor.group, pages=[], draft=False, notify=False, started_at=began,
        detected_at=confirmed, resolved_at=None, next_update_by=None, postmortem=None, postmortem_at=None,
        created_at=now, edited_at=None,
    )  # fmt: skip


def _end(session: Session, desk: Desk, step: Step, templates: _Templates, now: int) -> None:
    case, trouble = desk.by_thread.get(_thread(step.monitor.key, step.change), (None, None))
    if case is None or trouble is None or trouble.ended_at is not None:
        return
    after = step.change.after
    ended = max(after.since, trouble.since)
    facts = Facts(
        step.monitor.name, step.monitor.group or "", after.message, moment(trouble.since, now),
        lasted(trouble.since, ended),
    )  # fmt: skip
    _over(session, case, trouble, filled(templates[When.RESOLVED], facts).body, ended, now)


def _over(session: Session, case: Case, trouble: TroubleRow, body: str, ended: int, now: int) -> None:  # noqa: PLR0917
    case.end(trouble, ended)
    row = case.row
    if row.resolved_at is not None:
        return
    status, happened = row.status, ended
    if not case.going_on:
        status, happened = (Status.MONITORING if row.owned else Status.RESOLVED).value, case.ended_at
    case.say(
        status=status, body=body, monitors={trouble.monitor: Affected.OPERATIONAL.value}, happened_at=happened,
        created_at=now,
    )  # fmt: skip
    if status == Status.RESOLVED:
        row.resolved_at = happened
        audit.record(session, audit.SYSTEM, "resolve", "incident", row.public)

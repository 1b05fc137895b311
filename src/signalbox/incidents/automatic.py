"""Which incidents open and end by themselves? Those of monitors that say so, in the transaction that judged them.

Monitors of one group that fail within a minute join one incident, and what is said of them within a minute is said in
one update. As soon as a person has written in an incident, it is theirs: what happens to its monitors is noted there,
and only people resolve it.

Whoever calls this has called `raise_changes` before, which also lets one transaction after the other in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.incidents.cases import TOGETHER, Case, Desk
from signalbox.incidents.models import IncidentRow, TroubleRow
from signalbox.incidents.service import AUTOMATIC
from signalbox.incidents.specs import Affected, Impact, IncidentTemplateSpec, Status, When
from signalbox.incidents.wording import Facts, automatic, filled, heading, lasted, moment, named
from signalbox.incidents.writing import new_public_id
from signalbox.monitors.judge import Change
from signalbox.monitors.service import Monitor
from signalbox.signals import Verdict

_Templates = Mapping[When, IncidentTemplateSpec]
_LEFT = IncidentTemplateSpec(id="left", title="{monitor}", body="{monitor}: no longer watched.", when=When.RESOLVED)


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
    desk = Desk(
        session,
        {_thread(step.monitor.key, step.change) for step in wanted},
        {step.monitor.group for step in wanted if not _ends(step.change)},
    )
    for step in wanted:
        if _ends(step.change):
            _end(desk, step)
        else:
            _begin(desk, step, now)
    templates = automatic(session)
    for case in desk.cases:
        _tell_begun(session, case, templates, now)
        _tell_over(session, case, templates[When.RESOLVED], now)
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
        case.end(trouble, now)
    for case in desk.cases:
        _tell_over(session, case, _LEFT, now)
    desk.write()


def _thread(key: str, change: Change) -> str:
    return f"{key}@{change.before.trouble if _ends(change) else change.after.trouble}"


def _ends(change: Change) -> bool:
    return change.before.trouble is not None and change.after.trouble is None


def _begins(change: Change) -> bool:
    return change.after.trouble is not None and change.after.known is Verdict.DOWN


def _begin(desk: Desk, step: Step, now: int) -> None:
    monitor, change = step.monitor, step.change
    thread = _thread(monitor.key, change)
    if thread in desk.by_thread:
        return
    after = change.after
    began = after.since if after.verdict is Verdict.DOWN else after.trouble or change.confirmed
    case = _shared(desk, monitor.group, began) or desk.open(_opened(monitor.group, began, change.confirmed, now))
    trouble = TroubleRow(
        thread=thread, monitor=monitor.key, name=monitor.name, reason=after.message or after.reason.value, since=began,
        ended_at=None,
    )  # fmt: skip
    desk.join(case, trouble)
    case.begun.append(trouble)
    if not case.row.owned:
        case.row.started_at = min(case.row.started_at, began)
        case.row.detected_at = min(case.row.detected_at or change.confirmed, change.confirmed)


def _shared(desk: Desk, group: str | None, began: int) -> Case | None:
    """The automatic incident of the group that began about then and is not over."""
    for case in reversed(desk.of_group(group)):
        if abs(case.row.started_at - began) <= TOGETHER:
            return case
    return None


def _opened(group: str | None, began: int, confirmed: int, now: int) -> IncidentRow:
    return IncidentRow(
        public=new_public_id(), title="", impact=Impact.MAJOR.value, status=Status.INVESTIGATING.value,
        origin=AUTOMATIC, owned=False, group=group, pages=[], draft=False, notify=False, started_at=began,
        detected_at=confirmed, resolved_at=None, next_update_by=None, postmortem=None, postmortem_at=None,
        created_at=now, edited_at=None,
    )  # fmt: skip


def _end(desk: Desk, step: Step) -> None:
    case, trouble = desk.by_thread.get(_thread(step.monitor.key, step.change), (None, None))
    if case is not None and trouble is not None and trouble.ended_at is None:
        case.end(trouble, step.change.after.since)


def _tell_begun(session: Session, case: Case, templates: _Templates, now: int) -> None:
    row, template = case.row, templates[When.OPENED]
    if not case.begun:
        return

    def body(troubles: Sequence[TroubleRow]) -> str:
        return filled(template, _facts(troubles, row.group, now)).body

    if not row.owned:
        row.title = heading(
            template, _facts(case.troubles, row.group, now), len({one.monitor for one in case.troubles})
        )
    if case.newest is None:
        audit.record(session, audit.SYSTEM, "create", "incident", row.public, after={"title": row.title})
    status = Status(row.status) if row.owned and row.status != Status.MONITORING else Status.INVESTIGATING
    case.say(status, Affected.MAJOR, case.begun, body, min(one.since for one in case.begun), now)


def _tell_over(session: Session, case: Case, template: IncidentTemplateSpec, now: int) -> None:
    row, still = case.row, set(case.going_on.values())
    over = [one for one in case.over if one.monitor not in still]
    if not over or row.resolved_at is not None:
        return

    def body(troubles: Sequence[TroubleRow]) -> str:
        told = troubles if still or template is _LEFT else case.troubles
        return filled(template, _facts(told, row.group, now)).body

    if still:
        case.say(Status(row.status), Affected.OPERATIONAL, over, body, max(one.ended_at or now for one in over), now)
        return
    status = Status.MONITORING if row.owned else Status.RESOLVED
    case.say(status, Affected.OPERATIONAL, over, body, case.ended_at, now)
    if status is Status.RESOLVED:
        row.resolved_at, row.next_update_by = case.ended_at, None
        audit.record(session, audit.SYSTEM, "resolve", "incident", row.public)


def _facts(troubles: Sequence[TroubleRow], group: str | None, now: int) -> Facts:
    since, ends = min(one.since for one in troubles), [one.ended_at for one in troubles if one.ended_at is not None]
    reasons = {one.reason for one in troubles}
    return Facts(
        named(list(dict.fromkeys(one.name for one in troubles))), group or "",
        reasons.pop() if len(reasons) == 1 else "", moment(since, now), lasted(since, max(ends)) if ends else "",
    )  # fmt: skip

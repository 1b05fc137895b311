"""Who said what of the demo's past? Incidents, work and annotations, written by the verbs that people's go through.

Verbs take a session. Each thing is written as of the moment that it happened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.clock import to_datetime
from signalbox.demo import story
from signalbox.demo.judging import Course
from signalbox.demo.story import Case, Planned, Said
from signalbox.demo.world import DAY, MINUTE, Beginning, began, begin_of
from signalbox.errors import NotFound
from signalbox.incidents import automatic, writing
from signalbox.incidents import service as incidents
from signalbox.incidents.models import IncidentRow
from signalbox.incidents.service import AUTOMATIC
from signalbox.incidents.specs import IncidentSpec, PostmortemSpec, Status, UpdateSpec
from signalbox.maintenance import service as maintenance
from signalbox.monitors.service import Monitor
from signalbox.uptime.annotations import annotate
from signalbox.uptime.service import watched

BY = "demo"


def public_id(name: str, beginning: Beginning) -> str:
    """An incident's name in URLs: the same for the same demo."""
    return blake2b(f"{beginning.seed}/{name}".encode(), digest_size=5).hexdigest()


def tell(session: Session, beginning: Beginning, there: Collection[str]) -> None:
    """All that people wrote, of monitors that there are (by id)."""
    for work in story.WORKS:
        announce(session, work, beginning, there)
    for case in story.CASES:
        start = beginning.at(-case.days, case.clock)
        if start >= beginning.start:
            _write(session, case, start, beginning, there)
    _write(session, story.OPEN, began(beginning), beginning, there)
    for note in story.NOTES:
        start = beginning.at(-note.days, note.clock)
        end = start + round(note.lasts * MINUTE)
        if note.monitor in there and start >= beginning.start:
            annotate(
                session, note.monitor, note.what, start, end, by=BY, now=end + DAY // 8, note=note.text
            )  # fmt: skip


def announce(session: Session, work: Planned, beginning: Beginning, there: Collection[str]) -> None:
    """Announce work three days before it."""
    touched = [id_ for id_ in work.monitors if id_ in there]
    start = begin_of(work, beginning)
    if not touched or (start < beginning.start and work.rrule is None):
        return
    local: datetime = to_datetime(start).astimezone(ZoneInfo(beginning.zone))
    again: Mapping[str, Any] = {"rrule": work.rrule} if work.rrule else {}
    spec = maintenance.valid({
        "title": work.title, "text": work.text, "start": local.strftime("%Y-%m-%d %H:%M"), "timezone": beginning.zone,
        "for": work.lasts * 60, "monitors": touched, "expected": work.expected, **again,
    })  # fmt: skip
    maintenance.schedule(session, spec, by=BY, now=min(beginning.now, start - 3 * DAY))


def _write(session: Session, case: Case, start: int, beginning: Beginning, there: Collection[str]) -> None:
    """What was said of an incident by now."""
    if not any(part.monitor in there for part in case.parts):
        return
    public = public_id(case.name, beginning)
    for number, said in enumerate(case.said):
        moment = start + round(said.after * MINUTE)
        if moment <= beginning.now:
            say(session, case, public, number, start, there)
    learnt = start + round((case.said[-1].after + case.learnt * 60) * MINUTE)
    if case.postmortem and learnt <= beginning.now:
        writing.write_postmortem(session, public, PostmortemSpec(body=case.postmortem), by=BY, now=learnt)


def say(  # noqa: PLR0917 - one thing each
    session: Session, case: Case, public: str, number: int, start: int, there: Collection[str]
) -> None:
    """Say one thing of an incident; the first opens it."""
    said = case.said[number]
    moment = start + round(said.after * MINUTE)
    if number == 0:
        spec = IncidentSpec(title=case.title, impact=case.impact, started_at=start, **_values(said, moment, there))
        writing.open_(session, spec, by=BY, now=moment, public=public)
    else:
        verb = writing.resolve if said.status is Status.RESOLVED else writing.update
        verb(session, public, UpdateSpec(**_values(said, moment, there)), by=BY, now=moment)


def _values(said: Said, moment: int, there: Collection[str]) -> dict[str, Any]:
    promised = None if said.promised is None else moment + round(said.promised * MINUTE)
    return {
        "status": said.status, "body": said.body, "next_update_by": promised, "notify": False, "happened_at": moment,
        "monitors": {id_: state for id_, state in said.monitors.items() if id_ in there},
    }  # fmt: skip


def next_said(session: Session, beginning: Beginning, now: int) -> int | None:
    """Which update of the open incident is to be written by now; None where it is not time, or somebody else has
    written in it."""
    case = story.OPEN
    try:
        incident = incidents.find(session, public_id(case.name, beginning))
    except NotFound:
        return None
    number = len(incident.updates)
    as_told = [one.body for one in reversed(incident.updates)] == [one.body for one in case.said[:number]]
    if not as_told or number >= len(case.said):
        return None
    return number if began(beginning) + round(case.said[number].after * MINUTE) <= now else None


def go_on(session: Session, beginning: Beginning, now: int) -> None:
    """Write what is to be said of the open incident by now."""
    there = {one.id for one in watched(session)}
    while (number := next_said(session, beginning, now)) is not None:
        say(session, story.OPEN, public_id(story.OPEN.name, beginning), number, began(beginning), there)


def open_by_itself(session: Session, monitors: Sequence[Monitor], courses: Mapping[str, Course], by: Beginning) -> None:
    """The incidents of monitors that open one when they go down."""
    steps = [
        automatic.Step(monitor, change, True)
        for monitor in monitors
        if monitor.incident
        for change in courses[monitor.key].changes
    ]
    for step in sorted(steps, key=lambda step: step.change.confirmed):
        automatic.follow(session, [step], step.change.confirmed)
    session.flush()
    found = session.scalars(select(IncidentRow).where(IncidentRow.origin == AUTOMATIC).order_by(IncidentRow.id))
    for number, row in enumerate(found):
        row.public = public_id(f"automatic/{number}", by)

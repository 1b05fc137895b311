"""Which words are kept for incidents, and what do they say of these monitors?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.clock import MICROS, iso
from signalbox.db.configured import Known, Origin, known
from signalbox.durations import words as in_words
from signalbox.errors import NotFound
from signalbox.incidents.markdown import one_line
from signalbox.incidents.models import TemplateRow
from signalbox.incidents.specs import IncidentTemplateSpec, When
from signalbox.incidents.templates import fill
from signalbox.monitors import standings
from signalbox.monitors.models import MonitorRow
from signalbox.signals import Verdict

log = structlog.get_logger(__name__)

_OURS = {
    When.OPENED: IncidentTemplateSpec(
        id="opened", title="{monitor} is down", body="{monitor}: failing since {since}. We are looking into it."
    ),
    When.RESOLVED: IncidentTemplateSpec(
        id="resolved", title="{monitor} is down", body="{monitor}: working again, after {duration}.", when=When.RESOLVED
    ),
}
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Template:
    """Words that are kept."""

    key: str
    origin: Origin
    position: int
    spec: IncidentTemplateSpec


class Words(NamedTuple):
    """A template, filled in."""

    title: str
    body: str


class Facts(NamedTuple):
    """What placeholders stand for."""

    monitor: str
    group: str = ""
    reason: str = ""
    since: str = ""
    duration: str = ""


def listing(session: Session) -> list[Template]:
    """All templates, in their order. One that cannot be read is logged and left out."""
    return [one for found in known(session, TemplateRow) if found.archived_at is None and (one := _template(found))]


def automatic(session: Session) -> dict[When, IncidentTemplateSpec]:
    """What is said where a change opens or ends an incident: the first automatic template for it, else ours."""
    found = dict(_OURS)
    wanted = select(TemplateRow.key).where(TemplateRow.archived_at.is_(None), TemplateRow.automatic).limit(1)
    if session.scalars(wanted).first() is not None:
        for one in reversed(listing(session)):
            if one.spec.automatic:
                found[one.spec.when] = one.spec
    return found


def filled(spec: IncidentTemplateSpec, facts: Facts) -> Words:
    """The words of a template. A title of which nothing is left says what is down."""
    values = facts._asdict()
    try:
        title = one_line(fill(spec.title, values, as_markdown=False)[:_LONGEST_TITLE])
    except ValueError:
        title = f"{facts.monitor} is down"[:_LONGEST_TITLE]
    return Words(title, fill(spec.body, values))


def heading(spec: IncidentTemplateSpec, facts: Facts, count: int) -> str:
    """What an incident of so many monitors is called. Words of our own know of several."""
    if spec is not _OURS[When.OPENED] or count == 1:
        return filled(spec, facts).title
    return one_line(f"{f'{facts.group}: ' if facts.group else ''}{count} services are down")[:_LONGEST_TITLE]


def named(names: list[str]) -> str:
    """`Api`, `Api and Web`, `Api, Web and Db`, `4 services`."""
    if len(names) > 3:
        return f"{len(names)} services"
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:]) or "A service"


def worded(
    session: Session, template: str, keys: Collection[str], now: int, *, since: int, until: int | None = None
) -> Words:
    """What the template of that id says of these monitors. `NotFound`, with those that there are, for any other.

    `since` is when it began; `until` when it was over, if it is.
    """
    there = listing(session)
    spec = next((one.spec for one in there if one.spec.id == template), None)
    if spec is None:
        ids = ", ".join(one.spec.id for one in there) or "none yet: write some under `templates` in the manifest"
        raise NotFound(f'there is no template "{template}"; there are {ids}')
    return filled(spec, _facts(session, keys, since, until, now))


def moment(at: int, now: int) -> str:
    """`14:02 UTC`; with its day where that is not today's."""
    text = iso(at)
    return f"{'' if text[:10] == iso(now)[:10] else text[:10] + ' '}{text[11:16]} UTC"


def lasted(start: int, end: int) -> str:
    """`5m`, `1h30m`."""
    return in_words(max(1, (end - start) // MICROS))


def _facts(session: Session, keys: Collection[str], since: int, until: int | None, now: int) -> Facts:
    query = select(MonitorRow.key, MonitorRow.name, MonitorRow.group).where(MonitorRow.key.in_(keys))
    rows = session.execute(query.order_by(MonitorRow.position)).all()
    groups = {row.group for row in rows}
    return Facts(
        monitor=named([row.name for row in rows]), group=(groups.pop() or "") if len(groups) == 1 else "",
        reason=_reason(session, keys), since=moment(since, now), duration="" if until is None else lasted(since, until),
    )  # fmt: skip


def _reason(session: Session, keys: Collection[str]) -> str:
    """Why they are down, where all say the same."""
    found = standings.load(session, keys).values()
    said = {standing.message for standing in found if standing.known is Verdict.DOWN}
    return said.pop() if len(said) == 1 else ""


def _template(found: Known) -> Template | None:
    try:
        spec = IncidentTemplateSpec.model_validate(found.spec)
    except ValidationError as error:
        log.error("template.unreadable", template=found.id, errors=error.error_count())
        return None
    return Template(found.key, Origin(found.origin), found.position, spec)

"""What is announced, and who changes that? Verbs that take a session, each with its line in the audit log.

What the manifest owns can be ended, made longer and looked at here, and nothing else. Times are UTC microseconds since
1970, durations seconds.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.clock import MICROS, iso, to_datetime
from signalbox.db import configured
from signalbox.db.configured import Origin, as_document
from signalbox.db.installation import hold_revision, raise_changes, raise_revision
from signalbox.db.vault import Vault
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.maintenance.calendar import Calendar, Occasion, Work
from signalbox.maintenance.models import MaintenanceRow, OverrideRow, VersionRow
from signalbox.maintenance.specs import LONGEST, Expected, MaintenanceSpec, What
from signalbox.monitors.models import MonitorRow
from signalbox.slugs import LONGEST as LONGEST_SLUG
from signalbox.slugs import slug

log = structlog.get_logger(__name__)

TITLE = "Maintenance"
"""Of work that nobody gave a title."""
_SORT = "maintenance"


def load(session: Session) -> Calendar:
    """All that is announced and was. To be read again when the installation's revision has changed."""
    vault, works = Vault.of(session), []
    overrides: dict[str, dict[int, int]] = defaultdict(dict)
    for one in session.scalars(select(OverrideRow)):
        overrides[one.maintenance][one.start] = one.end
    versions: dict[str, list[VersionRow]] = defaultdict(list)
    for version in session.scalars(select(VersionRow).order_by(VersionRow.until, VersionRow.id)):
        versions[version.maintenance].append(version)
    for row in session.scalars(select(MaintenanceRow).order_by(MaintenanceRow.position, MaintenanceRow.key)):
        told = [(version.spec, version.until) for version in versions[row.key]]
        since = None
        for sealed, until in [*told, (row.spec, row.archived_at)]:
            work = _work(row, vault.open(sealed), since, until, overrides[row.key])
            works.extend([work] if work else [])
            since = until
    return Calendar(works)


def _work(
    row: MaintenanceRow, document: str, since: int | None, until: int | None, overrides: Mapping[int, int]
) -> Work | None:
    try:
        spec = MaintenanceSpec.model_validate_json(document)
    except ValidationError as error:
        places = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False)]
        log.error("maintenance.unreadable", key=row.key, wrong=places)
        return None
    times: dict[str, int] = {} if since is None else {"since": since}
    return Work(
        row.key, spec.id, spec, Origin(row.origin), row.position, until=until, overrides=dict(overrides), **times
    )


def listing(session: Session, now: int, *, over: bool = False) -> list[Work]:
    """What is announced, in the order it was; with `over` also what has no window left."""
    return [work for work in load(session).active if over or not work.stand(now).is_over]


def find(session: Session, id_: str) -> Work:
    """What is announced under that id. `NotFound` when there is none."""
    work = load(session).work(id_)
    if work is None:
        raise NotFound(f'there is no maintenance "{id_}"')
    return work


def start_now(
    session: Session,
    *,
    title: str | None,
    for_: float,
    what: What,
    by: str,
    now: int,
    expected: Expected = Expected.NONE,
    pages: Iterable[str] | None = None,
) -> Work:
    """Begin work at once, for some seconds. `pages`: slugs that there are, to refuse others; None: not looked at."""
    hold_revision(session)
    written = {
        **what.model_dump(include={*What.model_fields}),
        "id": _free_id(session, title or TITLE), "title": title or TITLE,
        "start": to_datetime(now - now % MICROS).isoformat(), "for": for_, "timezone": "UTC",
        "expected": expected,
    }  # fmt: skip
    return _added(session, valid(written), "start", by=by, now=now, pages=pages)


def schedule(session: Session, spec: MaintenanceSpec, *, by: str, now: int, pages: Iterable[str] | None = None) -> Work:
    """Announce work. `Conflict` when the id is taken, `Refused` when it touches something that there is not."""
    hold_revision(session)
    return _added(session, spec, "create", by=by, now=now, pages=pages)


def change(
    session: Session, id_: str, spec: MaintenanceSpec, *, by: str, now: int, pages: Iterable[str] | None = None
) -> Work:
    """Announce it otherwise, from now on. `Conflict` when the manifest owns it."""
    hold_revision(session)
    before = find(session, id_)
    _refuse_unknown(session, spec, pages)
    if spec != before.spec or before.origin is not Origin.API:
        keep_versions(session, [before.key], now)
        configured.alter(session, MaintenanceRow, before.key, id_=spec.id, spec=spec, columns=columns(spec))
        audit.record(session, by, "change", _SORT, id_, before=as_document(before.spec), after=as_document(spec))
        raise_changes(session)
    return find(session, spec.id)


def cancel(session: Session, id_: str, *, by: str, now: int) -> None:
    """Take it back: a window under way ends, those of the past stay. `Conflict` when the manifest owns it."""
    hold_revision(session)
    before = find(session, id_)
    configured.retire(session, MaintenanceRow, before.key, now)
    audit.record(session, by, "archive", _SORT, id_, before=as_document(before.spec))
    raise_changes(session)


def end(session: Session, id_: str, *, by: str, now: int) -> Occasion:
    """End the window that is under way. `Conflict` when there is none."""
    hold_revision(session)
    return _moved_end(session, _under_way(session, id_, now), now, "end", by)


def extend(session: Session, id_: str, longer: float, *, by: str, now: int) -> Occasion:
    """Let the window that is under way last some seconds longer. `Conflict` when there is none."""
    hold_revision(session)
    before = _under_way(session, id_, now)
    until = before.end + round(longer * MICROS)
    if until - before.start > LONGEST * MICROS:
        raise Refused("a window lasts at most 366 days: end this one, and begin another")
    return _moved_end(session, before, until, "extend", by)


def keep_versions(session: Session, keys: Iterable[str], now: int) -> None:
    """Write down what is announced under these keys, before it is changed: the past stays as it was announced.

    Whoever changes rows of maintenance calls this first, the manifest's too.
    """
    query = select(MaintenanceRow.key, MaintenanceRow.spec, MaintenanceRow.archived_at)
    rows = session.execute(query.where(MaintenanceRow.key.in_([*keys]))).all()
    kept = [
        {"maintenance": row.key, "spec": row.spec, "until": now if row.archived_at is None else row.archived_at}
        for row in rows
    ]
    if kept:
        session.execute(insert(VersionRow), kept)


def columns(spec: MaintenanceSpec) -> Mapping[str, Any]:
    """What a row says in the clear, for queries."""
    return {"id": spec.id, "title": spec.title}


def _added(
    session: Session, spec: MaintenanceSpec, action: str, *, by: str, now: int, pages: Iterable[str] | None
) -> Work:
    _refuse_unknown(session, spec, pages)
    configured.add(session, MaintenanceRow, spec.id, spec, columns=columns(spec), now=now)
    audit.record(session, by, action, _SORT, spec.id, after=as_document(spec))
    raise_changes(session)
    return find(session, spec.id)


def _moved_end(session: Session, before: Occasion, until: int, action: str, by: str) -> Occasion:
    """Give one window another end."""
    key, start = before.work.key, before.start
    session.execute(delete(OverrideRow).where(OverrideRow.maintenance == key, OverrideRow.start == start))
    session.execute(insert(OverrideRow).values(maintenance=key, start=start, end=until))
    told = {"start": iso(start), "end": iso(before.end)}
    audit.record(session, by, action, _SORT, before.work.id, before=told, after={**told, "end": iso(until)})
    raise_revision(session)
    raise_changes(session)
    return before._replace(end=until)


def _under_way(session: Session, id_: str, now: int) -> Occasion:
    stand = find(session, id_).stand(now)
    if stand.present is None:
        when = f"it begins at {iso(stand.following.start)[:19]}Z" if stand.following else "it is over"
        raise Conflict(f'"{id_}" is not under way: {when}')
    return stand.present


def valid(written: Mapping[str, Any]) -> MaintenanceSpec:
    """What somebody wrote, read. `Refused` with the first thing that is wrong."""
    try:
        return MaintenanceSpec.model_validate(written)
    except ValidationError as error:
        raise Refused(" ".join(complaint(error))) from None


def complaint(error: ValidationError) -> tuple[str, str]:
    """The first thing that is wrong with a spec: at which key, and what."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}:" if where else "maintenance", first["msg"].removeprefix("Value error, ")


def _free_id(session: Session, title: str) -> str:
    """The slug of a title, with a number where it is taken."""
    name = slug(title) or slug(TITLE)
    taken = set(session.scalars(select(MaintenanceRow.id).where(MaintenanceRow.archived_at.is_(None))))
    id_, number = name, 1
    while id_ in taken:
        number += 1
        id_ = f"{name[: LONGEST_SLUG - 7].rstrip('-')}-{number}"
    return id_


def _refuse_unknown(session: Session, what: What, pages: Iterable[str] | None) -> None:
    """Work on something that there is not would touch nothing, and nobody would notice."""
    query = select(MonitorRow.id, MonitorRow.group, MonitorRow.tags).where(MonitorRow.archived_at.is_(None))
    rows = session.execute(query).all()
    there: list[tuple[str, Iterable[str], Collection[str]]] = [
        ("monitor", what.monitors, {row.id for row in rows}),
        ("group", what.groups, {row.group for row in rows if row.group}),
        ("tag", what.tags, {tag for row in rows for tag in row.tags}),
    ]
    if pages is not None:
        there.append(("page", what.pages, {*pages}))
    for sort, named, known in there:
        for name in named:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                raise Refused(f'there is no {sort} "{name}"' + (f'; did you mean "{close[0]}"?' if close else ""))

"""How is a monitor made, changed, archived or paused by somebody, and not by the manifest? Verbs that take a session.

What the manifest owns can be paused here, and nothing else. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.checks import AnyCheck
from signalbox.checks.base import BaseCheck, ToldCheck
from signalbox.clock import iso
from signalbox.db import configured
from signalbox.db.configured import Origin, as_document
from signalbox.db.installation import hold_revision, raise_revision
from signalbox.db.rows import insert_new
from signalbox.db.vault import Vault
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.monitors.models import MonitorRow, WantedRow
from signalbox.monitors.service import active, columns
from signalbox.monitors.specs import MonitorSpec

_SORT = "monitor"
_CHECK: TypeAdapter[BaseCheck] = TypeAdapter(AnyCheck)


@dataclass(frozen=True, slots=True)
class Kept:
    """A monitor as it is kept."""

    key: str
    id: str
    origin: Origin
    position: int
    created_at: int
    paused_at: int | None
    paused_until: int | None
    revision: int  # of the installation when it last changed
    target: str  # what is asked, as people may see it
    spec: dict[str, Any]  # secrets in the clear

    @property
    def shown(self) -> dict[str, Any]:
        """The spec as people may see it."""
        return audit.masked(self.spec)

    @property
    def is_paused(self) -> bool:
        """By somebody, or by its spec."""
        return self.paused_at is not None or bool(self.spec.get("paused"))


def kept(session: Session, after: tuple[int, str] | None = None, limit: int | None = None) -> list[Kept]:
    """Monitors that are not archived, in the order of the page, from behind that position and key on."""
    query = select(MonitorRow).where(MonitorRow.archived_at.is_(None)).order_by(MonitorRow.position, MonitorRow.key)
    if after is not None:
        position, key = after
        behind = and_(MonitorRow.position == position, MonitorRow.key > key)
        query = query.where(or_(MonitorRow.position > position, behind))
    vault = Vault.of(session)
    return [_kept(row, vault) for row in session.scalars(query if limit is None else query.limit(limit))]


def find(session: Session, id_: str) -> Kept:
    """The monitor with that id. `NotFound` when there is none, or it is archived."""
    query = select(MonitorRow).where(MonitorRow.id == id_, MonitorRow.archived_at.is_(None))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(f'there is no monitor "{id_}"')
    return _kept(row, Vault.of(session))


def create(session: Session, spec: MonitorSpec, *, by: str, now: int) -> Kept:
    """Watch something more. `Conflict` when the id is taken."""
    hold_revision(session)
    _refuse_unfit(session, spec)
    _refuse_masks(as_document(spec))
    configured.add(session, MonitorRow, spec.id, spec, columns=columns(spec), now=now)
    audit.record(session, by, "create", _SORT, spec.id, after=as_document(spec))
    return find(session, spec.id)


def change(session: Session, id_: str, spec: MonitorSpec, *, by: str) -> Kept:
    """Make a monitor what `spec` says; its key and its history stay, also under another id.

    Where `spec` has what people see in place of a secret, the secret stays. `Conflict` when the manifest owns it.
    """
    hold_revision(session)
    before = find(session, id_)
    _refuse_unfit(session, spec)
    written = as_document(spec)
    kept = written if _moves(written, before.spec) else audit.unmasked(written, before.spec)
    whole = MonitorSpec.model_validate(kept)
    _refuse_masks(as_document(whole))
    if as_document(whole) != before.spec or before.origin is not Origin.API:
        configured.alter(session, MonitorRow, before.key, id_=whole.id, spec=whole, columns=columns(whole))
        audit.record(session, by, "change", _SORT, id_, before=before.spec, after=as_document(whole))
    return find(session, whole.id)


def archive(session: Session, id_: str, *, by: str, now: int) -> None:
    """Watch it no more; its history stays. `Conflict` when the manifest owns it."""
    hold_revision(session)
    before = find(session, id_)
    configured.retire(session, MonitorRow, before.key, now)
    audit.record(session, by, "archive", _SORT, id_, before=before.spec)


def pause(session: Session, id_: str, *, by: str, now: int, until: int | None = None) -> Kept:
    """Ask nothing until it is resumed, or until that moment, whoever configured it. What is paused already may be
    given another end."""
    if until is not None and until <= now:
        raise Refused("until: is in the past; leave it out to pause until somebody resumes it")
    hold_revision(session)
    before = find(session, id_)
    if before.paused_at is None or before.paused_until != until:
        _set_paused(session, before.key, before.paused_at or now, until)
        after = {} if until is None else {"after": {"until": iso(until)}}
        audit.record(session, by, "pause", _SORT, id_, **after)
    return find(session, id_)


def resume(session: Session, id_: str, *, by: str) -> Kept:
    """Ask again. `Conflict` when its own spec says that it is paused."""
    hold_revision(session)
    before = find(session, id_)
    if before.spec.get("paused"):
        raise Conflict(f'"{id_}" is paused by its own spec: take  paused: true  out of it')
    if before.paused_at is not None:
        _set_paused(session, before.key, None)
        audit.record(session, by, "resume", _SORT, id_)
    return find(session, id_)


def is_pause_over(session: Session, now: int) -> bool:
    """Is a monitor paused still whose pause ends by itself, and should have?"""
    return session.scalar(_over(now).limit(1)) is not None


def end_pauses(session: Session, now: int) -> None:
    """Resume those. Who is paused by the own spec as well, stays paused by it."""
    hold_revision(session)
    for row in session.scalars(_over(now)).all():
        _set_paused(session, row.key, None)
        audit.record(session, audit.SYSTEM, "resume", _SORT, row.id)


def _over(now: int) -> Select[MonitorRow]:
    return select(MonitorRow).where(MonitorRow.archived_at.is_(None), MonitorRow.paused_until <= now)


def want(session: Session, id_: str, *, by: str, now: int) -> None:
    """Have it asked now, out of turn. `Conflict` when it is paused, or asks nobody."""
    found = find(session, id_)
    if found.is_paused:
        raise Conflict(f'"{id_}" is paused: resume it first')
    if isinstance(_CHECK.validate_python(found.spec["check"]), ToldCheck):
        raise Conflict(f'"{id_}" asks nobody: it waits to be told')
    insert_new(session, WantedRow, [{"monitor": found.key, "at": now}])
    audit.record(session, by, "check", _SORT, id_)


def take_wanted(session: Session) -> list[str]:
    """Keys of the monitors that somebody wants to be asked now; they are wanted no more then."""
    return list(session.scalars(delete(WantedRow).returning(WantedRow.monitor)))


def is_any_wanted(session: Session) -> bool:
    """Does somebody want a monitor to be asked now?"""
    return session.scalar(select(WantedRow.monitor).limit(1)) is not None


def _set_paused(session: Session, key: str, at: int | None, until: int | None = None) -> None:
    new = {"paused_at": at, "paused_until": until, "revision": raise_revision(session)}
    session.execute(update(MonitorRow).where(MonitorRow.key == key).values(new))


def _refuse_unfit(session: Session, spec: MonitorSpec) -> None:
    if spec.was is not None:
        raise Refused("was: is for the manifest; here, change the monitor that has the old id")
    if spec.id in spec.depends_on:
        raise Refused("depends_on: a monitor cannot depend on itself")
    for key, named in (("depends_on", spec.depends_on), ("check.members", spec.check.follows)):
        query = select(MonitorRow.id).where(MonitorRow.id.in_(named), MonitorRow.archived_at.is_(None))
        unknown = sorted({*named} - {*session.scalars(query)})
        if unknown:
            raise Refused(f'{key}: there is no monitor "{unknown[0]}"')
    if spec.check.follows:
        _refuse_circle(session, spec)


def _refuse_circle(session: Session, spec: MonitorSpec) -> None:
    """A group must not be a member of itself, by way of others either."""
    below = {one.id: one.check.follows for one in active(session)}
    seen, new = set[str](), list(spec.check.follows)
    while new:
        here = new.pop()
        if here == spec.id:
            raise Refused(f'check.members: "{spec.id}" would be a member of itself, directly or by way of others')
        if here not in seen:
            seen.add(here)
            new += below.get(here, ())


def _moves(document: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Is another server asked than before, or on another way? Then what was secret between us and the old one does not
    go along: who may change a monitor may not read its secrets."""
    new, old = _CHECK.validate_python(document["check"]), _CHECK.validate_python(before["check"])
    if new.kind != old.kind or new.peer != old.peer:
        return True
    whole = old.model_dump(mode="json")
    return _way(new.model_dump(mode="json")) not in (_way(whole), _way(audit.masked(whole)))


def _way(check: Mapping[str, Any]) -> list[Any]:
    """What of a check decides who hears its secrets, beside host and port."""
    tls, auth = check.get("tls") or {}, check.get("auth") or {}
    scheme = str(check.get("url", "")).partition("://")[0]
    trust = [bool(check.get("tls")), tls.get("insecure"), tls.get("ca"), tls.get("minimum")]
    return [scheme, *trust, auth.get("url"), *(check.get(name) for name in ("proxy", "resolver", "security"))]


def _refuse_masks(document: Mapping[str, Any]) -> None:
    place = audit.mask_in(document)
    if place is not None:
        raise Refused(f"{place}: *** stands in place of a secret; write the secret itself")


def _kept(row: MonitorRow, vault: Vault) -> Kept:
    return Kept(
        row.key, row.id, Origin(row.origin), row.position, row.created_at, row.paused_at, row.paused_until,
        row.revision, row.target,
        json.loads(vault.open(row.spec)),
    )  # fmt: skip

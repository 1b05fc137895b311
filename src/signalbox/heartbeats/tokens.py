"""How does a push monitor come by its token? It is made where none is given, shown once, and can be changed."""

from __future__ import annotations

import json
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.checks.push import PushCheck
from signalbox.db.configured import Origin
from signalbox.db.vault import Vault
from signalbox.errors import Conflict
from signalbox.monitors import editing
from signalbox.monitors.editing import Kept
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec


def make() -> str:
    """192 random bits in 32 letters, digits, hyphens and underscores."""
    return secrets.token_urlsafe(24)


def given(spec: MonitorSpec, before: Kept | None = None) -> tuple[MonitorSpec, str | None]:
    """The spec with a token: its own, else the one that the monitor had, else a new one, which is also returned."""
    check = spec.check
    if not isinstance(check, PushCheck) or check.token is not None:
        return spec, None
    if before is not None and before.spec["check"].get("kind") == check.kind and before.spec["check"].get("token"):
        return _with(spec, check, audit.MASK), None  # stands for the one that is kept
    token = make()
    return _with(spec, check, token), token


def refuse_taken(session: Session, spec: MonitorSpec, before: Kept | None = None) -> None:
    """`Conflict` when another monitor has one of its tokens: nobody would know whose heartbeat it is."""
    if not isinstance(spec.check, PushCheck):
        return
    query = select(MonitorRow.key, MonitorRow.id, MonitorRow.spec).where(
        MonitorRow.kind == spec.check.kind, MonitorRow.archived_at.is_(None)
    )
    vault = Vault.of(session)
    for key, id_, sealed in session.execute(query):
        if before is not None and key == before.key:
            continue
        check = json.loads(vault.open(sealed))["check"]
        if {check.get("token"), *check.get("more_tokens", ())} & {*spec.check.tokens} - {audit.MASK}:
            raise Conflict(f'check.token: the monitor "{id_}" has it already; choose another, or leave it out')


def rotate(session: Session, id_: str, *, by: str) -> str:
    """Give a push monitor another token; the one it had is good for nothing from now on. Returns it, for the only
    time. `Conflict` when the manifest owns it, or it is no push monitor."""
    before = editing.find(session, id_)
    spec = MonitorSpec.model_validate(before.spec)
    if not isinstance(spec.check, PushCheck):
        raise Conflict(f'"{id_}" has no token: it is no push monitor')
    if before.origin is not Origin.API:
        raise Conflict(f'"{id_}" is written in the manifest: write another token there')
    token = make()
    editing.change(session, id_, _with(spec, spec.check, token), by=by)
    return token


def _with(spec: MonitorSpec, check: PushCheck, token: str) -> MonitorSpec:
    return spec.model_copy(update={"check": check.model_copy(update={"token": token})})

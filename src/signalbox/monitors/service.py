"""Which monitors are watched, and did that change? Verbs that take a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.checks.base import AskedCheck, BaseCheck
from signalbox.db.configured import Origin
from signalbox.db.installation import revision
from signalbox.db.vault import Vault
from signalbox.monitors.judge import DEFAULT_RULES, Rules
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec

__all__ = ["Monitor", "Origin", "active", "columns", "revision", "targets"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Monitor:
    """Something watched, ready to be asked. `every` and `timeout` are seconds."""

    key: str  # its name in the signal store; never changes
    id: str
    name: str
    group: str | None
    tags: tuple[str, ...]
    check: BaseCheck
    target: str  # as people may see it
    every: int
    timeout: float
    position: int
    origin: Origin
    created_at: int = 0  # UTC microseconds; 0: long ago
    rules: Rules = DEFAULT_RULES
    slow: float | None = None  # seconds
    certificate: float | None = None  # seconds
    incident: bool = False
    paused: bool = False
    depends_on: tuple[str, ...] = ()  # ids


def active(session: Session) -> list[Monitor]:
    """All monitors that are not archived, in their order. One that cannot be read is logged and left out."""
    vault = Vault.of(session)
    rows = session.execute(
        select(
            MonitorRow.key,
            MonitorRow.spec,
            MonitorRow.position,
            MonitorRow.origin,
            MonitorRow.created_at,
            MonitorRow.paused_at,
        )
        .where(MonitorRow.archived_at.is_(None))
        .order_by(MonitorRow.position, MonitorRow.key)
    )
    found = (_monitor(row, vault.open(row.spec)) for row in rows)
    return [monitor for monitor in found if monitor is not None]


def targets(session: Session) -> dict[str, str]:
    """Keys of the monitors that are not archived, by what they ask as people may see it. Opens no sealed spec."""
    query = select(MonitorRow.target, MonitorRow.key).where(MonitorRow.archived_at.is_(None))
    return {row.target: row.key for row in session.execute(query.order_by(MonitorRow.position))}


def _monitor(row: Any, document: str) -> Monitor | None:
    try:
        spec = MonitorSpec.model_validate_json(document)
    except ValidationError as error:
        places = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False)]
        log.error("monitor.unreadable", key=row.key, wrong=places)
        return None
    return Monitor(
        key=row.key, id=spec.id, name=spec.name, group=spec.group, tags=spec.tags, check=spec.check,
        target=spec.check.target, every=int(spec.every), timeout=spec.timeout, position=row.position,
        origin=Origin(row.origin), created_at=row.created_at,
        rules=_rules(spec),
        slow=spec.slow, certificate=spec.certificate, incident=spec.incident,
        paused=spec.paused or row.paused_at is not None, depends_on=spec.depends_on,
    )  # fmt: skip


def _rules(spec: MonitorSpec) -> Rules:
    """How it is judged. What was not asked needs no second opinion: its members are confirmed, or somebody said so."""
    if not isinstance(spec.check, AskedCheck):
        return Rules(1, 1, 0.0, spec.flapping, spec.every)
    return Rules(spec.failures, spec.recoveries, spec.recheck, spec.flapping, spec.every)


def columns(spec: MonitorSpec) -> Mapping[str, Any]:
    """What a monitor's row says in the clear, for queries."""
    return {
        "id": spec.id, "name": spec.name, "group": spec.group, "tags": list(spec.tags),
        "kind": spec.check.kind, "target": spec.check.target,
    }  # fmt: skip

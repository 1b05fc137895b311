"""Who changed what, when, and what was it before? One row a change, in the transaction that makes it.

Secrets never enter: what is kept of a document is what `masked` leaves of it. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from signalbox import clock
from signalbox.checks.urls import is_secret, shown
from signalbox.db.base import Base

MASK = "***"
MANIFEST, SYSTEM = "manifest", "signalbox"
"""Actors that are no person. People are `cli:USER`, tokens `token:NAME`, who follows a signed link `link:CHANNEL`."""

_SECRET_MAPS = frozenset({"headers"})  # mappings whose values are secrets whatever they are called


class AuditRow(Base):
    """One thing that somebody did."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_kind_subject_idx", "kind", "subject"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    at: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)  # create, change, archive, pause, acknowledge, …
    kind: Mapped[str] = mapped_column(Text)  # monitor, page, channel, incident, …
    subject: Mapped[str] = mapped_column(Text)  # its id
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)


def record(
    session: Session,
    by: str,
    action: str,
    kind: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down that `by` did `action` to the `kind` called `subject`. Documents are masked here."""
    row = AuditRow(
        at=clock.now(), actor=by, action=action, kind=kind, subject=subject,
        before=None if before is None else masked(before), after=None if after is None else masked(after),
    )  # fmt: skip
    session.add(row)


def masked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every secret as `***`: values of secret-looking keys, all header values, userinfo in URLs."""
    return {name: _masked(name, value) for name, value in document.items()}


def unmasked(document: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The document with each secret of `before` in the place where `document` has what people see of it.

    So that what was read, and changed elsewhere, can be written back.
    """
    return {name: _unmasked(name, value, before.get(name), name in _SECRET_MAPS) for name, value in document.items()}


def mask_in(document: Mapping[str, Any]) -> str | None:
    """Where a document has a mask in place of a secret, if anywhere: `check.headers.Authorization`."""
    for name, value in document.items():
        if isinstance(value, Mapping):
            inner = mask_in(value)
            if inner is not None:
                return f"{name}.{inner}"
        elif any(_holds_mask(one) for one in (value if isinstance(value, list | tuple) else [value])):
            return name
    return None


def _holds_mask(value: Any) -> bool:
    return isinstance(value, str) and (value == MASK or ("://" in value and f"={MASK}" in value))


def entries(
    session: Session, *, before: int | None = None, limit: int = 100, actor: str | None = None,
    action: str | None = None, kind: str | None = None, subject: str | None = None,
) -> list[AuditRow]:  # fmt: skip
    """What was done, newest first, from before the entry `before` on."""
    wanted = {AuditRow.actor: actor, AuditRow.action: action, AuditRow.kind: kind, AuditRow.subject: subject}
    query = select(AuditRow).where(*(column == value for column, value in wanted.items() if value is not None))
    if before is not None:
        query = query.where(AuditRow.id < before)
    return list(session.scalars(query.order_by(AuditRow.id.desc()).limit(limit)))


def _unmasked(name: str, value: Any, before: Any, is_secret_map: bool) -> Any:
    if before is None:
        return value
    if isinstance(value, Mapping) and isinstance(before, Mapping):
        if is_secret_map:
            return {key: before.get(key, one) if one == MASK else one for key, one in value.items()}
        return unmasked(value, before)
    return before if value == _masked(name, before) else value


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict.fromkeys(value, MASK) if name in _SECRET_MAPS else masked(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if is_secret(name):
        return MASK
    if isinstance(value, str):
        return shown(value) if "://" in value else value
    if isinstance(value, Sequence):
        return [_masked(name, one) for one in value]
    return value

"""Who changed what, when, and what was it before? One row a change, in the transaction that makes it.

Secrets never enter: what is kept of a document is what `masked` leaves of it. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, Text
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

"""What does an installation remember about itself? A few texts by key, and the revision of all that is configured."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import BigInteger, Text, cast, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from signalbox.db.base import Base
from signalbox.db.vault import Vault

_REVISION = "revision"
_CHANGES = "changes"
_CANARIES = "canaries"
_KEY_CHECK = "key-check"
_KEY_CHECK_TEXT = "sealed with the right key"


class InstallationRow(Base):
    """One fact about the installation."""

    __tablename__ = "installation"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


def revision(session: Session) -> int:
    """A number that grows whenever monitors or pages change: one read by primary key."""
    return int(session.scalars(select(InstallationRow.value).where(InstallationRow.key == _REVISION)).one())


def hold_revision(session: Session) -> int:
    """The revision, kept still until this transaction ends: whoever changes monitors or pages calls this first."""
    row = select(InstallationRow.value).where(InstallationRow.key == _REVISION).with_for_update()
    return int(session.scalars(row).one())


def raise_revision(session: Session) -> int:
    """Let every process know that monitors or pages changed. Returns the new revision."""
    grown = cast(cast(InstallationRow.value, BigInteger) + 1, Text)
    change = update(InstallationRow).where(InstallationRow.key == _REVISION).values(value=grown)
    return int(session.scalars(change.returning(InstallationRow.value)).one())


def changes(session: Session) -> int:
    """A number that grows whenever what readers see may have changed beside signals: standings, incidents, windows."""
    return int(session.scalars(select(InstallationRow.value).where(InstallationRow.key == _CHANGES)).one())


def raise_changes(session: Session) -> None:
    """Let every process that serves pages know. Called in each transaction that changes what they show."""
    grown = cast(cast(InstallationRow.value, BigInteger) + 1, Text)
    session.connection().execute(update(InstallationRow).where(InstallationRow.key == _CHANGES).values(value=grown))


def canaries(session: Session) -> list[str]:
    """Which addresses tell whether our own network works, beside those that a process finds around it."""
    value = session.scalars(select(InstallationRow.value).where(InstallationRow.key == _CANARIES)).one_or_none()
    found: list[str] = json.loads(value or "[]")
    return found


def set_canaries(session: Session, addresses: Sequence[str]) -> None:
    """Keep what the manifest says of them."""
    session.merge(InstallationRow(key=_CANARIES, value=json.dumps(list(addresses))))


def check_key(session: Session) -> None:
    """Leave a sealed text at the first start; open it at each later one. A wrong key is a ConfigurationError."""
    vault = Vault.of(session)
    row = session.get(InstallationRow, _KEY_CHECK)
    if row is None:
        session.add(InstallationRow(key=_KEY_CHECK, value=vault.seal(_KEY_CHECK_TEXT)))
    else:
        vault.open(row.value)

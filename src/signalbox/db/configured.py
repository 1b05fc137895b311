"""How is a thing kept that a person configured? By a lasting key, under an id that may change, and never deleted.

What leaves the configuration is archived and keeps its key, and with it its history; when it returns, it has both
again. The spec is sealed, since it may hold passwords. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, SecretBytes, SecretStr
from sqlalchemy import BigInteger, Index, Integer, Text, func, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from signalbox.db.base import Base
from signalbox.db.installation import hold_revision, raise_revision
from signalbox.db.vault import Vault
from signalbox.errors import Conflict, NotFound

_PARKED = "~"  # starts no valid id


class Origin(StrEnum):
    """Who configured it. A manifest changes only its own."""

    MANIFEST = "manifest"
    API = "api"


class ConfiguredRow(Base):
    """Columns of everything configured."""

    __abstract__ = True

    key: Mapped[str] = mapped_column(Text, primary_key=True)  # given once, never changed
    id: Mapped[str] = mapped_column(Text)  # unique among those not archived
    spec: Mapped[str] = mapped_column(Text)  # sealed JSON
    origin: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[int] = mapped_column(BigInteger)
    archived_at: Mapped[int | None] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)  # of the installation when it last changed


class Known(NamedTuple):
    """What the database knows of one thing, archived or not."""

    key: str
    id: str
    origin: str
    position: int
    archived_at: int | None
    spec: dict[str, Any]


def unique_while_active(table: str, column: str) -> Index:
    """The index that keeps ids unique among those not archived."""
    active = text("archived_at IS NULL")
    return Index(f"{table}_active_idx", column, unique=True, postgresql_where=active, sqlite_where=active)


def as_document(spec: BaseModel) -> dict[str, Any]:
    """A spec as plain JSON values, secrets in the clear: to be compared, and to be sealed. Without `was`."""
    document: dict[str, Any] = json.loads(json.dumps(spec.model_dump(exclude={"was"}), default=_revealed))
    return document


def sealed(session: Session, document: Mapping[str, Any]) -> str:
    """What to keep in the column `spec`."""
    return Vault.of(session).seal(json.dumps(document, separators=(",", ":")))


def known(session: Session, row: type[ConfiguredRow]) -> list[Known]:
    """Everything of one sort, archived ones too."""
    vault = Vault.of(session)
    query = select(row.key, row.id, row.origin, row.position, row.archived_at, row.spec).order_by(row.position, row.key)
    return [Known(*found[:-1], json.loads(vault.open(found[-1]))) for found in session.execute(query)]


def archive(session: Session, row: type[ConfiguredRow], keys: Iterable[str], revision: int, now: int) -> None:
    """Put these aside; they keep everything else."""
    _update(session, row, [{"key": key, "archived_at": now, "revision": revision} for key in keys])


def create(session: Session, row: type[ConfiguredRow], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows, all columns given."""
    if rows:
        session.execute(insert(row), rows)


def change(session: Session, row: type[ConfiguredRow], rows: Sequence[Mapping[str, Any]]) -> None:
    """Set the columns given, by `key`. Ids may be handed round among the rows."""
    _update(session, row, [{"key": new["key"], "id": _PARKED + new["key"]} for new in rows if "id" in new])
    _update(session, row, rows)


def move(session: Session, row: type[ConfiguredRow], positions: Mapping[str, int], revision: int) -> None:
    """Change the order only: positions by key."""
    rows = [{"key": key, "position": position, "revision": revision} for key, position in positions.items()]
    _update(session, row, rows)


def add(
    session: Session, row: type[ConfiguredRow], id_: str, spec: BaseModel, *, columns: Mapping[str, Any], now: int
) -> str:
    """Add one thing through the API, after all others. Returns its key. `Conflict` when the id is taken.

    `columns` are the row's own columns beside those of every configured row.
    """
    hold_revision(session)
    if session.scalars(select(row.key).where(row.id == id_, row.archived_at.is_(None))).first() is not None:
        raise Conflict(f'there is one with the id "{id_}" already: choose another')
    key, keys, number = id_, set(session.scalars(select(row.key).where(row.key.startswith(id_, autoescape=True)))), 1
    while key in keys:
        number += 1
        key = f"{id_}-{number}"
    last = select(func.coalesce(func.max(row.position), -1))
    values = {
        **columns, "key": key, "id": id_, "spec": sealed(session, as_document(spec)), "origin": Origin.API.value,
        "position": session.scalars(last).one() + 1, "created_at": now, "archived_at": None,
        "revision": raise_revision(session),
    }  # fmt: skip
    create(session, row, [values])
    return key


def alter(
    session: Session, row: type[ConfiguredRow], key: str, *, id_: str, spec: BaseModel, columns: Mapping[str, Any]
) -> None:
    """Change one thing that the API made. `Conflict` when the manifest owns it, or when the new id is taken."""
    hold_revision(session)
    one = _own(session, row, key)
    taken = select(row.key).where(row.id == id_, row.archived_at.is_(None), row.key != key)
    if session.scalars(taken).first() is not None:
        raise Conflict(f'there is one with the id "{id_}" already: choose another')
    document = sealed(session, as_document(spec))
    new = {**columns, "key": one, "id": id_, "spec": document, "revision": raise_revision(session)}
    change(session, row, [new])


def retire(session: Session, row: type[ConfiguredRow], key: str, now: int) -> None:
    """Archive one thing that the API made. `Conflict` when the manifest owns it."""
    hold_revision(session)
    archive(session, row, [_own(session, row, key)], raise_revision(session), now)


def _own(session: Session, row: type[ConfiguredRow], key: str) -> str:
    found = session.execute(select(row.origin, row.id).where(row.key == key, row.archived_at.is_(None))).one_or_none()
    if found is None:
        raise NotFound(f'there is none with the key "{key}"')
    if found.origin != Origin.API:
        raise Conflict(f'"{found.id}" is written in the manifest: change it there')
    return key


def _update(session: Session, row: type[ConfiguredRow], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(update(row), rows)


def _revealed(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, SecretBytes):
        return value.get_secret_value().decode()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be kept in a spec")

"""How are rows written that may be there already? One statement that both SQLite and PostgreSQL know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insertion(session: Session, table: Any) -> Any:
    """An INSERT of the session's dialect, which can say what is to happen on conflict."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def insert_new(session: Session, table: Any, rows: Sequence[Mapping[str, Any]], *returning: Any) -> list[Any]:
    """Add rows; those that are there already stay as they are. Returns columns of the new ones."""
    if not rows:
        return []
    connection, statement = session.connection(), insertion(session, table).on_conflict_do_nothing()
    if not returning:
        connection.execute(statement, rows)
        return []
    return list(connection.execute(statement.returning(*returning), rows))

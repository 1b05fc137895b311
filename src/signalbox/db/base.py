"""What do all tables share? The declarative base, names for constraints, and the database's own clock.

Times are UTC microseconds since 1970 in BIGINT columns, as everywhere in Signalbox.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    """Every table of the relational database. Constraints have names, so that migrations can change them."""

    metadata = MetaData(naming_convention=_NAMES)


class database_now(FunctionElement[int]):
    """The database's clock in UTC microseconds since 1970: one clock for all who share the database."""

    type = BigInteger()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _postgresql_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    # unixepoch('subsec') would be clearer, but needs SQLite 3.42; this is exact to a millisecond
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"

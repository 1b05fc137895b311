"""Which locations can see, and which are cut off from the network?

What is written here is what was found out, once for each time that it changes; canaries that stay good write nothing.
A location without a row has never been cut off. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import BigInteger, Boolean, Text, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from signalbox.db.base import Base

_INSERTS: dict[str, Callable[..., postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert, "sqlite": sqlite.insert,
}  # fmt: skip


class LocationRow(Base):
    """How one location's own network stands."""

    __tablename__ = "locations"

    location: Mapped[str] = mapped_column(Text, primary_key=True)
    online: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[int] = mapped_column(BigInteger)
    good: Mapped[int | None] = mapped_column(BigInteger)  # the last good canary before it was cut off, if there was one
    detail: Mapped[str] = mapped_column(Text)


def note_offline(session: Session, location: str, since: int, detail: str, good: int | None = None) -> bool:
    """Write down that a location is cut off. True for the one caller who found it online; the others change nothing."""
    connection = session.connection()
    fresh = {"online": False, "since": since, "good": good, "detail": detail}
    insert = _INSERTS[connection.dialect.name](LocationRow).values(location=location, **fresh)
    flip = insert.on_conflict_do_update(index_elements=["location"], set_=fresh, where=LocationRow.online.is_(True))
    return connection.execute(flip.returning(LocationRow.location)).first() is not None


def note_online(session: Session, location: str, since: int, detail: str = "") -> bool:
    """Write down that a location sees again. True for the one caller who found it cut off."""
    flip = (
        update(LocationRow)
        .where(LocationRow.location == location, LocationRow.online.is_(False))
        .values(online=True, since=since, good=since, detail=detail)
    )
    return session.connection().execute(flip.returning(LocationRow.location)).first() is not None


def offline(session: Session) -> list[LocationRow]:
    """The locations that are cut off now."""
    query = select(LocationRow).where(LocationRow.online.is_(False)).order_by(LocationRow.location)
    return list(session.scalars(query))

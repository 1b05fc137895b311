"""Where are tokens kept? One row each, revoked and expired ones included. Times are UTC microseconds since 1970."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base

_VALID = text("revoked_at IS NULL")


class TokenRow(Base):
    """One token. What was shown to its owner cannot be made from what is kept here."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index("tokens_signature_idx", "signature", unique=True),
        Index("tokens_name_idx", "name", unique=True, postgresql_where=_VALID, sqlite_where=_VALID),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(Text)  # unique among those not revoked
    signature: Mapped[str] = mapped_column(Text)  # HMAC-SHA256 of the token, with a key that is not in the database
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    last_used_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)

"""Which tokens open the admin API, and whose is this one? Verbs that take a session.

A token is `sbx_` and 256 random bits, shown once. Kept is its HMAC with a key derived from SECRET_KEY, so that who
reads the database cannot make one, nor try guesses.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.accounts import scopes as scopes_
from signalbox.accounts.models import TokenRow
from signalbox.clock import MICROS, iso
from signalbox.db.vault import Vault
from signalbox.errors import Conflict, NotFound, Refused

PREFIX = "sbx_"
_SHAPE = re.compile(r"sbx_[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[\w][\w .:@/-]{0,79}")
_BYTES = 32
_PURPOSE = "tokens"
_NOTICED = 60 * MICROS  # between two times that its use is written down
_LONGEST = 100 * 366 * 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token. Times are UTC microseconds."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_at: int
    created_by: str
    expires_at: int | None
    last_used_at: int | None

    @property
    def actor(self) -> str:
        """Who its bearer is, for the audit log."""
        return f"token:{self.name}"


def create(
    session: Session, name: str, scopes: Iterable[str], *, by: str, now: int, expires: float | None = None
) -> tuple[str, Token]:
    """Make a token that is good for `expires` seconds, or until revoked. Returns it, for the only time.

    Raises `Refused` for a scope that does not exist, `Conflict` when the name is taken.
    """
    if not _NAME.fullmatch(name):
        raise Refused(
            "a token's name has 1 to 80 letters, digits, spaces and . : @ / - _, and starts with none of these"
        )
    if expires is not None and not 0 < expires <= _LONGEST:
        raise Refused("a token expires after more than no time and at most 100 years: write a duration such as 90d")
    chosen = scopes_.parse(scopes)
    if session.scalars(_valid(select(TokenRow.id)).where(TokenRow.name == name)).first() is not None:
        raise Conflict(f'there is a token called "{name}" already: revoke it, or choose another name')
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    row = TokenRow(
        name=name, signature=Vault.of(session).signature(_PURPOSE, secret), scopes=[*chosen], created_at=now,
        created_by=by, expires_at=None if expires is None else now + int(expires * MICROS),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, by, "create", "token", name, after=_document(row))
    return secret, _token(row)


def tokens(session: Session, after: int = 0, limit: int = 1_000) -> list[Token]:
    """Those not revoked, in the order they were made, from the one after the id `after` on; expired ones too."""
    query = _valid(select(TokenRow)).where(TokenRow.id > after).order_by(TokenRow.id).limit(limit)
    return [_token(row) for row in session.scalars(query)]


def named(session: Session, name: str) -> Token:
    """The token of that name. `NotFound` when there is none, or it was revoked."""
    return _token(_row(session, name))


def revoke(session: Session, name: str, *, by: str, now: int) -> None:
    """From now on it opens nothing. `NotFound` when there is none of that name."""
    row = _row(session, name)
    before = _document(row)
    row.revoked_at = now
    audit.record(session, by, "revoke", "token", name, before=before)


def bearer(session: Session, secret: str, now: int) -> Token | None:
    """The token that somebody shows, if it is one of ours, and neither revoked nor expired."""
    if not _SHAPE.fullmatch(secret):
        return None
    signatures = Vault.of(session).signatures(_PURPOSE, secret)
    row = session.scalars(_valid(select(TokenRow)).where(TokenRow.signature.in_(signatures))).one_or_none()
    if row is None or not any(hmac.compare_digest(row.signature, one) for one in signatures):
        return None
    return None if row.expires_at is not None and row.expires_at <= now else _token(row)


def is_noticed(token: Token, now: int) -> bool:
    """Was its use written down within the past minute?"""
    return token.last_used_at is not None and now - token.last_used_at < _NOTICED


def notice(session: Session, token: Token, now: int) -> None:
    """Write down that it was used just now."""
    session.execute(update(TokenRow).where(TokenRow.id == token.id).values(last_used_at=now))


def refuse_more(held: Collection[str], wanted: Iterable[str]) -> None:
    """`Refused` when somebody would give away more than they hold."""
    lacking = [scope for scope in scopes_.parse(wanted) if not scopes_.covers(held, [scope])]
    if lacking:
        raise Refused(f"a token can be made only with scopes that its maker has; lacking: {', '.join(lacking)}")


def _row(session: Session, name: str) -> TokenRow:
    row: TokenRow | None = session.scalars(_valid(select(TokenRow)).where(TokenRow.name == name)).one_or_none()
    if row is None:
        raise NotFound(f'there is no token called "{name}"')
    return row


def _valid(query: Select[Any]) -> Select[Any]:
    return query.where(TokenRow.revoked_at.is_(None))


def _token(row: TokenRow) -> Token:
    return Token(row.id, row.name, tuple(row.scopes), row.created_at, row.created_by, row.expires_at, row.last_used_at)


def _document(row: TokenRow) -> dict[str, object]:
    return {"scopes": [*row.scopes], "expires_at": None if row.expires_at is None else iso(row.expires_at)}

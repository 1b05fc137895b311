"""`/api/v1/tokens`: who else may use this API?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from signalbox import clock
from signalbox.accounts import tokens
from signalbox.accounts.scopes import Scope
from signalbox.accounts.tokens import Token
from signalbox.api.admin.access import By, OfDatabase, OfToken, needs
from signalbox.api.admin.paging import OfPaging, Page
from signalbox.clock import iso
from signalbox.durations import Duration

router = APIRouter(prefix="/tokens", tags=["tokens"], dependencies=[needs(Scope.TOKENS)])

Name = Annotated[str, Path(max_length=80)]


class TokenSpec(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=80, description="What it is for; stands in the audit log.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires: Duration | None = Field(None, description="How long it is good for, such as 90d; null: until revoked.")


class TokenAnswer(BaseModel):
    """What is known of a token."""

    name: str
    scopes: list[str]
    created_at: str
    created_by: str
    expires_at: str | None
    last_used_at: str | None = Field(description="Written down once a minute at most.")


class NewToken(TokenAnswer):
    """A token just made."""

    token: str = Field(description="Shown now and never again.")


@router.get("", summary="Tokens that are not revoked")
def list_tokens(database: OfDatabase, paging: OfPaging) -> Page[TokenAnswer]:
    """In the order they were made; expired ones too."""
    with database.read() as session:
        found = paging.page(tokens.tokens(session, paging.number, paging.limit + 1), lambda token: token.id)
    return Page(items=[TokenAnswer(**_facts(token)) for token in found.items], next=found.next)


@router.post("", status_code=201, summary="Make a token")
def create_token(database: OfDatabase, by: By, maker: OfToken, wanted: TokenSpec) -> NewToken:
    """The answer is the only one that shows it. It can do no more than the token that makes it."""
    tokens.refuse_more(maker.scopes, wanted.scopes)
    now, expires = clock.now(), wanted.expires
    if maker.expires_at is not None:  # nor does it outlive its maker
        left = (maker.expires_at - now) / clock.MICROS
        expires = left if expires is None else min(expires, left)
    with database.begin() as session:
        secret, token = tokens.create(session, wanted.name, wanted.scopes, by=by, now=now, expires=expires)
    return NewToken(token=secret, **_facts(token))


@router.delete("/{name}", status_code=204, summary="Revoke a token")
def revoke_token(name: Name, database: OfDatabase, by: By, maker: OfToken) -> None:
    """From now on it opens nothing. A token that may do more than this one is not this one's to revoke."""
    with database.begin() as session:
        tokens.refuse_more(maker.scopes, tokens.named(session, name).scopes)
        tokens.revoke(session, name, by=by, now=clock.now())


def _facts(token: Token) -> dict[str, object]:
    return {
        "name": token.name, "scopes": [*token.scopes], "created_at": iso(token.created_at),
        "created_by": token.created_by, "expires_at": None if token.expires_at is None else iso(token.expires_at),
        "last_used_at": None if token.last_used_at is None else iso(token.last_used_at),
    }  # fmt: skip

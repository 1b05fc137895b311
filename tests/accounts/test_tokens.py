"""Tokens: shown once, kept as signatures, good for what they were made for and for as long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from signalbox import audit
from signalbox.accounts import tokens
from signalbox.accounts.models import TokenRow
from signalbox.accounts.scopes import MEANINGS, Scope, allows, covers, parse
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.errors import Conflict, NotFound, Refused

NOW = 1_800_000_000 * MICROS


def make(database: Database, name: str = "ci", *scopes: str, expires: float | None = None) -> str:
    with database.begin() as session:
        return tokens.create(session, name, scopes or ("read",), by="cli:ada", now=NOW, expires=expires)[0]


def known(database: Database, secret: str, now: int = NOW) -> tokens.Token | None:
    with database.read() as session:
        return tokens.bearer(session, secret, now)


def test_a_token_is_known_again_and_no_other_is(database: Database) -> None:
    secret = make(database, "ci", "incidents", "read")
    found = known(database, secret)
    assert found is not None
    assert (found.name, found.scopes, found.actor) == ("ci", ("read", "incidents"), "token:ci")
    assert known(database, secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
    assert known(database, "sbx_" + "A" * 43) is None
    assert known(database, "") is None


def test_the_database_holds_nothing_that_opens_anything(database: Database) -> None:
    secret = make(database)
    with database.read() as session:
        row = session.scalars(select(TokenRow)).one()
        kept = {column.name: str(getattr(row, column.name)) for column in TokenRow.__table__.columns}
    assert not [name for name, text in kept.items() if secret in text or secret[4:] in text]
    assert known(database, row.signature) is None
    assert known(database, f"sbx_{row.signature[:43]}") is None


def test_a_token_ends_when_it_was_said_to(database: Database) -> None:
    secret = make(database, expires=90.0)
    assert known(database, secret, NOW + 90 * MICROS - 1) is not None
    assert known(database, secret, NOW + 90 * MICROS) is None


def test_a_revoked_token_opens_nothing_and_its_name_may_be_given_again(database: Database) -> None:
    first = make(database)
    with pytest.raises(Conflict):
        make(database)
    with database.begin() as session:
        tokens.revoke(session, "ci", by="cli:ada", now=NOW)
    assert known(database, first) is None
    second = make(database)
    assert known(database, second) is not None
    assert known(database, first) is None
    with pytest.raises(NotFound), database.begin() as session:
        tokens.revoke(session, "nobody", by="cli:ada", now=NOW)


def test_its_use_is_noticed_once_a_minute(database: Database) -> None:
    secret = make(database)
    fresh = known(database, secret)
    assert fresh is not None
    assert not tokens.is_noticed(fresh, NOW)
    with database.begin() as session:
        tokens.notice(session, fresh, NOW)
    again = known(database, secret)
    assert again is not None
    assert tokens.is_noticed(again, NOW + 59 * MICROS)
    assert not tokens.is_noticed(again, NOW + 60 * MICROS)


def test_making_and_revoking_is_audited_without_the_token(database: Database) -> None:
    secret = make(database)
    with database.begin() as session:
        tokens.revoke(session, "ci", by="token:admin", now=NOW)
    with database.read() as session:
        rows = list(session.scalars(select(audit.AuditRow).order_by(audit.AuditRow.id)))
    assert [(row.actor, row.action, row.kind, row.subject) for row in rows] == [
        ("cli:ada", "create", "token", "ci"), ("token:admin", "revoke", "token", "ci"),
    ]  # fmt: skip
    assert rows[0].after == {"scopes": ["read"], "expires_at": None}
    assert secret[4:] not in str([vars(row) for row in rows])


@pytest.mark.parametrize("name", ["", " ci", "a" * 81, "a\nb", "<b>", "-x"])
def test_a_name_that_would_not_read_well_in_a_log_is_refused(database: Database, name: str) -> None:
    with pytest.raises(Refused):
        make(database, name)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan")])
def test_a_token_cannot_expire_never_or_before_it_is_made(database: Database, seconds: float) -> None:
    with pytest.raises(Refused):
        make(database, expires=seconds)


def test_scopes_are_a_closed_list() -> None:
    assert parse(["acks", "read", "acks"]) == (Scope.READ, Scope.ACKS)
    with pytest.raises(Refused, match="root"):
        parse(["root"])
    with pytest.raises(Refused, match="choose from"):
        parse([])
    assert set(MEANINGS) == set(Scope)


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_opens_its_own_area_and_reading_opens_most(scope: Scope) -> None:
    assert allows({scope}, scope, reading=True)
    assert allows({scope}, scope, reading=False)
    assert allows({"admin"}, scope, reading=False)
    assert allows({"read"}, scope, reading=True) == (scope not in {Scope.AUDIT, Scope.TOKENS, Scope.ADMIN})
    assert allows({"read"}, scope, reading=False) == (scope is Scope.READ)


def test_nobody_gives_away_more_than_they_hold() -> None:
    assert covers({"admin"}, ["tokens", "audit", "admin"])
    assert covers({"tokens", "read"}, ["read"])
    assert not covers({"tokens", "read"}, ["monitors"])
    with pytest.raises(Refused, match="monitors"):
        tokens.refuse_more({"tokens", "read"}, ["read", "monitors"])


def test_the_guide_has_every_scope_with_its_meaning() -> None:
    guide = (Path(__file__).parents[2] / "docs/guide/api.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", guide, flags=re.MULTILINE) == [*MEANINGS.items()]

"""Does an acknowledge link ask first, do what it says, and believe nobody else's?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from signalbox import clock
from signalbox.api.app import app_of
from signalbox.audit import AuditRow
from signalbox.db import Database
from signalbox.db.vault import Vault
from signalbox.notifications import links, outbox
from tests.api.conftest import Served
from tests.api.serving import Client, serving
from tests.notifications.equipment import notice

LONG_AGO = (links.LASTS + 60) * clock.MICROS


@dataclass
class Door:
    """A server with one open trouble, and links to it."""

    client: Client
    database: Database
    thread: str

    def path(self, age: int = 0) -> str:
        """A link made so many microseconds ago."""
        with self.database.read() as session:
            return f"/ack/{links.token(Vault.of(session), [self.thread], 'ops', clock.now() - age)}"

    def acknowledged_by(self) -> str | None:
        """Who looks after the trouble."""
        with self.database.read() as session:
            found = outbox.find(session, self.thread)
        assert found is not None
        return found.acknowledged_by


@pytest.fixture
def door(served: Served, database: Database) -> Iterator[Door]:
    """On each kind of database."""
    told = notice("Api")
    with database.begin() as session:
        outbox.announce(session, [told], clock.now())
    with serving(app_of(replace(served.site, database=database))) as client:
        yield Door(client, database, told.thread)


def test_looking_at_the_link_changes_nothing(door: Door) -> None:
    for method in ("GET", "HEAD", "GET"):
        answer = door.client.ask(door.path(), method)
        assert answer.status == 200
    assert '<form method="post"><button>' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert door.acknowledged_by() is None


def test_its_button_acknowledges_once(door: Door) -> None:
    first, second = (door.client.ask(door.path(), "POST") for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    assert "Thank you" in first.text
    assert "Nothing to do" in second.text
    assert door.acknowledged_by() == "link:ops"
    assert "looks after it already" in door.client.ask(door.path()).text
    with door.database.read() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "acknowledge")).all()
    assert (row.actor, row.subject) == ("link:ops", door.thread)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_other_token_opens_anything(door: Door, method: str) -> None:
    good = door.path()
    for path in (door.path(LONG_AGO), good[:-1], good + "A", "/ack/x", "/ack/.", "/ack/%2e", good.replace(".", ""),
                 f"/ack/{'x' * 5_000}", "/ack/é.é".encode().decode("latin-1")):  # fmt: skip
        if path.isascii():
            assert door.client.ask(path, method).status in (404, 422)
    assert door.acknowledged_by() is None


def test_a_trouble_that_is_over_needs_nobody(door: Door) -> None:
    with door.database.begin() as session:
        outbox.withdraw(session, [door.thread], clock.now())
    answer = door.client.ask(door.path(), "POST")
    assert "Nothing to do" in answer.text
    assert "over already" in door.client.ask(door.path()).text


def test_without_a_database_there_are_no_links(served: Served) -> None:
    assert served.client.ask("/ack/abc.def").status == 404

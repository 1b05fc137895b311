"""A check is tried before it is kept, under the guard, and not too often; what checks saw can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from signalbox.accounts.scopes import Scope
from signalbox.api import trial
from signalbox.checks.evidence import Evidence
from signalbox.monitors import evidence
from signalbox.monitors.models import EvidenceRow
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict
from tests.api.admin.conftest import Closed
from tests.servers.target import Target

MOMENT = 1_800_000_000_000_000


@pytest.fixture
def target() -> Iterator[Target]:
    """A server to ask."""
    with Target() as server:
        yield server


def attempt(closed: Closed, check: dict[str, Any], token: str | None = None, **more: Any) -> Any:
    """Try a check."""
    token = token or closed.token(Scope.MONITORS)
    return closed.ask(token, "/checks/try", "POST", {"check": check, **more})


def test_a_good_target_is_up_with_its_phases(closed: Closed, target: Target) -> None:
    answer = attempt(closed, {"kind": "http", "url": target.url("/ok")})
    assert answer.status == 200
    assert answer.json["verdict"] == "up"
    assert answer.json["http_status"] == 200
    assert answer.json["phases_ms"]["total"] > 0
    assert answer.json["evidence"] == []


def test_a_bad_target_says_why(closed: Closed, target: Target) -> None:
    answer = attempt(closed, {"kind": "http", "url": target.url("/gone")})
    assert (answer.json["verdict"], answer.json["reason"]) == ("down", "status")
    assert "404" in answer.json["message"]


def test_a_hanging_target_ends_by_its_deadline(closed: Closed, target: Target) -> None:
    answer = attempt(closed, {"kind": "http", "url": target.url("/hang")}, timeout="300ms")
    assert (answer.json["verdict"], answer.json["reason"]) == ("down", "timeout")


def test_other_kinds_can_be_tried(closed: Closed, target: Target) -> None:
    answer = attempt(closed, {"kind": "tcp", "host": "127.0.0.1", "port": target.port})
    assert (answer.json["kind"], answer.json["verdict"]) == ("tcp", "up")
    assert attempt(closed, {"kind": "tcp", "host": "127.0.0.1", "port": 1}).json["reason"] == "connect"


def test_the_guard_holds(closed: Closed) -> None:
    answer = attempt(closed, {"kind": "tcp", "host": "169.254.169.254", "port": 80})
    assert (answer.json["verdict"], answer.json["reason"]) == ("unknown", "blocked")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"check": {"kind": "nothing"}}, {"check": {"kind": "tcp", "host": "a b", "port": 1}},
        {"check": {"kind": "tcp", "host": "a", "port": 1}, "timeout": "2m"},
        {"check": {"kind": "tcp", "host": "a", "port": 1}, "timeout": 0},
        {"check": {"kind": "http", "url": "https://a.example", "headers": {"A": "***"}}},
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_refused(closed: Closed, body: dict[str, Any]) -> None:
    assert closed.ask(closed.token(Scope.MONITORS), "/checks/try", "POST", body).status == 422


def test_a_token_that_only_reads_tries_nothing(closed: Closed) -> None:
    answer = attempt(closed, {"kind": "tcp", "host": "127.0.0.1", "port": 1}, closed.token(Scope.READ))
    assert answer.status == 403


def test_a_token_that_tries_too_often_is_held_up_and_another_is_not(closed: Closed) -> None:
    token, check = closed.token(Scope.MONITORS), {"kind": "tcp", "host": "127.0.0.1", "port": 1}
    answers = [attempt(closed, check, token) for _ in range(trial.SIZE + 3)]
    assert {answer.status for answer in answers[: trial.SIZE]} == {200}
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert attempt(closed, check).status == 200


def test_what_checks_saw_is_read_in_pages(closed: Closed) -> None:
    token = closed.token(Scope.MONITORS)
    made = closed.ask(
        token, "/monitors", "POST", {"id": "shop", "name": "Shop", "check": {"kind": "http", "url": "http://a.example"}}
    )
    seen = Evidence()
    seen.note("body", "<h1>Oops</h1>")
    signals = [
        Signal(
            made.json["key"], "local", MOMENT + number, MOMENT, "http://a.example", "http", Verdict.DOWN,
            Reason.STATUS, NO_ANSWER, False, None, None, None, None, None, "the server answered 503", None,
        )
        for number in range(3)
    ]  # fmt: skip
    with closed.database.begin() as session:
        evidence.keep(session, [(signal, seen) for signal in signals])
    reader = closed.token(Scope.READ)
    first = closed.ask(reader, "/monitors/shop/evidence?limit=2")
    assert [one["message"] for one in first.json["items"]] == ["the server answered 503"] * 2
    assert first.json["items"][0]["entries"] == [{"name": "body", "text": "<h1>Oops</h1>"}]
    rest = closed.ask(reader, first.json["next"].removeprefix("/api/v1"))
    assert len(rest.json["items"]) == 1
    assert rest.json["next"] is None
    assert closed.ask(reader, "/monitors/nothing/evidence").status == 404
    with closed.database.begin() as session:
        session.query(EvidenceRow).delete()

"""Push and manual monitors through the closed part of the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from signalbox import clock
from signalbox.db import Database
from signalbox.heartbeats import service
from signalbox.heartbeats.pings import Ping, Sort
from signalbox.manifest import apply, document
from signalbox.manifest.source import Source
from signalbox.monitors import editing
from tests.api.admin.conftest import Closed

TOKEN = "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A"


def job(**check: Any) -> dict[str, Any]:
    """A push monitor as it is written."""
    return {"id": "job", "name": "Job", "check": {"kind": "push", **check}}


def stored_token(database: Database) -> str | None:
    """The token that the monitor has."""
    with database.read() as session:
        return editing.find(session, "job").spec["check"]["token"]  # type: ignore[no-any-return]


def test_a_token_is_made_where_none_is_given_and_shown_once(closed: Closed) -> None:
    token = closed.token("monitors")
    made = closed.ask(token, "/monitors", "POST", job(interval="1h"))
    assert made.status == 201
    shown = made.json["token"]
    assert len(shown) == 32
    assert shown == stored_token(closed.database)
    assert made.json["spec"]["check"]["token"] == "***"
    read = closed.ask(token, "/monitors/job")
    assert read.json["token"] is None
    assert shown not in read.text

    for check in ({"token": "***", "interval": "2h"}, {"interval": "3h"}):  # as it was shown, or left out
        changed = closed.ask(token, "/monitors/job", "PUT", job(**check))
        assert (changed.status, changed.json["token"]) == (200, None)
        assert stored_token(closed.database) == shown

    rotated = closed.ask(token, "/monitors/job/rotate", "POST")
    assert rotated.status == 200
    assert rotated.json["token"] == stored_token(closed.database) != shown
    assert rotated.json["url"].endswith(f"/ping/{rotated.json['token']}")
    log = closed.ask(closed.token("audit"), "/audit").text
    assert shown not in log
    assert rotated.json["token"] not in log


def test_a_token_belongs_to_one_monitor(closed: Closed) -> None:
    token = closed.token("monitors")
    assert closed.ask(token, "/monitors", "POST", job(token=TOKEN)).json["token"] is None
    taken = {**job(more_tokens=[TOKEN]), "id": "other", "name": "Other"}
    refused = closed.ask(token, "/monitors", "POST", taken)
    assert refused.status == 409
    assert 'the monitor "job" has it already' in refused.json["detail"]
    assert TOKEN not in refused.text
    assert closed.ask(token, "/monitors/job", "PUT", job(token=TOKEN, interval="1h")).status == 200


def test_what_it_was_told_is_listed_with_its_bodies(closed: Closed) -> None:
    token = closed.token("read")
    closed.ask(closed.token("monitors"), "/monitors", "POST", job())
    with closed.database.begin() as session:
        pings = [Ping("job", clock.now() + number, Sort.FAIL, number, body=b"text") for number in range(1, 4)]
        service.record(session, [*pings, Ping("job", clock.now() + 9, Sort.SUCCESS, body=b"\xff\x00", took=5.0)])
    first = closed.ask(token, "/monitors/job/pings?limit=2").json
    assert [one["status"] for one in first["items"]] == [None, 3]
    assert (first["items"][0]["body"], first["items"][0]["body_base64"]) == (None, "/wA=")
    assert (first["items"][1]["body"], first["items"][1]["sort"]) == ("text", "fail")
    rest = closed.ask(token, first["next"].removeprefix("/api/v1")).json
    assert [one["status"] for one in rest["items"]] == [2, 1]
    assert rest["next"] is None


def test_a_verdict_is_said_and_written_down(closed: Closed) -> None:
    token = closed.token("monitors")
    closed.ask(token, "/monitors", "POST", {"id": "ferry", "name": "Ferry", "check": {"kind": "manual"}})
    said = closed.ask(token, "/monitors/ferry/verdict", "POST", {"verdict": "down", "message": "in the dock"})
    assert said.status == 202
    (ping,) = closed.ask(token, "/monitors/ferry/pings").json["items"]
    assert (ping["sort"], ping["said"]) == ("down", "in the dock")
    (entry,) = closed.ask(closed.token("audit"), "/audit?action=verdict").json["items"]
    assert entry["after"] == {"verdict": "down", "message": "in the dock"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/monitors/job/verdict", {"verdict": "up"}, 409),
        ("/monitors/nobody/verdict", {"verdict": "up"}, 404),
        ("/monitors/ferry/verdict", {"verdict": "fine"}, 422),
        ("/monitors/ferry/verdict", {"verdict": "up", "message": "x" * 301}, 422),
        ("/monitors/ferry/verdict", {"verdict": "up", "message": "a\nb"}, 422),
        ("/monitors/ferry/rotate", None, 409),
        ("/monitors/nobody/rotate", None, 404),
    ],
)
def test_what_cannot_be_is_refused(closed: Closed, path: str, body: Any, status: int) -> None:
    token = closed.token("monitors")
    closed.ask(token, "/monitors", "POST", job())
    closed.ask(token, "/monitors", "POST", {"id": "ferry", "name": "Ferry", "check": {"kind": "manual"}})
    assert closed.ask(token, path, "POST", body).status == status
    reader = closed.token("read")
    assert closed.ask(reader, path, "POST", body).status in {403, 422}


def test_what_the_manifest_owns_is_changed_there(closed: Closed) -> None:
    with closed.database.begin() as session:
        apply.apply(session, document._Reader(Source("test", {"monitors": [job(token=TOKEN)]})).manifest())
    refused = closed.ask(closed.token("monitors"), "/monitors/job/rotate", "POST")
    assert refused.status == 409
    assert "written in the manifest" in json.loads(refused.text)["detail"]

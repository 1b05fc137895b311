"""`/api/v1/monitors` and its neighbours: made, changed, paused, archived, and who may what."""

from __future__ import annotations

from typing import Any

import pytest

from signalbox.manifest import apply
from signalbox.manifest.document import from_urls
from tests.api.admin.conftest import Closed

API: dict[str, Any] = {
    "id": "api", "name": "API",
    "check": {"kind": "http", "url": "https://ada:planted@example.com/", "headers": {"X-Key": "planted"}},
}  # fmt: skip


@pytest.fixture
def token(closed: Closed) -> str:
    return closed.token("monitors")


def test_a_monitor_s_life(closed: Closed, token: str) -> None:
    made = closed.ask(token, "/monitors", "POST", API)
    assert made.status == 201, made.text
    assert (made.json["id"], made.json["origin"], made.json["paused"]) == ("api", "api", False)
    paused = closed.ask(token, "/monitors/api/pause", "POST")
    assert paused.json["paused"]
    assert paused.json["paused_at"]
    assert not closed.ask(token, "/monitors/api/resume", "POST").json["paused"]
    changed = closed.ask(token, "/monitors/api", "PUT", {**made.json["spec"], "name": "Public API", "every": "30s"})
    assert changed.json["spec"]["name"] == "Public API"
    assert changed.json["spec"]["every"] == 30.0
    assert changed.json["key"] == made.json["key"]
    assert closed.ask(token, "/monitors/api").json == changed.json
    assert closed.ask(token, "/monitors/api", "DELETE").status == 204
    assert closed.ask(token, "/monitors/api").status == 404
    assert closed.ask(token, "/monitors").json == {"items": [], "next": None}


def test_no_answer_holds_a_secret(closed: Closed, token: str) -> None:
    texts = [closed.ask(token, "/monitors", "POST", API).text]
    texts += [closed.ask(token, path).text for path in ("/monitors", "/monitors/api")]
    texts += [closed.ask(closed.token("audit"), "/audit").text]
    assert "planted" not in "".join(texts)


def test_a_kept_secret_is_sent_to_no_other_server(closed: Closed, token: str) -> None:
    spec = closed.ask(token, "/monitors", "POST", API).json["spec"]
    assert spec["check"]["headers"] == {"X-Key": "***"}
    for url in ("https://elsewhere.example/", "http://example.com/", "https://example.com:8443/"):
        moved = {**spec, "check": {**spec["check"], "url": url}}
        answer = closed.ask(token, "/monitors/api", "PUT", moved)
        assert (answer.status, "***" in answer.json["detail"]) == (422, True)
    stays = {**spec, "check": {**spec["check"], "url": "https://example.com/other"}}
    assert closed.ask(token, "/monitors/api", "PUT", stays).status == 200


def test_what_is_wrong_is_said_field_by_field(closed: Closed, token: str) -> None:
    answer = closed.ask(token, "/monitors", "POST", {**API, "every": "0s", "colour": "red"})
    assert answer.status == 422
    assert {one["where"] for one in answer.json["errors"]} == {"body.every", "body.colour"}


def test_refusals_have_the_status_that_fits(closed: Closed, token: str) -> None:
    with closed.database.begin() as session:
        apply.apply(session, from_urls(["https://example.com"]))
    ours = {**API, "id": "example-com"}
    taken = closed.ask(token, "/monitors", "POST", ours)
    owned = closed.ask(token, "/monitors/example-com", "PUT", ours)
    assert (taken.status, owned.status) == (409, 409)
    assert "manifest" in owned.json["detail"]
    assert closed.ask(token, "/monitors/example-com", "DELETE").status == 409
    assert closed.ask(token, "/monitors/example-com/pause", "POST").status == 200
    assert closed.ask(token, "/monitors/nobody", "PUT", {**API, "id": "nobody"}).status == 404
    assert closed.ask(token, "/monitors/nobody/pause", "POST").status == 404
    assert closed.ask(token, "/monitors", "POST", {**API, "depends_on": ["nobody"]}).status == 422


def test_a_change_of_what_was_changed_meanwhile_is_refused_if_asked_to(closed: Closed, token: str) -> None:
    tag = closed.ask(token, "/monitors", "POST", API).headers["etag"]
    fresh = closed.ask(token, "/monitors/api", "PUT", {**API, "name": "First"}, **{"If-Match": tag})
    assert fresh.status == 200
    stale = closed.ask(token, "/monitors/api", "PUT", {**API, "name": "Second"}, **{"If-Match": tag})
    assert stale.status == 412
    assert closed.ask(token, "/monitors/api", "DELETE", **{"If-Match": tag}).status == 412
    assert closed.ask(token, "/monitors/api", "DELETE", **{"If-Match": fresh.headers["etag"]}).status == 204


def test_long_lists_come_in_pages(closed: Closed, token: str) -> None:
    for number in range(5):
        assert closed.ask(token, "/monitors", "POST", {**API, "id": f"m{number}"}).status == 201
    found, path = [], "/monitors?limit=2"
    while path:
        page = closed.ask(token, path).json
        found += [item["id"] for item in page["items"]]
        path = (page["next"] or "").removeprefix("/api/v1")
    assert found == [f"m{number}" for number in range(5)]
    assert closed.ask(token, "/monitors?limit=0").status == 422
    assert closed.ask(token, "/monitors?after=nonsense").status == 200


def test_the_api_s_own_name_stands_in_the_audit_log(closed: Closed, token: str) -> None:
    closed.ask(token, "/monitors", "POST", API)
    closed.ask(token, "/monitors", "POST", API)  # refused: leaves nothing
    entries = closed.ask(closed.token("audit"), "/audit?kind=monitor").json["items"]
    assert [(one["action"], one["subject"]) for one in entries] == [("create", "api")]
    assert entries[0]["actor"].startswith("token:test ")
    assert entries[0]["after"]["name"] == "API"


def test_standings_say_how_it_is(closed: Closed, token: str) -> None:
    closed.ask(token, "/monitors", "POST", API)
    listed = closed.ask(token, "/standings").json["items"]
    assert [(one["monitor"], one["verdict"], one["since"]) for one in listed] == [("api", "unknown", None)]
    assert closed.ask(token, "/monitors/api/standing").json == listed[0]
    assert closed.ask(token, "/standings?verdict=down").json["items"] == []
    assert closed.ask(token, "/monitors/nobody/standing").status == 404


def test_a_token_can_make_only_lesser_ones(closed: Closed) -> None:
    maker = closed.token("tokens", "read")
    made = closed.ask(maker, "/tokens", "POST", {"name": "reader", "scopes": ["read"], "expires": "90d"})
    assert made.status == 201
    assert closed.ask(made.json["token"], "/monitors").status == 200
    greedy = closed.ask(maker, "/tokens", "POST", {"name": "greedy", "scopes": ["monitors"]})
    assert (greedy.status, "monitors" in greedy.json["detail"]) == (422, True)
    assert closed.ask(maker, "/tokens/reader", "DELETE").status == 204
    assert closed.ask(made.json["token"], "/monitors").status == 401


def test_a_token_neither_outlives_its_maker_nor_revokes_a_greater_one(closed: Closed) -> None:
    admin = closed.token("admin")
    spec = {"name": "short", "scopes": ["tokens", "read"], "expires": "1d"}
    short = closed.ask(admin, "/tokens", "POST", spec).json
    made = closed.ask(short["token"], "/tokens", "POST", {"name": "longer", "scopes": ["read"]}).json
    assert made["expires_at"] is not None
    assert made["expires_at"] <= short["expires_at"]
    closed.ask(admin, "/tokens", "POST", {"name": "greater", "scopes": ["monitors"]})
    assert closed.ask(short["token"], "/tokens/greater", "DELETE").status == 422
    assert closed.ask(short["token"], "/tokens/longer", "DELETE").status == 204

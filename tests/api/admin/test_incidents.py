"""`/api/v1/incidents`: opened, told of, mended, resolved and read over HTTP, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.admin.conftest import Closed
from tests.incidents.equipment import keep_words, watch


@pytest.fixture
def watching(closed: Closed) -> Closed:
    """The API of an installation that watches `db`, with a template."""
    watch(closed.database, "db")
    keep_words(closed.database, id="slow", title="{monitor} is slow", body="{monitor}: we look.")
    return closed


def opened(watching: Closed, token: str, **more: Any) -> Any:
    answer = watching.ask(token, "/incidents", "POST", {"title": "Trouble", **more})
    assert answer.status == 201, answer.json
    return answer.json


def test_an_incident_from_its_beginning_to_its_postmortem(watching: Closed) -> None:
    token = watching.token("incidents")
    made = opened(watching, token, body="We **look**.", monitors={"db": "major"}, impact="major")
    path = f"/incidents/{made['id']}"
    assert (made["status"], made["monitors"]) == ("investigating", {"db": "major"})
    assert made["updates"][0]["html"] == "<p>We <strong>look</strong>.</p>"
    added = watching.ask(token, f"{path}/updates", "POST", {"status": "identified", "body": "Found."})
    assert (added.status, added.json["status"]) == (201, "identified")
    mended = watching.ask(token, f"{path}/updates/2", "PATCH", {"body": "An index."}).json
    assert [(one["field"], one["earlier"]) for one in mended["edits"]] == [("body", "Found.")]
    headed = watching.ask(token, path, "PATCH", {"title": "Slow", "impact": "minor"}).json
    assert (headed["title"], headed["impact"]) == ("Slow", "minor")
    early = watching.ask(token, f"{path}/postmortem", "PUT", {"body": "Learnt."})
    assert (early.status, "not resolved yet" in early.json["detail"]) == (409, True)
    over = watching.ask(token, f"{path}/resolve", "POST", {"body": "Done."}).json
    assert (over["status"], over["monitors"]) == ("resolved", {"db": "operational"})
    assert watching.ask(token, f"{path}/resolve", "POST", {}).status == 409
    learnt = watching.ask(token, f"{path}/postmortem", "PUT", {"body": "Learnt."}).json
    assert learnt["postmortem_html"] == "<p>Learnt.</p>"
    assert watching.ask(token, path, "DELETE").status == 409
    assert watching.ask(token, path).json == learnt


def test_a_draft_is_published_or_discarded(watching: Closed) -> None:
    token = watching.token("incidents")
    first, second = (f"/incidents/{opened(watching, token, draft=True)['id']}" for _ in range(2))
    assert watching.ask(token, f"{first}/publish", "POST").json["draft"] is False
    assert watching.ask(token, f"{first}/publish", "POST").status == 409
    assert watching.ask(token, f"{first}/updates", "POST", {"body": "Soon.", "draft": True}).status == 201
    published = watching.ask(token, f"{first}/updates/2", "PATCH", {"publish": True}).json
    assert published["updates"][0]["draft"] is False
    assert watching.ask(token, f"{first}/updates", "POST", {"body": "Never.", "draft": True}).status == 201
    assert watching.ask(token, f"{first}/updates/3", "DELETE").status == 204
    assert watching.ask(token, f"{first}/updates/2", "DELETE").status == 409
    assert watching.ask(token, second, "DELETE").status == 204
    assert watching.ask(token, second).status == 404


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "write a title, or name a template"),
    ({"title": ""}, "title"),
    ({"title": "x", "impact": "huge"}, "impact"),
    ({"title": "x", "colour": "red"}, "colour"),
    ({"title": "x", "monitors": {"nope": "major"}}, "there is no monitor nope"),
    ({"title": "x", "monitors": {"db": "bad"}}, "monitors"),
    ({"title": "x", "pages": ["nope"]}, "there is no page nope"),
    ({"title": "x", "started_at": "2099-01-01T00:00:00Z"}, "still to come"),
    ({"title": "x", "started_at": "2026-01-01T00:00:00"}, "with its offset"),
    ({"title": "x", "started_at": 10**40}, "started_at"),
    ({"title": "x", "next_update_by": "2020-01-01T00:00:00Z"}, "write a later moment"),
    ({"title": "x", "body": "é" * 10_001}, "longer than"),
]


@pytest.mark.parametrize(("body", "words"), WRONG)
def test_what_is_wrong_is_named(watching: Closed, body: dict[str, Any], words: str) -> None:
    token = watching.token("incidents")
    answer = watching.ask(token, "/incidents", "POST", body)
    assert (answer.status, words in answer.json["detail"]) == (422, True), answer.json
    assert watching.ask(token, "/incidents").json["items"] == []


def test_what_is_not_there_is_not_found(watching: Closed) -> None:
    token = watching.token("incidents")
    path = f"/incidents/{opened(watching, token)['id']}"
    assert watching.ask(token, "/incidents/abc123").status == 404
    assert watching.ask(token, "/incidents/abc123/publish", "POST").status == 404
    assert watching.ask(token, f"{path}/updates/9", "PATCH", {"body": "x"}).status == 404
    assert watching.ask(token, "/incidents", "POST", {"template": "nope"}).status == 404


def test_templates_are_listed_and_give_the_words(watching: Closed) -> None:
    token = watching.token("incidents")
    (kept,) = watching.ask(token, "/incident-templates").json["items"]
    assert (kept["id"], kept["spec"]["title"]) == ("slow", "{monitor} is slow")
    answer = watching.ask(token, "/incidents", "POST", {"template": "slow", "monitors": {"db": "degraded"}}).json
    assert (answer["title"], answer["updates"][0]["body"]) == ("Db is slow", "Db: we look.")


def test_a_long_list_comes_in_pages_and_parts(watching: Closed) -> None:
    token = watching.token("incidents")
    ids = [opened(watching, token, started_at="2026-01-01T00:00:00Z", draft=number == 1)["id"] for number in range(3)]
    assert watching.ask(token, f"/incidents/{ids[0]}/resolve", "POST", {}).status == 200
    first = watching.ask(token, "/incidents?limit=2").json
    second = watching.ask(token, first["next"].removeprefix("/api/v1")).json
    assert [one["id"] for one in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None
    for part, number in (("resolved=true", 0), ("draft=true", 1), ("draft=false&resolved=false", 2)):
        assert [one["id"] for one in watching.ask(token, f"/incidents?{part}").json["items"]] == [ids[number]]


def test_a_reading_token_reads_and_writes_nothing(watching: Closed) -> None:
    path = f"/incidents/{opened(watching, watching.token('incidents'))['id']}"
    reading = watching.token("read")
    assert watching.ask(reading, path).status == 200
    assert watching.ask(reading, f"{path}/resolve", "POST", {}).status == 403
    assert watching.ask(None, path).status == 401

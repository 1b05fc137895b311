"""Uptime, receipts, spells and annotations over HTTP."""

from __future__ import annotations

import pytest

from tests.api.admin.conftest import Closed
from tests.uptime.test_service import judge, watch

DAY = "window=2024-11-23"


@pytest.fixture
def token(closed: Closed) -> str:
    with closed.database.begin() as session:
        watch(session, "api", "docs")
        judge(session, "api", (-9, 6, "up"), (6, 7, "down"), (7, 24, "up"))
    return closed.token("annotations")


def test_a_monitor_s_uptime_and_receipt_are_read(closed: Closed, token: str) -> None:
    reader = closed.token("read")
    one = closed.ask(reader, f"/monitors/api/uptime?{DAY}").json
    assert (one["uptime"], one["uptime_text"], one["coverage"]) == (95.83, "95.83", 100.0)
    assert one["sentence"] == "1 h down of 24 h"
    assert closed.ask(reader, f"/monitors/docs/uptime?{DAY}").json["uptime"] is None
    receipt = closed.ask(reader, f"/monitors/api/receipt?{DAY}&zone=Europe/Budapest").json
    assert receipt["zone"] == "Europe/Budapest"
    assert receipt["start"] == "2024-11-22T23:00:00.000000Z"
    assert [(piece["counted"], piece["reason"]) for piece in receipt["pieces"]] == [
        ("up", "ok"), ("down", "connect"), ("up", "ok"),
    ]  # fmt: skip
    assert receipt["formula"]["uptime_numbers"].endswith("= 95.83 %")


def test_spells_are_paged_the_newest_first(closed: Closed, token: str) -> None:
    first = closed.ask(token, "/monitors/api/spells?limit=2").json
    assert [spell["verdict"] for spell in first["items"]] == ["up", "down"]
    rest = closed.ask(token, first["next"].removeprefix("/api/v1")).json
    assert [spell["verdict"] for spell in rest["items"]] == ["up"]
    assert rest["next"] is None
    assert closed.ask(token, "/monitors/nobody/spells").status == 404


def test_an_annotation_s_life(closed: Closed, token: str) -> None:
    (down,) = (one["id"] for one in closed.ask(token, "/monitors/api/spells").json["items"] if one["verdict"] == "down")
    body = {"monitor": "api", "what": "our-side", "spell": down, "note": "our proxy"}
    made = closed.ask(token, "/annotations", "POST", body)
    assert made.status == 201, made.text
    assert made.json["by"].startswith("token:")
    assert closed.ask(token, f"/monitors/api/uptime?{DAY}").json["uptime_text"] == "100.00"
    assert closed.ask(token, "/annotations?monitor=api").json["items"] == [made.json]
    assert closed.ask(token, f"/annotations/{made.json['id']}", "DELETE").status == 204
    assert closed.ask(token, f"/annotations/{made.json['id']}", "DELETE").status == 409
    assert closed.ask(token, f"/monitors/api/uptime?{DAY}").json["uptime_text"] == "95.83"
    assert closed.ask(token, "/annotations").json["items"] == []
    (kept,) = closed.ask(token, "/annotations?withdrawn=true").json["items"]
    assert kept["withdrawn_at"]
    timed = {"monitor": "api", "what": "maintenance", "from": "2024-11-23T06:30", "to": "2024-11-23T08:00Z"}
    assert closed.ask(token, "/annotations", "POST", timed).json["start"] == "2024-11-23T06:30:00.000000Z"


def test_who_may_only_read_annotates_nothing(closed: Closed, token: str) -> None:
    reader, other = closed.token("read"), closed.token("monitors")
    body = {"monitor": "api", "what": "our-side", "from": "2024-11-23"}
    assert closed.ask(reader, "/annotations").status == 200
    assert closed.ask(reader, "/annotations", "POST", body).status == 403
    assert closed.ask(other, "/annotations", "POST", body).status == 403
    assert closed.ask(None, "/annotations").status == 401


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/monitors/api/uptime?window=soon", "30d"),
        ("/monitors/api/uptime?from=2024-11-24&to=2024-11-23", "later end"),
        ("/monitors/api/receipt?window=1d&from=2024-11-23", "either"),
        ("/monitors/api/receipt?zone=Europe/Budapst", "Europe/Budapest"),
        ("/monitors/api/receipt?from=9999-12-31T23:59:59-23:59", "year"),
        ("/monitors/api/receipt?from=2024-11-23&to=0001-01-01T00:00:00%2B23:59", "year"),
    ],
)
def test_a_window_that_is_none_is_refused(closed: Closed, token: str, path: str, word: str) -> None:
    answer = closed.ask(token, path)
    assert answer.status == 422
    assert word in answer.json["detail"]


@pytest.mark.parametrize(
    "more",
    [{}, {"spell": 1, "from": "2024-11-23"}, {"spell": 1, "to": "2024-11-23"}, {"from": "2100-01-01"},
     {"from": "2024-11-23", "note": "x" * 2_001}, {"spell": 1, "else": 1}],
)  # fmt: skip
def test_an_odd_annotation_is_refused(closed: Closed, token: str, more: dict[str, object]) -> None:
    assert closed.ask(token, "/annotations", "POST", {"monitor": "api", "what": "our-side", **more}).status == 422

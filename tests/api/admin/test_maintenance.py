"""`/api/v1/maintenance`: announced, begun, changed, ended and taken back over HTTP, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from signalbox.checks.http import HttpCheck
from signalbox.db.configured import add
from signalbox.monitors import service as monitors
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec
from tests.api.admin.conftest import Closed

WEEKLY: dict[str, Any] = {
    "title": "Backup", "monitors": ["db"], "start": "2026-01-04 02:30", "for": "1h", "rrule": "FREQ=WEEKLY",
    "timezone": "Europe/Budapest",
}  # fmt: skip


@pytest.fixture
def watching(closed: Closed) -> Closed:
    """The API of an installation that watches `db`."""
    spec = MonitorSpec(id="db", name="db", check=HttpCheck(url="https://example.com"))
    with closed.database.begin() as session:
        add(session, MonitorRow, "db", spec, columns=monitors.columns(spec), now=1)
    return closed


def test_work_that_begins_now_is_made_longer_and_ended(watching: Closed) -> None:
    token = watching.token("maintenance")
    wanted = {"for": "30m", "monitors": ["db"], "title": "Repairs", "expected": "down"}
    began = watching.ask(token, "/maintenance/start", "POST", wanted)
    assert began.status == 201
    made = began.json
    assert (made["id"], made["state"], made["spec"]["expected"]) == ("repairs", "running", "down")
    longer = watching.ask(token, "/maintenance/repairs/extend", "POST", {"for": "1h"}).json
    assert longer["window"]["end"] > longer["window"]["planned"] == made["window"]["end"]
    ended = watching.ask(token, "/maintenance/repairs/end", "POST")
    assert (ended.status, ended.json["state"], ended.json["window"]) == (200, "over", None)
    again = watching.ask(token, "/maintenance/repairs/end", "POST")
    assert (again.status, "not under way" in again.json["detail"]) == (409, True)
    assert watching.ask(token, "/maintenance").json["items"] == []
    assert len(watching.ask(token, "/maintenance?over=true").json["items"]) == 1


def test_what_is_announced_is_read_changed_and_taken_back(watching: Closed) -> None:
    token = watching.token("maintenance")
    made = watching.ask(token, "/maintenance", "POST", WEEKLY)
    assert made.status == 201
    assert watching.ask(token, "/maintenance", "POST", WEEKLY).status == 409
    spec = watching.ask(token, "/maintenance/backup").json["spec"]
    assert (spec["for"], spec["rrule"]) == (3_600.0, "FREQ=WEEKLY")
    changed = watching.ask(token, "/maintenance/backup", "PUT", {**spec, "for": "2h"})
    assert (changed.status, changed.json["spec"]["for"]) == (200, 7_200.0)
    windows = watching.ask(token, "/maintenance/backup/windows").json
    assert (len(windows), set(windows[0])) == (10, {"start", "end", "marks"})
    assert watching.ask(token, "/maintenance/backup", "DELETE").status == 204
    assert watching.ask(token, "/maintenance/backup").status == 404


def test_a_schedule_is_looked_at_before_it_is_announced(watching: Closed) -> None:
    token = watching.token("maintenance")
    wanted = {"start": "2099-03-28 02:30", "for": "1h", "rrule": "FREQ=DAILY;COUNT=3", "timezone": "Europe/Budapest"}
    found = watching.ask(token, "/maintenance/preview", "POST", wanted).json
    assert [one["marks"] for one in found] == [[], ["moved", "shifted"], []]
    refused = watching.ask(token, "/maintenance/preview", "POST", {**wanted, "rrule": "FREQ=MINUTELY"})
    assert (refused.status, "rrule: windows come hourly at most" in refused.json["detail"]) == (422, True)


def test_a_long_list_comes_in_pages(watching: Closed) -> None:
    token = watching.token("maintenance")
    for number in range(3):
        assert watching.ask(token, "/maintenance", "POST", {**WEEKLY, "title": f"Backup {number}"}).status == 201
    first = watching.ask(token, "/maintenance?limit=2").json
    second = watching.ask(token, first["next"].removeprefix("/api/v1")).json
    assert [one["id"] for one in first["items"] + second["items"]] == ["backup-0", "backup-1", "backup-2"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**WEEKLY, "monitors": ["dbb"]}, 'there is no monitor "dbb"; did you mean "db"?'),
        ({**WEEKLY, "pages": ["none"]}, 'there is no page "none"'),
        ({**WEEKLY, "rrule": "FREQ=DAILY;UNTIL=20200101"}, "this never happens"),
        ({**WEEKLY, "for": None}, "does not say how long a window is"),
        ({**WEEKLY, "colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_said(watching: Closed, body: dict[str, Any], words: str) -> None:
    answer = watching.ask(watching.token("maintenance"), "/maintenance", "POST", body)
    assert (answer.status, words in answer.json["detail"]) == (422, True)


def test_who_may_read_may_not_announce(watching: Closed) -> None:
    token = watching.token("read")
    assert watching.ask(token, "/maintenance").status == 200
    assert watching.ask(token, "/maintenance", "POST", WEEKLY).status == 403
    assert watching.ask(token, "/maintenance/start", "POST", {"for": "1h", "all": True}).status == 403
    assert watching.ask(None, "/maintenance").status == 401

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from signalbox.clock import MICROS
from signalbox.pages.document import State
from signalbox.pages.state import Service, group_state, headline, item_state, stale_after
from signalbox.signals import Verdict
from tests.pages.examples import NOW

CASES = json.loads((Path(__file__).parent / "headline.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["when"] for case in CASES])
def test_the_banner_says_what_the_table_says(case: dict[str, Any]) -> None:
    services = [_service(*service) for service in case["services"]]
    stale = stale_after(every for *_, every in case["services"])
    assert headline(services, stale, NOW).model_dump(mode="json") == case["says"]


def _service(name: str, verdicts: str | None, age: int | None, every: int) -> Service:
    newest = None if age is None else NOW - age * MICROS
    seen = [Verdict(verdict) for verdict in verdicts.split("+")] if verdicts else []
    return Service(name, item_state(seen, newest, every, NOW), newest)


def test_every_code_of_the_banner_occurs_in_the_table() -> None:
    codes = {case["says"]["code"] for case in CASES}
    assert codes == {"empty", "waiting", "stale", "major-all", "major", "partial", "degraded", "operational"}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([], State.NO_DATA),
        ([State.OPERATIONAL, State.OPERATIONAL], State.OPERATIONAL),
        ([State.OPERATIONAL, State.NO_DATA], State.NO_DATA),
        ([State.OPERATIONAL, State.DEGRADED, State.NO_DATA], State.DEGRADED),
        ([State.OPERATIONAL, State.MAJOR], State.PARTIAL),
        ([State.MAJOR, State.NO_DATA], State.PARTIAL),
        ([State.MAJOR, State.MAJOR], State.MAJOR),
    ],
)
def test_a_group_is_as_bad_as_its_worst_member_and_partial_when_only_some_are_down(
    members: list[State], expected: State
) -> None:
    assert group_state(members) is expected


def test_nothing_is_stale_within_three_minutes_however_fast_it_is_checked() -> None:
    assert [stale_after([]), stale_after([1, 60]), stale_after([90]), stale_after([300, 3600])] == [180, 180, 270, 900]

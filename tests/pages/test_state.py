from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from signalbox.clock import MICROS
from signalbox.pages.document import Headline, State
from signalbox.pages.state import Service, Told, group_state, headline, shown, stale_after
from signalbox.signals import Verdict
from tests.pages.examples import NOW

CASES = json.loads((Path(__file__).parent / "headline.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["when"] for case in CASES])
def test_the_banner_says_what_the_table_says(case: dict[str, Any]) -> None:
    services = [_service(*service) for service in case["services"]]
    stale = stale_after(every for *_, every in case["services"])
    assert headline(services, stale, NOW).model_dump(mode="json", exclude_none=True) == case["says"]


def _service(name: str, verdicts: str | None, age: int | None, every: int) -> Service:
    newest = None if age is None else NOW - age * MICROS
    seen = [Verdict(verdict) for verdict in verdicts.split("+")] if verdicts else []
    return Service(name, shown(seen, newest, every, NOW).state, newest)


def test_every_code_of_the_banner_occurs_in_the_table() -> None:
    codes = {case["says"]["code"] for case in CASES} | {"paused", "incident", "maintenance"}  # these are below
    assert codes == set(get_args(Headline.model_fields["code"].annotation))


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


UP, DOWN, UNKNOWN = Verdict.UP, Verdict.DOWN, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("verdicts", "told", "state", "checking"),
    [
        ([DOWN], Told(verdict=UP), State.OPERATIONAL, True),  # one failure is none
        ([UP], Told(verdict=DOWN), State.MAJOR, False),  # nor is one answer a recovery
        ([UP, DOWN], Told(verdict=DOWN, partly=True), State.PARTIAL, False),
        ([UNKNOWN], Told(verdict=UNKNOWN), State.NO_DATA, False),
        ([UP], Told(verdict=Verdict.DEGRADED), State.DEGRADED, False),
        ([UP], Told(verdict=UP, paused=True), State.NO_DATA, False),
        ([UP], Told(verdict=UP, work=True), State.MAINTENANCE, False),
        ([DOWN], Told(verdict=DOWN, work=True), State.MAJOR, False),
        ([DOWN], Told(verdict=DOWN, work=True, expected_down=True), State.MAINTENANCE, False),
        ([UP], Told(verdict=UP, impact=State.PARTIAL), State.PARTIAL, False),
        ([DOWN], Told(verdict=DOWN, impact=State.DEGRADED), State.MAJOR, False),
        ([UP], Told(verdict=UP, work=True, impact=State.MAJOR), State.MAJOR, False),
        ([DOWN], Told(), State.MAJOR, False),  # nobody judges: taken by its signals
        ([DOWN], Told(judged=True), State.NO_DATA, True),  # the first failure of a new one
        ([UP], Told(judged=True), State.OPERATIONAL, False),
        ([], Told(judged=True), State.NO_DATA, False),
        ([UP], Told(verdict=UP, behind=True), State.OPERATIONAL, False),  # what was confirmed is what is seen
        ([DOWN], Told(verdict=DOWN, behind=True), State.MAJOR, False),
        ([DOWN], Told(verdict=UP, behind=True), State.NO_DATA, False),  # and here nobody can tell
        ([UP], Told(verdict=DOWN, behind=True), State.NO_DATA, False),
        ([], Told(verdict=UP, behind=True), State.NO_DATA, False),
    ],
)
def test_a_monitors_state_is_what_was_confirmed_and_announced(
    verdicts: list[Verdict], told: Told, state: State, checking: bool
) -> None:
    found = shown(verdicts, NOW - MICROS, 60, NOW, told)
    assert (found.state, found.checking) == (state, checking)


def test_old_data_confirm_nothing_whatever_stands() -> None:
    found = shown([UP], NOW - 181 * MICROS, 60, NOW, Told(verdict=UP))
    assert (found.state, found.quiet) == (State.NO_DATA, True)


def services(*states: State) -> list[Service]:
    """One service for each of these, seen just now."""
    return [Service(f"s{number}", state, NOW) for number, state in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "incidents", "code", "affected"),
    [
        ([State.OPERATIONAL] * 2, ["Odd things"], "incident", 1),
        ([State.OPERATIONAL, State.MAINTENANCE], [], "maintenance", 1),
        ([State.OPERATIONAL, State.MAINTENANCE], ["Odd things"], "incident", 1),
        ([State.MAJOR, State.MAINTENANCE], [], "major-all", 1),  # what is worked on does not count
        ([State.MAJOR, State.OPERATIONAL, State.MAINTENANCE], ["Odd things"], "major", 1),
        ([State.NO_DATA, State.MAINTENANCE], [], "stale", 0),
    ],
)
def test_the_banner_counts_incidents_and_leaves_maintenance_out(
    states: list[State], incidents: list[str], code: str, affected: int
) -> None:
    said = headline(services(*states), 180, NOW, incidents)
    assert (said.code, said.affected) == (code, affected)
    assert said.state is not State.OPERATIONAL


def test_a_page_where_nothing_is_asked_says_so() -> None:
    said = headline([Service("s", State.NO_DATA, NOW, paused=True)], 180, NOW)
    assert (said.code, said.state) == ("paused", State.NO_DATA)

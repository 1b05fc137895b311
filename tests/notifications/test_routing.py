"""Who is told, and when: by tag, group, monitor, severity and the clock on the wall."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from signalbox.clock import MICROS, to_micros
from signalbox.notifications.notices import Kind, Severity
from signalbox.notifications.routes import RouteSpec, parse_hours
from signalbox.notifications.routing import Telling, is_within, tellings
from tests.notifications.office import START, down, notice

CHANNELS = {"ops": "ops-key", "boss": "boss-key", "chat": "chat-key"}
MINUTE = 60 * MICROS


def route(**spec: Any) -> RouteSpec:
    return RouteSpec.model_validate({"id": "r", "to": ["ops"], **spec})


def heard(*routes: RouteSpec, one: Any = None, **more: Any) -> dict[str, Telling]:
    return tellings(one or down(), routes, CHANNELS, START, **more)


def at(text: str, zone: str = "Europe/Budapest") -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def test_without_routes_every_channel_is_told_at_once() -> None:
    assert heard() == dict.fromkeys(CHANNELS.values(), Telling(0, 0, None))


def test_with_routes_nobody_hears_what_no_route_is_for() -> None:
    assert heard(route(match={"tags": ["public"]})) == {}


@pytest.mark.parametrize(
    ("match", "does"),
    [
        ({}, True),
        ({"tags": ["public", "x"]}, True),
        ({"tags": ["x"]}, False),
        ({"groups": ["Backend"]}, True),
        ({"groups": ["Front"]}, False),
        ({"monitors": ["db-id"]}, True),
        ({"monitors": ["db"]}, False),  # its key, which nobody writes
        ({"severities": ["down"]}, True),
        ({"severities": ["degraded", "info"]}, False),
        ({"tags": ["public"], "groups": ["Front"]}, False),
        ({"hours": "mon-fri 08:00-09:00"}, True),
        ({"hours": "mon-fri 09:00-10:00"}, False),
        ({"hours": "09:00-10:00", "timezone": "Europe/Budapest"}, True),
        ({"hours": "sat,sun 00:00-24:00"}, False),
    ],
)
def test_a_route_is_for_what_it_matches(match: dict[str, Any], does: bool) -> None:
    one = down(tags=("public",), group="Backend")
    assert bool(heard(route(match=match), one=one, monitor="db-id")) is does


def test_what_is_for_operators_goes_where_info_goes() -> None:
    one = notice(Kind.OFFLINE, severity=Severity.INFO)
    routes = (route(match={"severities": ["down"]}), route(to=["chat"], match={"severities": ["info"]}))
    assert list(heard(*routes, one=one)) == ["chat-key"]


def test_delay_and_steps_add_up() -> None:
    steps = [{"after": "10m", "to": ["boss"]}, {"after": "1h", "to": ["chat", "ops"]}]
    assert heard(route(delay="5m", steps=steps, repeat="30m")) == {
        "ops-key": Telling(5 * MINUTE, 0, 30 * MINUTE),
        "boss-key": Telling(15 * MINUTE, 1, 30 * MINUTE),
        "chat-key": Telling(65 * MINUTE, 2, 30 * MINUTE),
    }


def test_a_channel_of_two_routes_is_told_once_and_as_soon_as_either_says() -> None:
    assert heard(route(delay="5m", repeat="1h"), route(repeat="2h")) == {"ops-key": Telling(0, 0, 60 * MINUTE)}


def test_a_route_that_stops_is_the_last() -> None:
    routes = (route(match={"severities": ["info"]}, stop=True), route(stop=True), route(to=["boss"]))
    assert list(heard(*routes)) == ["ops-key"]


def test_nobody_is_reminded_of_what_does_not_last_or_is_looked_after() -> None:
    one = route(repeat="1h", steps=[{"after": "1m", "to": ["boss"]}])
    assert heard(one, one=notice(Kind.FLAPPING))["ops-key"].repeat is None
    assert heard(one, acknowledged=True) == {"ops-key": Telling(0, 0, None)}


def test_a_channel_that_is_not_there_is_passed_over() -> None:
    assert list(heard(route(to=["gone", "boss"]))) == ["boss-key"]


@pytest.mark.parametrize(
    ("hours", "moment", "within"),
    [
        ("22:00-06:00", "2026-11-24T23:00", True),
        ("22:00-06:00", "2026-11-24T05:59", True),
        ("22:00-06:00", "2026-11-24T06:00", False),
        ("fri 22:00-06:00", "2026-11-28T05:00", True),  # Saturday morning is Friday's night
        ("fri 22:00-06:00", "2026-11-27T05:00", False),
        ("sun 22:00-06:00", "2026-11-30T01:00", True),
        ("sat-mon 10:00-11:00", "2026-11-29T10:30", True),
        ("sat-mon 10:00-11:00", "2026-12-01T10:30", False),
        ("18:00-00:00", "2026-11-24T23:59", True),
        ("00:00-24:00", "2026-11-24T23:59", True),
        ("mon-fri 09:00-17:00", "2026-03-30T09:00", True),  # the clocks have just changed
        ("mon-fri 09:00-17:00", "2026-03-30T08:59", False),
    ],
)
def test_hours_are_those_of_the_zone(hours: str, moment: str, within: bool) -> None:
    assert is_within(hours, "Europe/Budapest", at(moment)) is within


@given(st.integers(0, 2**33), st.sampled_from(["UTC", "Australia/Lord_Howe", "America/St_Johns"]))
def test_day_and_night_leave_no_gap_and_do_not_overlap(second: int, zone: str) -> None:
    now = second * MICROS
    assert is_within("09:00-17:30", zone, now) is not is_within("17:30-09:00", zone, now)


@pytest.mark.parametrize(
    "text", ["", "9-17", "09:00", "25:00-26:00", "09:60-10:00", "mo 09:00-10:00", "09:00-09:00", "24:00-01:00"]
)
def test_hours_that_are_none_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write days and times such as"):
        parse_hours(text)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"match": {"hours": "nine to five"}}, "write days and times such as"),
        ({"match": {"timezone": "Europe/Budapst"}}, "did you mean"),
        ({"match": {"severity": "down"}}, "Extra inputs"),
        ({"to": []}, "at least 1 item"),
        ({"repeat": "5s"}, "at most once a minute"),
        ({"delay": "30d"}, "longer than a week"),
        ({"steps": [{"after": "1m"}]}, "Field required"),
    ],
)
def test_a_route_that_makes_no_sense_is_refused(spec: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        route(**spec)

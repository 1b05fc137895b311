"""Expectations on an answer: how they are written, what holds, and what is told when one does not."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from signalbox.checks.conditions import ABSENT, Condition, Expected
from signalbox.checks.evidence import Evidence, worst
from signalbox.checks.expectations import Expectations, Seen
from signalbox.clock import MICROS
from signalbox.signals import Reason, Verdict

NOW = 1_800_000_000 * MICROS
DOCUMENT = {
    "status": "ok",
    "queue": 7,
    "ready": True,
    "parts": [{"name": "db", "up": True}, {"name": "mq", "up": False}],
}
PAGE = "<html><h1> Welcome </h1><p class=error>no seats</p><b>12.50</b></html>"


def seen(body: object = b"", **more: Any) -> Seen:
    """An answer as a test wants it."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    given = {"status": 200, "total": 120.0, "url": "https://example.com/", "headers": {}, "now": NOW, **more}
    return Seen(body=data, **given)


def told(written: dict[str, Any], answer: Seen) -> tuple[Verdict, Reason, str] | None:
    """What does not hold of an answer."""
    return worst(Expectations.model_validate(written).judge(answer))


@pytest.mark.parametrize(
    ("written", "status", "holds"),
    [
        ({}, 200, True), ({}, 399, True), ({}, 400, False), ({}, 199, False),
        ({"status": 401}, 401, True), ({"status": 401}, 200, False),
        ({"status": "200-299,401"}, 401, True), ({"status": "200-299,401"}, 302, False),
        ({"status": [503, "200 - 204"]}, 503, True), ({"status": [503, "200 - 204"]}, 205, False),
    ],
)  # fmt: skip
def test_a_status_is_up_when_it_is_among_those_written(written: dict[str, Any], status: int, holds: bool) -> None:
    problem = told(written, seen(status=status))
    assert (problem is None) is holds
    if problem is not None:
        assert problem[:2] == (Verdict.DOWN, Reason.STATUS)
        assert str(status) in problem[2]


@pytest.mark.parametrize("status", ["", "20", "600", "299-200", "2xx", "200;300", True, {}])
def test_what_is_not_a_status_is_refused(status: object) -> None:
    with pytest.raises(ValidationError):
        Expectations.model_validate({"status": status})


@pytest.mark.parametrize(
    ("path", "wanted", "holds"),
    [
        ("$.status", "ok", True), ("$.status", "OK", False), ("$.status", {"one_of": ["ok", "fine"]}, True),
        ("$.queue", {"below": 8, "above": 6}, True), ("$.queue", {"below": 7}, False), ("$.queue", 7, True),
        ("$.queue", "7", False), ("$.queue", {"at_least": 7, "at_most": 7}, True), ("$.ready", True, True),
        ("$.ready", 1, False), ("$.parts", {"least_length": 2, "most_length": 2}, True), 
        ("$.parts[*].name", "mq", True),
        ("$.parts[?@.up==false]", {"exists": False}, False), ("$.nothing", {"exists": False}, True),
        ("$.nothing", {"exists": True}, False), ("$.nothing", "ok", False), ("$.status", {"matches": "^o.$"}, True),
        ("$.status", {"lacks": "ok"}, False), ("$.parts[*].name", {"lacks": "q"}, False), 
        ("$..name", {"contains": "d"}, True),
        ("$.nothing", None, False),
    ],
)  # fmt: skip
def test_a_json_path_holds(path: str, wanted: object, holds: bool) -> None:
    problem = told({"jsonpath": {path: wanted}}, seen(DOCUMENT))
    assert (problem is None) is holds
    if problem is not None:
        assert problem[:2] == (Verdict.DOWN, Reason.ASSERTION)
        assert path in problem[2]


@pytest.mark.parametrize(
    ("selector", "wanted", "holds"),
    [
        ("h1", "Welcome", True), ("h1", {"contains": "come"}, True), (".error", {"exists": False}, False),
        (".fatal", {"exists": False}, True), ("b", {"above": 12, "below": 13}, True), ("h2", "x", False),
    ],
)  # fmt: skip
def test_a_selector_holds(selector: str, wanted: object, holds: bool) -> None:
    assert (told({"html": {selector: wanted}}, seen(PAGE)) is None) is holds


def test_headers_are_found_whatever_their_case() -> None:
    answer = seen(headers={"content-type": "application/json", "x-age": "12"})
    assert told({"headers": {"Content-Type": {"matches": "json$"}, "X-Age": {"below": 13}}}, answer) is None
    assert told({"headers": {"Server": {"exists": False}}}, answer) is None
    missing = told({"headers": {"Server": {"exists": True}}}, answer)
    assert missing is not None
    assert missing[2] == "header Server was expected to be there, and it is not"


def test_texts_and_patterns_of_the_body() -> None:
    assert (
        told({"body": {"contains": ["seats", "Welcome"], "lacks": "fatal", "matches": "[0-9]+\\.50"}}, seen(PAGE))
        is None
    )
    assert told({"body": {"lacks": "seats"}}, seen(PAGE)) is not None
    assert told({"body": {"matches": "^seats$"}}, seen(PAGE)) is not None
    assert told({"size": {"least": 10, "most": 20}}, seen(b"123456789")) is not None
    assert told({"size": {"least": 9, "most": 9}}, seen(b"123456789")) is None


def test_slow_is_degraded_and_very_slow_is_down() -> None:
    written = {"latency": {"degraded": "500ms", "down": "3s"}}
    assert told(written, seen(total=499.0)) is None
    slow, dead = told(written, seen(total=812.0)), told(written, seen(total=4_000.0))
    assert slow is not None
    assert dead is not None
    assert slow == (Verdict.DEGRADED, Reason.SLOW, "time was expected to be at most 500 ms, but it is 812 ms")
    assert dead[:2] == (Verdict.DOWN, Reason.SLOW)


def test_a_certificate_must_last() -> None:
    assert told({"certificate": "14d"}, seen(certificate_expires=NOW + 15 * 86_400 * MICROS)) is None
    soon = told({"certificate": "14d"}, seen(certificate_expires=NOW + 3 * 86_400 * MICROS))
    assert soon == (
        Verdict.DOWN, Reason.CERTIFICATE, "certificate was expected to be valid for 14d, but it is 3.0 days"
    )  # fmt: skip
    assert told({"certificate": "14d"}, seen()) is not None


def test_where_the_answer_came_from() -> None:
    assert told({"url": {"matches": "^https://example\\.com/"}}, seen()) is None
    assert told({"url": "https://login.example.com/"}, seen()) is not None


def test_no_message_tells_what_a_server_said_but_the_evidence_does() -> None:
    assertions = Expectations.model_validate({"body": {"contains": "fine"}}).judge(seen(b"hunter2 leaked"))
    problem, evidence = worst(assertions), Evidence()
    evidence.assertions(assertions)
    assert problem is not None
    assert "hunter2" not in problem[2]
    assert "hunter2 leaked" in evidence[0].text


def test_the_worst_is_told_and_the_others_are_counted() -> None:
    written = {"latency": {"degraded": "1ms"}, "body": {"contains": ["a", "b"]}}
    problem = told(written, seen(b"c"))
    assert problem is not None
    assert problem[:2] == (Verdict.DOWN, Reason.ASSERTION)
    assert problem[2].endswith("(2 more did not hold)")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"body": {"matches": "(a"}}, "not a pattern of RE2: missing )"),
        ({"body": {"matches": "(?=x)"}}, "not a pattern of RE2"),
        ({"jsonpath": {"$.[": 1}}, "not a JSONPath"),
        ({"jsonpath": {"$..a..b": 1}}, "one  .."),
        ({"jsonpath": {"$[?match(@.a, 'x')]": 1}}, "not a JSONPath"),
        ({"html": {"h1[": "x"}}, "not a CSS selector"),
        ({"headers": {"A B": "x"}}, "String should match pattern"),
        ({"jsonpath": {"$.a": {}}}, "says nothing"),
        ({"jsonpath": {"$.a": {"exists": False, "equals": 1}}}, "stands alone"),
        ({"latency": {"degraded": "3s", "down": "1s"}}, "degraded has to be less"),
        ({"latency": {"down": "0s"}}, "greater than 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_expected_is_refused(written: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("(", "\\(").replace(")", "\\)").replace(".", "\\.")):
        Expectations.model_validate(written)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000, b'{"a":' * 50_000, b"9" * 500_000, b"\xff" * 1_000_000, b"a" * 1_000_000,
        b"<div>" * 150_000, b"<div>" * 900 + b"<i></i>" * 130_000, b'{"a": [' + b"1," * 300_000 + b"1]}", b"",
    ],
    ids=["deep list", "deep mapping", "huge number", "no text", "one letter", "deep page", "wide page", "long list",
         "nothing"],
)  # fmt: skip
def test_a_hostile_body_takes_little_time(body: bytes) -> None:
    written = {
        "body": {"matches": "(a+)+$", "contains": "b"}, 
        "jsonpath": {"$..a": 1, "$.a[*]": 2}, "html": {"div div p": "x"},
    }  # fmt: skip
    expectations, start = Expectations.model_validate(written), time.process_time()
    assert told(written, seen(body)) is not None
    assert worst(expectations.judge(seen(body))) is not None
    assert time.process_time() - start < 20.0


def test_a_specification_survives_being_kept() -> None:
    written = {
        "status": "200-204", "latency": {"degraded": "1s"}, "jsonpath": {"$.a": {"equals": None}, "$.b": 3},
        "html": {"h1": "Hi"}, "headers": {"X-A": {"exists": True}}, "url": "https://example.com/",
    }  # fmt: skip
    once = Expectations.model_validate(written)
    again = Expectations.model_validate(json.loads(json.dumps(once.model_dump())))  # as a specification is kept
    assert again == once
    assert again.judge(seen(b'{"a": null, "b": 3}')) == once.judge(seen(b'{"a": null, "b": 3}'))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"above": 0}, 3), ({"contains": "json"}, "application/json"), ({"exists": True}, "x"),
        ({"equals": None}, None),
        ({"exists": False}, ABSENT), ({"one_of": ["a", None]}, None), ("ok", "ok"),
    ],
)  # fmt: skip
def test_a_condition_that_is_kept_and_read_again_holds_as_before(written: object, value: Any) -> None:
    condition = TypeAdapter(Expected).validate_python(written)
    kept = json.loads(json.dumps(condition.model_dump()))
    again = TypeAdapter(Expected).validate_python(kept)
    assert list(again.held(value)) == list(condition.held(value))
    assert all(held.passed for held in again.held(value))


def test_what_is_null_is_no_condition_but_for_equals() -> None:
    condition = Condition.model_validate({"exists": None, "above": None, "one_of": [], "below": 3})
    assert list(condition.held(2)) == [("below 3", True)]
    with pytest.raises(ValidationError, match="says nothing"):
        Condition.model_validate({"above": None})

"""An HTTP check with expectations, against a real server: what holds is up, what does not is told with what came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tests.checks.asking import MakeProbe, asked, check_of, said
from tests.servers.hostile import END, OK, Server, Visit

DOCUMENT = json.dumps({"status": "ok", "queue": {"length": 7}}).encode()
JSON = OK + b"Content-Type: application/json\r\nX-Version: 12\r\nContent-Length: %d\r\n" % len(DOCUMENT) + END


def _healthy(visit: Visit) -> None:
    head = visit.request()
    path = head.split(b" ")[1]
    if path == b"/moved":
        visit.send(b"HTTP/1.1 302 Found\r\nLocation: /health\r\nContent-Length: 0\r\n" + END)
    elif path == b"/slow":
        visit.pause(0.3)
        visit.send(JSON + DOCUMENT)
    elif path == b"/locked":
        visit.send(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n" + END)
    elif path == b"/no-head" and head.startswith(b"HEAD"):
        visit.send(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n" + END)
    else:
        visit.send(JSON + (b"" if head.startswith(b"HEAD") else DOCUMENT))


@pytest.mark.parametrize(
    ("path", "expect"),
    [
        ("/health", {"status": "200", "jsonpath": {"$.status": "ok", "$.queue.length": {"below": 8}}}),
        ("/health", {"headers": {"content-type": {"contains": "json"}, "X-Version": {"at_least": 12}}}),
        ("/health", {"body": {"contains": "queue", "lacks": "error"}, "size": {"least": 10, "most": 1000}}),
        ("/moved", {"url": {"matches": "/health$"}, "latency": {"down": "5s"}}),
        ("/locked", {"status": 401}),
    ],
)
async def test_what_holds_is_up(make_probe: MakeProbe, path: str, expect: dict[str, Any]) -> None:
    with Server(_healthy) as server:
        outcome = await asked(
            make_probe(), kind="http", url=f"http://127.0.0.1:{server.port}{path}", method="GET", expect=expect
        )
    assert said(outcome) == ("up", "ok"), outcome
    assert outcome.assertions
    assert all(one.passed for one in outcome.assertions)


@pytest.mark.parametrize(
    ("path", "expect", "verdict", "words"),
    [
        ("/health", {"status": "204"}, ("down", "status"), "status was expected to be 204, but it is 200"),
        (
            "/health",
            {"jsonpath": {"$.queue.length": {"above": 7}}},
            ("down", "assertion"),
            "$.queue.length was expected",
        ),
        ("/health", {"body": {"contains": "fine"}}, ("down", "assertion"), 'body was expected to be containing "fine"'),
        ("/health", {"headers": {"x-version": {"below": 12}}}, ("down", "assertion"), "header x-version"),
        ("/slow", {"latency": {"degraded": "100ms"}}, ("degraded", "slow"), "time was expected to be at most 100 ms"),
        ("/slow", {"latency": {"down": "100ms"}}, ("down", "slow"), "at most 100 ms"),
    ],
)
async def test_what_does_not_hold_is_told(
    make_probe: MakeProbe, path: str, expect: dict[str, Any], verdict: tuple[str, str], words: str
) -> None:
    with Server(_healthy) as server:
        url = f"http://127.0.0.1:{server.port}{path}"
        outcome = await asked(make_probe(), kind="http", url=url, method="GET", expect=expect)
    assert said(outcome) == verdict, outcome
    assert words in outcome.message
    assert outcome.evidence is not None
    assert "expected" in outcome.evidence[-1].text


async def test_a_head_that_is_refused_is_no_reason_to_get_when_the_refusal_is_expected(make_probe: MakeProbe) -> None:
    with Server(_healthy) as server:
        url = f"http://127.0.0.1:{server.port}/no-head"
        assert said(await asked(make_probe(), kind="http", url=url, expect={"status": 405})) == ("up", "ok")
        assert len(server.requests) == 1
        assert said(await asked(make_probe(), kind="http", url=url, expect={"status": 200})) == ("up", "ok")
        assert len(server.requests) == 3


async def test_headers_are_seen_of_a_head(make_probe: MakeProbe) -> None:
    with Server(_healthy) as server:
        url = f"http://127.0.0.1:{server.port}/health"
        outcome = await asked(make_probe(), kind="http", url=url, expect={"headers": {"x-version": "12"}})
    assert said(outcome) == ("up", "ok"), outcome


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "https://a.example", "expect": {"body": {"contains": "x"}}}, "method: GET"),
        ({"url": "https://a.example", "expect": {"jsonpath": {"$.a": 1}}}, "method: GET"),
        ({"url": "http://a.example", "expect": {"certificate": "14d"}}, "https:// only"),
        ({"url": "http://a.example", "expect": {"colour": 1}}, "Extra inputs"),
    ],
)
def test_what_cannot_be_seen_cannot_be_expected(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        check_of(kind="http", **options)

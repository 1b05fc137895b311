from __future__ import annotations

import asyncio
import json
import resource
import socket
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from signalbox import clock
from signalbox.api import events
from signalbox.api.app import app_of
from signalbox.api.events import Streams
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, site_over
from tests.api.serving import Client, serving
from tests.api.streams import Stream
from tests.pages.examples import monitor, seen
from tests.servers.process import await_condition

API, WEB = monitor("api"), monitor("web")


class Live:
    """A served site whose signals the test decides."""

    def __init__(self, client: Client, app: FastAPI, window: Window) -> None:
        self.client, self.app, self.window = client, app, window

    @property
    def open(self) -> int:
        """Streams that are open."""
        return int(self.app.state.streams.open)

    def say(self, verdict: Verdict) -> None:
        """Both monitors report, now."""
        now = clock.now()
        self.window.add([seen(one, now, verdict) for one in (API, WEB)])

    def follow(self, path: str = "/api/events", headers: str = "") -> Stream:
        return Stream(self.client.port, path, headers)


@contextmanager
def lively(build: Path) -> Iterator[Live]:
    window = Window([API, WEB], PAGES)
    window.add([seen(one, clock.now()) for one in (API, WEB)])
    site = site_over(MemoryStore(), window, build)
    app = app_of(site, build)
    with serving(app) as client:
        yield Live(client, app, window)
    site.publication.close()


@pytest.fixture
def live(build: Path) -> Iterator[Live]:
    with lively(build) as found:
        yield found


def test_who_comes_is_told_how_things_stand_and_what_time_it_is(live: Live) -> None:
    with live.follow() as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["x-content-type-options"] == "nosniff"
        assert stream.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert stream.block().startswith("retry: ")
        hello = stream.event()
        assert hello.kind == "hello"
        assert abs(hello.data["at"] - clock.now() / 1_000) < 10_000
        assert hello.data["changed"] <= hello.data["at"]
        assert hello.id.startswith(hello.data["essence"])


def test_a_change_is_announced_within_seconds_and_the_document_named_after_it_has_it(live: Live) -> None:
    with live.follow() as stream:
        first = stream.event("hello").data["essence"]
        start = time.monotonic()
        live.say(Verdict.DOWN)
        news = stream.event("change")
        assert time.monotonic() - start < 10  # about one on a machine that is not busy
        assert news.data["essence"] != first
        answer = live.client.ask("/api/page")
        assert answer.headers["etag"].strip('"').startswith(news.data["essence"] + ".")
        assert answer.json["groups"][0]["items"][0]["state"] != "operational"


def test_signals_that_change_nothing_are_not_announced(live: Live) -> None:
    with live.follow() as stream:
        hello = stream.event("hello")
        before = live.client.ask("/api/page").headers["etag"]
        live.say(Verdict.UP)
        await_condition(lambda: live.client.ask("/api/page").headers["etag"] != before, "a document with the signals")
        live.say(Verdict.DOWN)
        news = stream.event("change", "minute")
        if news.kind == "minute":
            assert news.data["essence"] == hello.data["essence"]
            news = stream.event("change")
        assert news.data["essence"] != hello.data["essence"]


def test_each_page_has_its_own_announcements(live: Live) -> None:
    with live.follow("/api/events?slug=inside") as stream, live.follow() as main:
        assert stream.event("hello").data["essence"] != main.event("hello").data["essence"]
    answer = live.client.ask("/api/events?slug=nobody")
    assert (answer.status, answer.json["status"]) == (404, 404)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert live.client.ask("/api/events?" + "&".join("x" * 30)).status == 404


def test_scripts_of_an_allowed_origin_may_follow_and_others_may_not(build: Path) -> None:
    with lively(build) as live:
        with live.follow(headers="Origin: http://localhost:3000\r\n") as stream:
            assert stream.headers.get("access-control-allow-origin") == "http://localhost:3000"
            stream.event("hello")
        with live.follow(headers="Origin: http://evil.example\r\n") as stream:
            assert "access-control-allow-origin" not in stream.headers


def test_head_tells_of_the_stream_and_ends(live: Live) -> None:
    answer = live.client.ask("/api/events", "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert live.open == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_else_can_be_done_with_it(live: Live, method: str) -> None:
    answer = live.client.ask("/api/events", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_without_readers_nothing_looks(live: Live) -> None:
    with live.follow() as stream:
        stream.event("hello")
        assert live.open == 1
    await_condition(lambda: live.open == 0, "the reader to be gone")
    topics = live.app.state.streams._topics.values()
    await_condition(lambda: all(topic._task is None for topic in topics), "the looking to end")
    live.say(Verdict.DOWN)
    await_condition(lambda: live.client.ask("/api/page").json["headline"]["code"] != "operational", "the outage")
    with live.follow() as stream:  # what was known of the page before is forgotten
        etag = live.client.ask("/api/page").headers["etag"]
        assert etag.strip('"').startswith(stream.event("hello").data["essence"])


def test_silence_is_broken_by_a_heartbeat(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.1)
    with live.follow() as stream:
        stream.event("hello")
        assert stream.block().startswith((":", "event: minute"))


def test_beyond_its_room_readers_are_asked_to_poll(live: Live) -> None:
    live.app.state.streams._most = 2
    with live.follow() as one, live.follow() as other:
        one.event("hello")
        other.event("hello")
        answer = live.client.ask("/api/events")
        assert (answer.status, answer.headers["retry-after"]) == (503, "60")
        assert json.loads(answer.body)["status"] == 503
    await_condition(lambda: live.open == 0, "both to leave")
    with live.follow() as again:
        assert again.event("hello")


def test_a_reader_that_takes_nothing_is_cut_off_and_holds_nobody_up(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.0)
    monkeypatch.setattr(events, "LOOK", 0.001)
    monkeypatch.setattr(events, "written", lambda news: f"event: {news.kind}\nid: 1\ndata: {{}}\n\n".encode())
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    lazy.connect(("127.0.0.1", live.client.port))
    lazy.sendall(b"GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n")
    await_condition(lambda: live.open == 1, "the lazy reader to be served")
    topic = next(iter(live.app.state.streams._topics.values()))
    monkeypatch.setattr(topic, "_tell", _long(topic._tell))
    with live.follow() as stream:
        await_condition(lambda: stream.block() and live.open == 1, "the lazy reader to be cut off")
        assert stream.block()
    lazy.close()


def _long(tell: object) -> object:
    async def telling(chunk: bytes) -> None:
        await tell(chunk + b": " + b"x" * 16_384 + b"\n\n")  # type: ignore[operator]

    return telling


def test_whoever_asks_for_more_on_a_stream_is_cut_off(live: Live) -> None:
    with live.follow() as stream:
        stream.event("hello")
        stream.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await_condition(lambda: live.open == 0, "the stream to end")


def test_requests_behind_a_stream_keep_nothing_open(live: Live) -> None:
    with live.follow(headers="\r\nGET /api/events HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n") as stream:
        assert stream.event("hello")
        assert live.open == 1
    await_condition(lambda: live.open == 0, "its reader to be gone")
    assert live.client.ask("/api/page").status == 200


def test_a_server_that_is_not_ours_streams_as_well(live: Live) -> None:
    sent: list[dict[str, Any]] = []
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))
        if len(sent) == 2:
            left.set()

    async def served() -> int:
        streams = Streams(live.app.state.site.publication)
        scope = {"type": "http", "method": "GET", "path": "/api/events", "query_string": b"", "headers": []}
        await streams.serve(scope, receive, send)
        streams.close()
        return streams.open

    assert asyncio.run(served()) == 0
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert b"event: hello" in sent[1]["body"]


def test_streams_end_at_once_when_the_server_stops(build: Path) -> None:
    with lively(build) as live:
        streams = [live.follow() for _ in range(20)]
        for stream in streams:
            stream.event("hello")
        start = time.monotonic()
    assert time.monotonic() - start < 4  # uvicorn waits five seconds for what does not end
    for stream in streams:
        assert stream.socket.recv(65_536) == b"" or stream.socket.recv(65_536) == b""
        stream.close()


def test_a_process_leaves_files_to_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def limit(files: int) -> None:
        monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))

    limit(1_024)
    assert events.room() == 512
    limit(100)
    assert events.room() == 0
    limit(1_000_000)
    assert events.room() == events.MOST == 20_000


def test_a_page_that_cannot_be_made_ends_no_stream(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    with live.follow() as stream:
        first = stream.event("hello")
        publication = live.app.state.site.publication
        kept = publication.document
        monkeypatch.setattr(publication, "document", lambda *_: (_ for _ in ()).throw(RuntimeError("broken")))
        live.say(Verdict.DOWN)
        monkeypatch.setattr(publication, "document", kept)
        assert stream.event("change").data["essence"] != first.data["essence"]


def test_the_streams_of_an_application_are_counted(build: Path) -> None:
    site = site_over(MemoryStore(), Window([API], PAGES), build)
    assert Streams(site.publication, most=3).open == 0
    site.publication.close()

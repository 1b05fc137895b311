"""Who asks is told by address, and by network where a subscriber has one; one who floods is told so, and others are
served meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pytest

from signalbox.api.app import app_of
from signalbox.api.clients import client, network
from signalbox.api.site import Site
from signalbox.pages import html, template
from signalbox.pages.board import Board
from signalbox.pages.language import LANGUAGES, language
from signalbox.pages.publication import Publication
from signalbox.pages.views.gallery import Gallery
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES
from tests.api.serving import Answer, Client, serving, settings
from tests.pages.examples import monitor

BROWSER = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64"), ("a socket", "a socket"),
    ],
)  # fmt: skip
def test_an_address_stands_for_whoever_has_it(address: str, known: str) -> None:
    assert network(address) == known
    assert client({"type": "http", "client": (address, 1)}) == known


def test_nobody_is_known_where_the_server_knows_nobody() -> None:
    assert client({"type": "http", "client": None}) == ""


@pytest.fixture
def held(build: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Client, threading.Event]]:
    """A server behind a trusted proxy whose views are made once the event is set."""
    go, real = threading.Event(), html.view

    def slow(*given: Any, **more: Any) -> str:
        go.wait(60)
        return real(*given, **more)

    monkeypatch.setattr(html, "view", slow)
    store, window, board = MemoryStore(), Window([monitor()], PAGES), Board()
    publication = Publication(window, store, template.load(build))
    gallery = Gallery(window, board, store, template.load(build))
    site = Site(settings(), publication, {"store": store.ping}, gallery=gallery)
    with serving(app_of(site, build), forwarded_allow_ips="127.0.0.1") as served:
        yield served, go
        go.set()
    publication.close()
    gallery.close()


def test_one_who_floods_is_refused_while_another_is_served(held: tuple[Client, threading.Event]) -> None:
    """Every address asks from the same network: one subscriber. A stranger asks last, and waits for two makings."""
    served, go = held
    ways = [f"/how-we-measure?lang={code}" for code in LANGUAGES]

    def flood(at: int) -> Answer:
        return served.ask(ways[at], headers={**BROWSER, "X-Forwarded-For": f"2001:db8::{at + 1:x}"})

    with ThreadPoolExecutor(10) as readers:
        asked = [readers.submit(flood, at) for at in range(9)]
        refused = next(as_completed(asked, timeout=60)).result()
        other = readers.submit(
            served.ask, "/inside/how-we-measure", headers={**BROWSER, "X-Forwarded-For": "192.0.2.7"}
        )
        go.set()
        answers = [one.result(60) for one in asked]
        assert refused.status == 429
        assert other.result(60).status == 200
    assert sorted(one.status for one in answers) == [200] * 8 + [429]
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["content-type"].startswith("text/html")
    assert any(language(code).say("lost.429.text") in refused.text for code in LANGUAGES)

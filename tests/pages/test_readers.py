"""What do very many readers cost? One making of each page, zoom and language; and no more memory than there is room."""

from __future__ import annotations

import gc
import resource
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from signalbox import clock
from signalbox.api.app import app_of
from signalbox.pages import html, snapshot
from signalbox.pages.document import Zoom
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, build, site_over
from tests.api.serving import Client, serving
from tests.pages.examples import MINUTE, monitor, seen

__all__ = ["build"]

NOW = clock.now() // MINUTE * MINUTE + 30_000_000
LANGUAGES = ("en", "de", "ar")
WISHES = list(product(("/", "/inside/"), Zoom, LANGUAGES))


class Makings:
    """How often what was made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.documents: Counter[tuple[str, Zoom]] = Counter()
        self.pages: Counter[tuple[str, str, str]] = Counter()
        build, fill = snapshot.build, html.fill

        def built(window: Any, page: Any, *given: Any, zoom: Any = Zoom.HOUR, **more: Any) -> Any:
            self.documents[page.slug, zoom] += 1
            return build(window, page, *given, zoom=zoom, **more)

        def filled(text: str, document: Any, place: Any, speech: Any, *given: Any, **more: Any) -> Any:
            zoom = document.scale.zoom if document.scale else Zoom.HOUR
            self.pages[document.page.slug, zoom, speech.code] += 1
            return fill(text, document, place, speech, *given, **more)

        monkeypatch.setattr(snapshot, "build", built)
        monkeypatch.setattr(html, "fill", filled)


@pytest.fixture
def makings(monkeypatch: pytest.MonkeyPatch) -> Makings:
    """Counted while no minute passes: with each all is made anew, whoever reads."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Makings(monkeypatch)


@contextmanager
def cold(build: Path) -> Iterator[Client]:
    """A server that nobody has asked for anything yet: twenty services on two pages."""
    monitors = [monitor(f"api-{number}") for number in range(20)]
    window = Window(monitors, PAGES)
    window.add([seen(one, NOW - number * MINUTE) for one in monitors for number in range(60)])
    site = site_over(MemoryStore(), window, build)
    with serving(app_of(site, build)) as client:
        yield client
    site.publication.close()


def test_a_thousand_readers_of_a_cold_start_cost_one_making_of_what_they_read(build: Path, makings: Makings) -> None:
    with cold(build) as client, ThreadPoolExecutor(100) as readers:
        asked = [WISHES[number % len(WISHES)] for number in range(1_000)]
        answers = list(readers.map(lambda one: client.ask(f"{one[0]}?z={one[1]}&lang={one[2]}"), asked))
    assert {answer.status for answer in answers} == {200}
    assert set(makings.documents.values()) == {1}
    assert len(makings.documents) == len(PAGES) * len(Zoom)
    assert set(makings.pages.values()) == {1}
    assert len(makings.pages) == len(WISHES)
    assert len({answer.headers["etag"] for answer in answers}) == len(WISHES)


def queries(count: int) -> Iterator[str]:
    """No two alike, and nothing in them that a page knows."""
    for number in range(count):
        yield (f"x={number}", f"z={number}d", f"lang=x{number}", f"utm_source={number}&z=%39{number}")[number % 4]


def test_ten_thousand_odd_questions_cost_one_making_and_no_memory(build: Path, makings: Makings) -> None:
    with cold(build) as client:
        ask_all(client, queries(2_000))  # what is remembered of the newest questions is full then
        before = resident()
        ask_all(client, (f"{query}&y=1" for query in queries(10_000)))
        assert resident() - before < 10_000_000  # as many pages would be twenty times that
    assert dict(makings.documents) == {("main", Zoom.HOUR): 1}
    assert sum(makings.pages.values()) == 1


def ask_all(client: Client, asked: Iterator[str]) -> None:
    """Over one connection that stays open, as a proxy has it."""
    connection = HTTPConnection("127.0.0.1", client.port, timeout=30)
    for query in asked:
        connection.request("GET", f"/?{query}")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
    connection.close()


def resident() -> int:
    """Bytes of memory that this process has; server and readers are both in it."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from signalbox import clock
from signalbox.pages import shelf, snapshot
from signalbox.pages.document import Zoom
from signalbox.pages.language import LANGUAGES
from signalbox.pages.publication import Publication, View
from signalbox.pages.service import Page
from signalbox.pages.shelf import Bodies
from signalbox.pages.template import Template
from signalbox.pages.window import Window
from signalbox.stores.base import Bucket
from signalbox.stores.memory import MemoryStore
from tests.pages.examples import monitor, seen
from tests.pages.test_html import SHELL
from tests.servers.process import await_condition

MAIN, OTHER = Page(slug="main", title="Main", timezone="UTC"), Page(slug="other", title="Other", timezone="UTC")
API = monitor()


class NoStore(MemoryStore):
    """A store that nobody may ask."""

    def latest(self, monitors: Any, limit: int) -> Any:
        raise AssertionError("a reader waited for the store")

    def raw(self, monitor: Any, start: int, end: int) -> Any:
        raise AssertionError("a reader waited for the store")

    def buckets(self, monitors: Any, start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        raise AssertionError("a reader waited for the store")


def settled(bodies: Bodies | Future[Bodies]) -> Bodies:
    return bodies.result(30) if isinstance(bodies, Future) else bodies


def made(public: Publication, view: View, zoom: Zoom | None = None, lang: str = "en") -> tuple[str, dict[str, Any]]:
    """A page's HTML and its document."""
    (page,), (data,) = settled(public.page(view, zoom, lang)), settled(public.document(view, zoom))
    return page.content.decode(), json.loads(data.content)


def test_page_document_and_signals_never_ask_the_store() -> None:
    window = Window((API,), (MAIN,))
    public = Publication(window, NoStore(), Template(SHELL, "policy"))
    window.add([seen(API, clock.now())])
    html, document = made(public, View("main", True))
    assert "All systems operational" in html
    assert document["headline"]["code"] == "operational"
    signals = public.signals()
    assert isinstance(signals, Future)
    assert API.target.encode() in signals.result(30)[0].content
    public.close()


def test_each_page_knows_its_place() -> None:
    window = Window((API,), (MAIN, OTHER))
    public = Publication(window, NoStore(), Template(SHELL, "policy"), "https://status.example.com/")
    root, other = public.view(None), public.view("other")
    assert (root, other, public.view("nobody")) == (View("main", True), View("other", False), None)
    assert root
    assert other
    at_root, document = made(public, root)
    assert 'data-base="./"' in at_root
    assert 'data-api="./api/page"' in at_root
    assert 'rel="canonical" href="https://status.example.com/"' in at_root
    assert document["page"]["slug"] == "main"
    below, document = made(public, other)
    assert 'data-base="../"' in below
    assert 'data-api="../api/page?slug=other"' in below
    assert 'rel="canonical" href="https://status.example.com/other/"' in below
    assert document["page"]["title"] == "Other"
    public.close()


def test_a_page_follows_what_lands() -> None:
    window = Window((API,), (MAIN,))
    public = Publication(window, NoStore(), None)
    view = View("main", True)
    assert made(public, view)[1]["headline"]["code"] == "waiting"
    window.add([seen(API, clock.now())])
    await_condition(lambda: made(public, view)[1]["headline"]["code"] == "operational", "the page to show the signal")
    assert "run make web" in made(public, view)[0]
    public.close()


def test_an_installation_without_pages_has_one_all_the_same() -> None:
    public = Publication(Window((API,), ()), NoStore(), None)
    view = public.view(None)
    assert view
    assert made(public, view)[1]["page"]["title"] == "Service status"
    public.close()


def test_a_thousand_readers_at_once_cost_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    window = Window((API,), (MAIN,))
    public = Publication(window, NoStore(), Template(SHELL, "policy"))
    window.add([seen(API, clock.now())])
    built, build = [], snapshot.build

    def counted(*given: Any, **more: Any) -> Any:
        built.append(more.get("zoom"))
        return build(*given, **more)

    monkeypatch.setattr(snapshot, "build", counted)
    view = View("main", True)
    with ThreadPoolExecutor(50) as readers:
        pages = list(readers.map(lambda _: made(public, view, Zoom.DAYS), range(1_000)))
    assert len({page for page, _ in pages}) <= 2  # a minute may pass meanwhile
    assert 1 <= len(built) <= 2
    public.close()


def test_all_that_a_large_page_comes_in_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred services and a tenth of the room are as a thousand with all of it."""
    monkeypatch.setattr(shelf, "LARGEST", shelf.LARGEST // 10)
    window = Window([monitor(f"m{number}") for number in range(100)], (MAIN,))
    public = Publication(window, NoStore(), Template(SHELL, "policy"))
    view = View("main", True)
    for lang in LANGUAGES:
        for zoom in Zoom:
            for is_asked in (False, True):
                settled(public.page(view, zoom, lang, is_asked=is_asked))
            settled(public.document(view, zoom))
    assert len(public._pages._kept) == (2 * len(LANGUAGES) + 1) * len(Zoom)
    public.close()


def test_every_language_has_its_page_and_all_have_one_document() -> None:
    window = Window((API,), (MAIN,))
    public = Publication(window, NoStore(), Template(SHELL, "policy"))
    window.add([seen(API, clock.now())])
    view = View("main", True)
    (english, data), (german, same) = made(public, view), made(public, view, lang="de")
    assert "All systems operational" in english
    assert "All systems operational" not in german
    assert data == same
    public.close()


def test_a_page_opens_with_the_window_that_its_owner_sets_and_readers_choose_another() -> None:
    page = Page(slug="main", title="Main", timezone="UTC", zoom=Zoom.DAYS)
    public = Publication(Window((API,), (page,)), NoStore(), None)
    view = View("main", True)
    assert made(public, view)[1]["scale"]["zoom"] == "90d"
    assert made(public, view, Zoom.DAY)[1]["scale"]["cells"] == 72
    assert made(public, view, Zoom.HOUR)[1]["scale"] is None
    (document,) = settled(public.document(view))
    assert json.loads(document.content)["page"]["zoom"] == "90d"
    public.close()


def test_who_asks_for_a_language_gets_it_else_what_they_accept_else_the_owners() -> None:
    page = Page(slug="main", title="Main", timezone="UTC", language="de")
    public = Publication(Window((API,), (page,)), NoStore(), None)
    view = View("main", True)
    assert public.language(view) == "de"
    assert public.language(view, "en-GB,en;q=0.9") == "en"
    assert public.language(view, "en-GB", "de") == "de"
    assert public.language(view, "en-GB", "tlh") == "en"
    public.close()

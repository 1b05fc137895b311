from __future__ import annotations

import json
from concurrent.futures import Future
from typing import Any

from signalbox import clock
from signalbox.pages.document import PageHead
from signalbox.pages.publication import Publication, View
from signalbox.pages.shelf import Bodies
from signalbox.pages.template import Template
from signalbox.pages.window import Window
from signalbox.stores.base import Bucket
from signalbox.stores.memory import MemoryStore
from tests.pages.examples import monitor, seen
from tests.pages.test_html import SHELL
from tests.servers.process import await_condition

MAIN, OTHER = PageHead(slug="main", title="Main", timezone="UTC"), PageHead(slug="other", title="Other", timezone="UTC")
API = monitor()


class NoStore(MemoryStore):
    """A store that nobody may ask."""

    def latest(self, monitors: Any, limit: int) -> Any:
        raise AssertionError("a reader waited for the store")

    def raw(self, monitor: Any, start: int, end: int) -> Any:
        raise AssertionError("a reader waited for the store")

    def buckets(self, monitors: Any, start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        raise AssertionError("a reader waited for the store")


def made(bodies: Bodies | Future[Bodies]) -> tuple[str, dict[str, Any]]:
    page, data = bodies.result(30) if isinstance(bodies, Future) else bodies
    return page.content.decode(), json.loads(data.content)


def test_page_document_and_signals_never_ask_the_store() -> None:
    window = Window((API,), (MAIN,))
    public = Publication(window, NoStore(), Template(SHELL, "policy"))
    window.add([seen(API, clock.now())])
    html, document = made(public.page(View("main", True)))
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
    at_root, document = made(public.page(root))
    assert 'data-base="./"' in at_root
    assert 'data-api="./api/page"' in at_root
    assert 'rel="canonical" href="https://status.example.com/"' in at_root
    assert document["page"]["slug"] == "main"
    below, document = made(public.page(other))
    assert 'data-base="../"' in below
    assert 'data-api="../api/page?slug=other"' in below
    assert 'rel="canonical" href="https://status.example.com/other/"' in below
    assert document["page"]["title"] == "Other"
    public.close()


def test_a_page_follows_what_lands() -> None:
    window = Window((API,), (MAIN,))
    public = Publication(window, NoStore(), None)
    view = View("main", True)
    assert made(public.page(view))[1]["headline"]["code"] == "waiting"
    window.add([seen(API, clock.now())])
    await_condition(
        lambda: made(public.page(view))[1]["headline"]["code"] == "operational", "the page to show the signal"
    )
    assert "run make web" in made(public.page(view))[0]
    public.close()


def test_an_installation_without_pages_has_one_all_the_same() -> None:
    public = Publication(Window((API,), ()), NoStore(), None)
    view = public.view(None)
    assert view
    assert made(public.page(view))[1]["page"]["title"] == "Service status"
    public.close()

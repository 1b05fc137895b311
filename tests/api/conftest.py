"""A site over a memory store, served by uvicorn on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from signalbox import clock
from signalbox.api.app import app_of
from signalbox.api.site import Site
from signalbox.pages import template
from signalbox.pages.publication import Publication
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.serving import Client, built, serving, settings
from tests.pages.examples import MINUTE, monitor, seen

PAGES = [
    Page(slug="main", title="Acme status", timezone="Europe/Budapest"),
    Page(slug="inside", title="Inside", timezone="UTC"),
]


@dataclass
class Served:
    """What is behind the socket, and a client of it."""

    client: Client
    window: Window
    store: MemoryStore
    site: Site


def site_over(store: MemoryStore, window: Window, build: Path, **given: object) -> Site:
    """A site whose store is the only part that could be away."""
    publication = Publication(window, store, template.load(build))
    return Site(settings(**given), publication, {"store": store.ping})


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small built page."""
    return built(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def served(build: Path) -> Iterator[Served]:
    """Two monitors with 70 signals each, shown on two pages."""
    monitors = [monitor("api", group="Core"), monitor("web", url="https://web.example.com/?q=<b>")]
    store, window = MemoryStore(), Window(monitors, PAGES)
    now = clock.now()
    signals = [seen(one, now - number * MINUTE) for one in monitors for number in range(70)]
    store.append(signals)
    window.add(signals)
    site = site_over(store, window, build)
    with serving(app_of(site, build)) as client:
        yield Served(client, window, store, site)
    site.publication.close()

"""Does a page in a real browser follow what its server knows? The API as it runs; the script decides on signals."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import uvicorn

from signalbox import clock
from signalbox.api import server
from signalbox.api.app import app_of
from signalbox.api.site import Site
from signalbox.pages import template
from signalbox.pages.publication import Publication
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from signalbox.stores.memory import MemoryStore
from tests.api.serving import settings
from tests.pages.examples import MINUTE, monitor, seen
from tests.servers.chromium import browse
from tests.servers.process import await_condition, free_port

WATCHED = [monitor("api", group="Core"), monitor("web")]


class Installation:
    """A site whose API can be stopped and started again on the same port."""

    def __init__(self) -> None:
        self.window = Window(WATCHED, [Page(slug="main", title="Acme status", timezone="UTC")])
        self.site = Site(settings(), Publication(self.window, MemoryStore(), template.load()), {})
        self.app = app_of(self.site)
        self.port = free_port()
        self._running: tuple[uvicorn.Server, threading.Thread] | None = None

    def start(self) -> None:
        config = uvicorn.Config(self.app, **{**server.options(settings(port=self.port)), "lifespan": "on"})
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, daemon=True)
        thread.start()
        await_condition(lambda: running.started, "the API to start")
        self._running = running, thread

    def stop(self) -> None:
        if self._running is not None:
            running, thread = self._running
            running.should_exit, self._running = True, None
            thread.join(30)

    def say(self, verdict: Verdict) -> None:
        """Everything watched reports, now."""
        self.window.add([seen(one, clock.now(), verdict) for one in WATCHED])

    def refuse(self) -> None:
        """End all streams, and open none any more."""
        streams = self.app.state.streams
        streams._most = 0
        running, _ = self._running or (None, None)
        assert running is not None
        loop = running.servers[0].get_loop()
        loop.call_soon_threadsafe(streams.close)


@contextmanager
def controlled(orders: Mapping[str, Callable[[], None]]) -> Iterator[str]:
    """An address below which a script gives these orders."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            orders[self.path[1:]]()
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as control:
        threading.Thread(target=control.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{control.server_address[1]}/"
        control.shutdown()


@pytest.fixture
def installation() -> Iterator[Installation]:
    found = Installation()
    for number in range(60):
        found.window.add([seen(one, clock.now() - number * MINUTE) for one in WATCHED])
    found.start()
    yield found
    found.stop()
    found.site.publication.close()


@pytest.mark.parametrize("script", ["follows", "offline"])
def test_a_page_follows_its_server(installation: Installation, script: str) -> None:
    orders = {
        "up": lambda: installation.say(Verdict.UP),
        "down": lambda: installation.say(Verdict.DOWN),
        "refuse": installation.refuse,
        "stop": installation.stop,
        "start": installation.start,
    }
    with controlled(orders) as control:
        browse(script, f"http://127.0.0.1:{installation.port}/", CONTROL=control)

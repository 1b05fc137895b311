"""Does the page do in a real browser what it promises? Each script of `web/page/test/e2e` on pages of every kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from signalbox.pages.document import PageDocument
from tests.e2e import documents, zooms
from tests.servers.chromium import browse
from tests.servers.site import copied, served


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.mark.parametrize(
    "document", [documents.calm, documents.trouble, documents.looking, documents.stale, documents.waiting]
)
def test_a_page_in_any_state_reads_without_javascript(document: Callable[[], PageDocument]) -> None:
    with served(document()) as address:
        browse("reads", address)


@pytest.mark.parametrize(
    ("document", "looks"),
    [
        (documents.calm, "dark at 320 px"),
        (documents.trouble, "light,dark,light at 320 px,more contrast,forced colours"),
        (documents.looking, "light,dark at 320 px"),
        (documents.stale, "light,dark"),
        (documents.waiting, "light"),
        (zooms.days, "light,dark,light at 320 px,more contrast,forced colours,right to left"),
        (zooms.hours, "light,dark at 320 px"),
    ],
)
def test_a_page_in_any_state_is_accessible(document: Callable[[], PageDocument], looks: str) -> None:
    with served(document()) as address:
        browse("axe", address, LOOKS=looks)


@pytest.mark.parametrize("document", [documents.trouble, documents.hostile])
def test_what_people_wrote_is_shown_and_does_nothing(document: Callable[[], PageDocument]) -> None:
    with served(document()) as address:
        browse("notices", address)


@pytest.mark.parametrize("script", ["mounts", "lives", "bars", "reader"])
def test_a_page_with_trouble_is_alive(script: str) -> None:
    with served(documents.trouble()) as address:
        browse(script, address)


def test_a_page_is_read_at_any_zoom() -> None:
    with served(documents.trouble(), zooms={"24h": zooms.hours(), "90d": zooms.days()}) as address:
        browse("zoom", address)


def test_a_page_of_fifty_services_and_ninety_days_has_few_nodes() -> None:
    with served(zooms.fifty()) as address:
        browse("nodes", address)


@pytest.mark.parametrize("make", [zooms.days, zooms.hours])
def test_nothing_moves_on_a_page_of_any_zoom(make: Callable[[], PageDocument]) -> None:
    with served(make()) as address:
        browse("mounts", address)


@pytest.mark.parametrize(("prefix", "slug"), [("/", ""), ("/any/sub/path/", ""), ("/below/", "internal")])
def test_the_same_build_works_under_any_path(prefix: str, slug: str) -> None:
    with served(documents.trouble(), prefix, slug) as address:
        browse("paths", address)


def test_a_static_copy_works_on_any_host(tmp_path: Path) -> None:
    copied(documents.calm(), tmp_path / "deep" / "copy")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        browse("paths", f"http://127.0.0.1:{server.server_address[1]}/deep/copy/")
        server.shutdown()


def test_a_page_of_five_hundred_services_works() -> None:
    with served(documents.many(500)) as address:
        browse("many", address)

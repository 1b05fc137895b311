from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from signalbox import clock
from signalbox.api.app import app_of
from signalbox.pages.board import Board, Known
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, Served, site_over
from tests.api.serving import Client, serving
from tests.pages.examples import MINUTE, monitor, seen
from tests.pages.test_announcements import incident

CURL = {"User-Agent": "curl/8.5.0", "Accept": "*/*"}
BROWSER = {"User-Agent": "Mozilla/5.0", "Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def public(build: Path) -> Iterator[Client]:
    """A site that knows its address and an incident."""
    site = site_over(MemoryStore(), Window([monitor()], PAGES), build, public_url="https://status.example.com/")
    board = Board()
    board.known = Known(incidents=(incident(public="ab12"), incident(public="cd34", pages=("inside",))))
    with serving(app_of(replace(site, board=board), build)) as client:
        yield client
    site.publication.close()


def test_the_state_is_to_be_had_as_text(served: Served) -> None:
    answer = served.client.ask("/status.txt")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.startswith("Acme status\nAll systems operational\n")
    assert "  api: Operational (100.00%)" in answer.text
    assert served.client.ask("/inside/status.txt").text.startswith("Inside\n")
    assert served.client.ask("/nobody/status.txt").status == 404
    assert served.client.ask("/status.txt", "HEAD").body == b""
    assert served.client.ask("/status.txt", headers={"If-None-Match": answer.headers["etag"]}).status == 304


def test_curl_gets_the_page_as_text_and_no_cache_may_give_it_to_others(served: Served) -> None:
    for path, start in (("/", "Acme status\n"), ("/inside/", "Inside\n")):
        answer = served.client.ask(path, headers=CURL)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.text.startswith(start)
        assert served.client.ask(path, headers={**CURL, "Accept": "text/plain"}).text.startswith(start)
    assert served.client.ask("/nobody/", headers=CURL).status == 404


@pytest.mark.parametrize("headers", [{}, BROWSER, {**CURL, "Accept": "text/html"}, {"User-Agent": "Wget/1.21"}])
def test_everybody_else_gets_the_page(served: Served, headers: dict[str, str]) -> None:
    assert served.client.ask("/", headers=headers).headers["content-type"].startswith("text/html")


def test_old_data_are_not_operational_in_the_text_either(build: Path) -> None:
    api = monitor()
    window = Window([api], PAGES)
    window.add([seen(api, clock.now() - 20 * MINUTE)])
    site = site_over(MemoryStore(), window, build)
    with serving(app_of(site, build)) as client:
        for path, headers in (("/status.txt", {}), ("/", CURL)):
            said = client.ask(path, headers=headers).text
            assert "We cannot confirm the current status" in said
            assert "perational" not in said
    site.publication.close()


def test_robots_may_look_at_what_is_for_people(served: Served, public: Client) -> None:
    robots = served.client.ask("/robots.txt").text
    assert "User-agent: *" in robots
    assert "Disallow: /api/v1/" in robots
    assert "Disallow: /\n" not in robots
    assert "Sitemap" not in robots
    assert "Sitemap: https://status.example.com/sitemap.xml" in public.ask("/robots.txt").text


def test_the_map_of_the_site_names_what_can_be_found_there(served: Served, public: Client) -> None:
    assert served.client.ask("/sitemap.xml").status == 404  # nobody said what the site is called
    answer = public.ask("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml"
    places = [one.text for one in ElementTree.fromstring(answer.text).iter() if one.tag.endswith("loc")]
    assert places == [f"https://status.example.com/{one}" for one in ("", "history", "how-we-measure", "incident/ab12")]


def test_models_are_told_what_this_is_and_where_to_read(served: Served, public: Client) -> None:
    assert "# Acme status" in served.client.ask("/llms.txt").text
    assert "https://status.example.com/status.txt" in public.ask("/llms.txt").text


def test_the_service_worker_is_asked_for_each_time_and_may_ask_only_this_server(tmp_path: Path, build: Path) -> None:
    (build / "sw.js").write_text("// worker")
    site = site_over(MemoryStore(), Window([monitor()], PAGES), build)
    with serving(app_of(site, build)) as client:
        answer = client.ask("/sw.js")
    site.publication.close()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
    assert answer.headers["content-security-policy"] == policy


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_texts_cannot_be_changed(served: Served, method: str) -> None:
    assert served.client.ask("/status.txt", method).status in {404, 405}

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signalbox.api.app import app_of
from signalbox.api.lost import is_for_people, sheet
from signalbox.errors import Unavailable
from signalbox.pages.language import LANGUAGES, language
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, Served, site_over
from tests.api.serving import serving
from tests.pages.examples import monitor

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def asking(path: str, accept: str) -> bool:
    return is_for_people({"type": "http", "path": path, "headers": [(b"accept", accept.encode())]})


@pytest.mark.parametrize("path", ["/no/such/page", "/no", "/incident/7", "/inside/x", "/ack/nothing"])
def test_a_browser_gets_a_page_that_leads_home_and_to_the_text(served: Served, path: str) -> None:
    answer = served.client.ask(path, headers=BROWSER)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    root = "../" * (path.count("/") - 1) or "./"
    assert f'href="{root}"' in answer.text
    assert f'href="{root}status.txt"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert not re.search(r"<style|style=|<script", answer.text)


@pytest.mark.parametrize("path", ["/api/nothing", "/api", "/_nuxt/gone.js", "/signals/x", "/sitemap.xml", "/x.txt"])
def test_paths_of_programs_answer_with_a_problem_whoever_asks(served: Served, path: str) -> None:
    answer = served.client.ask(path, headers=BROWSER)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_weights_of_an_accept_header_decide() -> None:
    assert asking("/x", "text/html")
    assert asking("/x", "application/json;q=0.5, text/html;q=0.9")
    assert not asking("/x", "application/json, text/html;q=0.9")
    assert not asking("/x", "text/html;q=0")
    assert not asking("/x", "text/html;q=nonsense")
    assert not asking("/x", "*/*")
    assert not asking("/x", "")


@pytest.mark.parametrize("path", ["/<script>alert(1)</script>", "/%22onload=x%22/%3Csvg%3E", "/a%2fb/x", "//evil/x"])
def test_what_stands_in_an_address_is_never_repeated(served: Served, path: str) -> None:
    answer = served.client.ask(path, headers=BROWSER)
    assert answer.status == 404
    for text in ("script", "svg", "onload", "evil"):
        assert text not in answer.text
    assert f'href="{"../" * (path.count("/") - 1)}"' in answer.text.replace('"./"', '""')


def test_the_way_home_stays_below_the_prefix_that_the_server_is_told(build: Path) -> None:
    site = site_over(MemoryStore(), Window([monitor()], PAGES), build)
    with serving(app_of(site, build), root_path="/below") as client:
        assert 'href="../"' in client.ask("/no/such", headers=BROWSER).text
    site.publication.close()


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("secret"), 500), (Unavailable("secret"), 503)])
def test_a_page_that_cannot_be_made_says_so_and_nothing_of_the_services(
    build: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    site = site_over(MemoryStore(), Window([monitor()], PAGES), build)

    def broken(*_: object, **__: object) -> None:
        raise error

    with serving(app_of(site, build)) as client:
        monkeypatch.setattr(type(site.publication), "page", broken)
        answer = client.ask("/", headers=BROWSER)
        assert (answer.status, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert "secret" not in answer.text
        assert "perational" not in answer.text
        assert ("retry-after" in answer.headers) == (status == 503)
        assert ("Request " in answer.text) == (status == 500)
        assert client.ask("/").headers["content-type"] == "application/problem+json"
        assert client.ask("/", headers=BROWSER).headers["x-content-type-options"] == "nosniff"
    site.publication.close()


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_not_to_be_had_is_said_in_the_readers_language(
    build: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """And the way home keeps the language that the address named."""
    site, say = site_over(MemoryStore(), Window([monitor()], PAGES), build), language(code).say
    errors: list[Exception] = [RuntimeError("secret"), Unavailable("secret")]

    def broken(*_: object, **__: object) -> None:
        raise errors[0]

    with serving(app_of(site, build)) as client:
        refused = client.ask(f"/?lang={code}", "POST", headers=BROWSER)
        assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
        assert say("lost.405.title") in refused.text
        assert f'href="./?lang={code}"' in refused.text
        monkeypatch.setattr(type(site.publication), "page", broken)
        for status in (500, 503):
            answer = client.ask("/", headers={**BROWSER, "Accept-Language": code})
            assert answer.status == status
            assert f'<html lang="{code}"' in answer.text
            assert say(f"lost.{status}.title") in answer.text
            assert say(f"lost.{status}.text") in answer.text
            assert 'href="./"' in answer.text
            errors.pop(0)
    site.publication.close()


def test_the_page_has_the_style_of_the_build(tmp_path: Path) -> None:
    assert sheet(tmp_path) is None
    (tmp_path / "index.html").write_text('<link rel="stylesheet" href="%BASE%_nuxt/entry.8aY_x-.css" crossorigin>')
    assert sheet(tmp_path) == "_nuxt/entry.8aY_x-.css"

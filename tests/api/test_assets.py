from __future__ import annotations

from pathlib import Path

from signalbox.api.app import app_of
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, Served, site_over
from tests.api.serving import built, serving
from tests.pages.examples import monitor

SCRIPT = "/_nuxt/entry.abc123.js"


def test_assets_named_by_their_content_are_kept_for_ever(served: Served) -> None:
    answer = served.client.ask(SCRIPT)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert served.client.ask("/_nuxt/entry.abc123.css").headers["content-type"] == "text/css; charset=utf-8"
    icon = served.client.ask("/favicon/operational.svg")
    assert (icon.headers["content-type"], icon.headers["cache-control"]) == ("image/svg+xml", "public, max-age=3600")


def test_assets_come_in_the_best_coding_that_was_built(served: Served, build: Path) -> None:
    original = (build / SCRIPT[1:]).read_bytes()
    for accepted, coding, content in (
        ("gzip, deflate, br", "br", b"brotli"),
        ("br;q=0, gzip", "gzip", (build / f"{SCRIPT[1:]}.gz").read_bytes()),
        ("identity", None, original),
        ("", None, original),
        ("*", "br", b"brotli"),
    ):
        answer = served.client.ask(SCRIPT, headers={"Accept-Encoding": accepted})
        assert (answer.headers.get("content-encoding"), answer.body) == (coding, content), accepted
        assert "accept-encoding" in answer.headers["vary"]
    style = served.client.ask("/_nuxt/entry.abc123.css", headers={"Accept-Encoding": "br"})
    assert "content-encoding" not in style.headers


def test_each_coding_has_a_tag_of_its_own(served: Served) -> None:
    tags = {served.client.ask(SCRIPT, headers={"Accept-Encoding": one}).headers["etag"] for one in ("br", "gzip", "x")}
    assert len(tags) == 3


def test_an_asset_that_a_newer_build_took_away_is_gone_and_nothing_else(tmp_path: Path) -> None:
    folder = built(tmp_path)
    site = site_over(MemoryStore(), Window([monitor()], PAGES), folder)
    with serving(app_of(site, folder)) as client:
        (folder / "favicon/operational.svg").unlink()
        assert client.ask("/favicon/operational.svg").status == 404
        assert client.ask(SCRIPT).status == 200
    site.publication.close()

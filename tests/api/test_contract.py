from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest

from signalbox import clock
from signalbox.api.app import app_of, openapi
from signalbox.pages.document import PageDocument
from signalbox.pages.language import language
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, Served, site_over
from tests.api.serving import serving
from tests.pages.examples import monitor, seen
from tests.servers.process import await_condition


@pytest.mark.parametrize("query", ["", "?limit=60", "?limit=60&x=1"])
def test_signals_are_the_newest_sixty_of_every_url_oldest_first(served: Served, query: str) -> None:
    answer = served.client.ask(f"/signals{query}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert [each["url"] for each in answer.json] == ["https://api.example.com", "https://web.example.com/?q=<b>"]
    for each in answer.json:
        assert len(each["records"]) == 60
        moments = [record["received"] for record in each["records"]]
        assert moments == sorted(moments)
        assert all(moment.endswith("Z") and datetime.fromisoformat(moment) for moment in moments)
        assert all(set(one) == {"url", "http_status", "available", "received"} for one in each["records"])
        assert all(one["url"] == each["url"] for one in each["records"])


def test_any_limit_of_the_contract_is_served(served: Served) -> None:
    for limit, expected in ((1, 1), (59, 59), (61, 61), (70, 70), (10_000, 70)):
        answer = served.client.ask(f"/signals?limit={limit}")
        assert [len(each["records"]) for each in answer.json] == [expected] * 2


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "60.5", "sixty", "", "1e3", "9" * 400, "60%00", "' OR 1=1 --"])
def test_any_other_limit_is_refused_with_a_reason(served: Served, limit: str) -> None:
    answer = served.client.ask(f"/signals?limit={limit}".replace(" ", "%20"))
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["errors"][0]["where"] == "query.limit"


def test_one_url_can_be_asked_for(served: Served) -> None:
    answer = served.client.ask("/signals?url=https%3A%2F%2Fweb.example.com%2F%3Fq%3D%3Cb%3E&limit=2")
    assert [(each["url"], len(each["records"])) for each in answer.json] == [("https://web.example.com/?q=<b>", 2)]
    assert served.client.ask("/signals?url=nobody").json == []


def test_without_any_record_the_list_is_empty(build: Path) -> None:
    site = site_over(MemoryStore(), Window([monitor()], PAGES), build)
    with serving(app_of(site, build)) as client:
        assert client.ask("/signals").body == client.ask("/signals?limit=100").body == b"[]"
    site.publication.close()


def test_an_installation_too_large_for_one_answer_says_how_to_ask(build: Path) -> None:
    many = [monitor(f"m{number}") for number in range(5_001)]
    site = site_over(MemoryStore(), Window(many, PAGES), build)
    with serving(app_of(site, build)) as client:
        answer = client.ask("/signals")
        assert answer.status == 422
        assert "a limit of at most 59, or for one URL with ?url=" in answer.json["detail"]
        assert client.ask("/signals?limit=59").body == b"[]"
    site.publication.close()


def test_what_lands_is_served_soon_after(build: Path) -> None:
    api = monitor()
    window = Window([api], PAGES)
    site = site_over(MemoryStore(), window, build)
    with serving(app_of(site, build)) as client:
        assert client.ask("/signals").json == []
        assert client.ask("/api/page").json["headline"]["code"] == "waiting"
        window.add([seen(api, clock.now())])
        await_condition(lambda: client.ask("/signals").json, "the signal to be served")
        await_condition(lambda: client.ask("/api/page").json["headline"]["code"] == "operational", "the page")
    site.publication.close()


def test_the_page_as_data_is_the_document_that_the_schema_names(served: Served) -> None:
    first = PageDocument.model_validate(served.client.ask("/api/page").json)
    assert (first.page.title, first.headline.code) == ("Acme status", "operational")
    assert PageDocument.model_validate(served.client.ask("/api/page?slug=inside").json).page.title == "Inside"
    assert served.client.ask("/api/page?slug=nobody").status == 404


def test_words_are_kept_for_ever_where_they_are_asked_for_by_name(served: Served) -> None:
    for page, base in (("/?lang=de", "/"), ("/inside/?lang=de", "/inside/")):
        [address] = re.findall(r'id="page-words" data-lang="de" href="([^"]+)"', served.client.ask(page).text)
        found = served.client.ask(urljoin(base, address.replace("&amp;", "&")), headers={"Accept-Encoding": "gzip"})
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert found.headers["content-encoding"] == "gzip"
        assert found.json == language("de").shared
    other = served.client.ask("/api/words?lang=de&v=of-another-version")
    assert (other.headers["cache-control"], other.json) == ("public, max-age=60", found.json)
    assert served.client.ask("/api/words?slug=nobody").status == 404


def test_the_page_is_served_at_the_root_and_each_below_its_slug(served: Served) -> None:
    root, below = served.client.ask("/"), served.client.ask("/inside/")
    assert root.status == below.status == 200
    assert root.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Acme status</title>" in root.text
    assert 'src="./_nuxt/a.js"' in root.text
    assert "<title>Inside</title>" in below.text
    assert 'src="../_nuxt/a.js"' in below.text
    assert 'data-api="../api/page?slug=inside"' in below.text


def test_a_slug_without_a_slash_leads_to_its_page_below_any_prefix(served: Served) -> None:
    answer = served.client.ask("/inside?z=60m", headers={"Host": "evil.example"})
    assert (answer.status, answer.headers["location"]) == (308, "inside/?z=60m")
    assert served.client.ask("/inside/x").status == 404
    assert served.client.ask("/nobody/").status == served.client.ask("/nobody").status == 404


def test_everything_works_below_a_prefix_that_the_server_is_told(build: Path) -> None:
    api = monitor()
    window = Window([api], PAGES)
    window.add([seen(api, clock.now())])
    site = site_over(MemoryStore(), window, build)
    with serving(app_of(site, build), root_path="/status") as client:
        for path in ("/", "/signals", "/api/page", "/inside/", "/_nuxt/entry.abc123.js", "/docs", "/healthz"):
            assert client.ask(path).status == 200, path
    site.publication.close()


def test_head_answers_like_get_without_a_body(served: Served) -> None:
    for path in ("/", "/signals", "/signals?limit=3", "/api/page", "/healthz", "/readyz", "/docs", "/openapi.json",
                 "/_nuxt/entry.abc123.js", "/nothing"):  # fmt: skip
        head, get = served.client.ask(path, "HEAD"), served.client.ask(path)
        assert (head.status, head.body) == (get.status, b""), path
        assert head.headers["content-length"] == get.headers["content-length"], path


def test_readers_that_have_the_bytes_get_none(served: Served) -> None:
    for path in ("/", "/signals", "/signals?limit=3", "/api/page", "/_nuxt/entry.abc123.js"):
        first = served.client.ask(path, headers={"Accept-Encoding": "gzip"})
        tag = first.headers["etag"]
        for wanted in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = served.client.ask(path, headers={"Accept-Encoding": "gzip", "If-None-Match": wanted})
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag), (path, wanted)
        assert served.client.ask(path, headers={"If-None-Match": '"other"'}).status == 200


def test_bytes_are_compressed_for_readers_that_take_it(served: Served) -> None:
    for path in ("/signals", "/api/page"):
        plain = served.client.ask(path, headers={"Accept-Encoding": "gzip;q=0, br"})
        packed = served.client.ask(path, headers={"Accept-Encoding": "deflate, gzip;q=0.5"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.json == plain.json
        assert len(packed.body) < len(plain.body)
        assert packed.headers["etag"] != plain.headers["etag"]
        assert "accept-encoding" in packed.headers["vary"]


def test_the_api_introduces_itself_as_it_always_did(served: Served) -> None:
    document = served.client.ask("/openapi.json").json
    assert document["info"]["title"] == "Status Page"
    public = {path for path in document["paths"] if not path.startswith("/api/v1/")}
    assert public == {"/signals", "/api/page", "/api/events", "/healthz", "/readyz"}
    assert document == json.loads(json.dumps(openapi()))


def test_the_documents_of_the_api_need_no_network(served: Served) -> None:
    for path, script in (("/docs", "docs/swagger-ui-bundle.js"), ("/redoc", "docs/redoc.standalone.js")):
        answer = served.client.ask(path)
        assert answer.status == 200
        assert "http://" not in answer.text
        assert "https://" not in answer.text
        assert f'src="{script}"' in answer.text
        assert served.client.ask(f"/{script}").status == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_the_documents_say_so_when_they_were_not_built(tmp_path: Path) -> None:
    site = site_over(MemoryStore(), Window([monitor()], PAGES), tmp_path)
    with serving(app_of(site, tmp_path)) as client:
        assert "make web" in client.ask("/redoc").text
        assert "run make web" in client.ask("/").text
        assert client.ask("/signals").status == 200
    site.publication.close()


def test_importing_the_application_reads_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALBOX_PORT", "no port")
    assert openapi()["info"]["title"] == "Status Page"

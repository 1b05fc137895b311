from __future__ import annotations

import json
import socket
import struct
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from signalbox import clock
from signalbox.api import server
from signalbox.api.app import app_of
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, Served, site_over
from tests.api.serving import Client, serving
from tests.pages.examples import monitor, seen

GETS = ("/", "/signals", "/api/page", "/healthz", "/readyz", "/docs", "/redoc", "/openapi.json", "/inside/",
        "/_nuxt/entry.abc123.js")  # fmt: skip

TRAVERSALS = (
    "/../../../../etc/passwd", "/_nuxt/../../../etc/passwd", "/_nuxt/..%2f..%2f..%2fetc%2fpasswd",
    "/_nuxt/%2e%2e/%2e%2e/index.html", "/_nuxt/....//....//index.html", "/_nuxt/..%5c..%5cindex.html",
    "//etc/passwd", "/%2fetc%2fpasswd", "/_nuxt/%00", "/_nuxt/entry.abc123.js%00.css", "/.secret", "/%2esecret",
    "/index.html", "/_nuxt/", "/_nuxt", "/docs/", "/_nuxt/entry.abc123.js/", "/_nuxt/entry.abc123.js.br",
    "/file:///etc/passwd", "/%ff%fe", "/api/", "/api/nothing", "/signals/", "/api/page/", "/..", "/.", "/%", "/%zz",
    "/_nuxt/" + "a/" * 1_000,
)  # fmt: skip


def is_problem(answer_text: str, status: int) -> bool:
    said = json.loads(answer_text)
    return set(said) >= {"type", "title", "status", "detail", "errors"} and said["status"] == status


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_of_what_is_served(served: Served, path: str) -> None:
    answer = served.client.ask(path)
    assert answer.status == 404
    assert is_problem(answer.text, 404)


def test_unknown_paths_of_the_api_never_answer_with_the_page(served: Served) -> None:
    for path in ("/api/anything", "/api", "/signal", "/_nuxt/gone.js"):
        answer = served.client.ask(path, headers={"Accept": "*/*"})
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_people_who_are_lost_get_a_page_that_leads_back(served: Served) -> None:
    answer = served.client.ask("/no/such/<script>", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status == 404
    assert 'href="../../"' in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("path", GETS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_nothing_can_be_changed(served: Served, method: str, path: str) -> None:
    answer = served.client.ask(path, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert is_problem(answer.text, 405)


@pytest.mark.parametrize("path", [*GETS, "/nothing", "/signals?limit=0"])
def test_every_answer_tells_browsers_to_be_careful(served: Served, path: str) -> None:
    headers = served.client.ask(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_the_page_lets_only_its_own_scripts_run(served: Served) -> None:
    policy = served.client.ask("/").headers["content-security-policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy


def test_injected_queries_change_nothing(served: Served) -> None:
    for value in ("'; DROP TABLE signals; --", "\u0000", "${jndi:ldap://x}", "{{7*7}}", "<script>", "%", "x" * 4_000):
        quoted = "".join(f"%{byte:02x}" for byte in value.encode())
        for path in (f"/signals?url={quoted}", f"/api/page?slug={quoted[:240]}", f"/?{quoted}"):
            if len(path) < 8_000:
                assert served.client.ask(path).status in {200, 404}, path
    assert len(served.client.ask("/signals").json) == 2


def test_queries_longer_than_any_url_are_refused(served: Served) -> None:
    assert served.client.ask("/signals?url=" + "x" * 4_097).status == 422
    assert served.client.ask("/api/page?slug=" + "x" * 81).status == 422


@pytest.mark.parametrize(
    ("request_line", "headers", "body", "status"),
    [
        ("GET /" + "a" * 8_200, {}, b"", 414),
        ("GET /?" + "a" * 8_200, {}, b"", 414),
        ("GET /signals", {f"X-{number}": "y" for number in range(120)}, b"", 431),
        ("GET /signals", {"X": "y" * 33_000}, b"", 431),
        ("POST /signals", {"Content-Length": "70000"}, b"x" * 70_000, 413),
        ("GET /signals", {"Content-Length": "99999999999999999999"}, b"", 400),
    ],
)
def test_what_is_too_large_is_refused(
    served: Served, request_line: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = served.client.send(_request(request_line, headers) + body)
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d" % status)
    assert b"application/problem+json" in head
    assert json.loads(content)["detail"]


def _request(request_line: str, headers: dict[str, str]) -> bytes:
    lines = [f"{request_line} HTTP/1.1", "Host: x", "Connection: close"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items())]).encode() + b"\r\n\r\n"


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_like_everything_else(served: Served, junk: bytes) -> None:
    answer = served.client.send(junk)
    head, _, content = answer.partition(b"\r\n\r\n")
    assert b" 40" in head.splitlines()[0]
    assert b"application/problem+json" in head
    assert json.loads(content)["status"] in {400, 405}


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nX: ", b"GET /", b""])
def test_a_head_without_end_is_cut_off(served: Served, start: bytes) -> None:
    answer = served.client.send(start, *[b"G" * 16_384] * 64)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
    assert served.client.ask("/healthz").status == 200


def test_a_chunked_body_without_end_is_cut_off(served: Served) -> None:
    start = b"POST /signals HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = served.client.send(start, *[b"4000\r\n" + b"x" * 16_384 + b"\r\n"] * 8, b"0\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 405", b"HTTP/1.1 413"))


def test_a_head_that_never_comes_ends_the_connection(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SLOWEST_HEAD", 0.2)
    assert served.client.send(b"GET / HTTP/1.1\r\n").startswith(b"HTTP/1.1 408")


def test_a_connection_serves_many_requests(served: Served) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    answer = served.client.send((ask + b"\r\n") * 50, ask + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 51


def test_readers_who_hang_up_harm_nobody(served: Served) -> None:
    for _ in range(20):
        connection = socket.create_connection(("127.0.0.1", served.client.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET /signals?limit=61 HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.close()
    assert served.client.ask("/signals?limit=61").status == 200


def test_websockets_are_not_spoken(served: Served) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"}
    assert served.client.ask("/healthz", headers=upgrade).status == 200


def test_a_bug_of_ours_shows_a_request_id_and_nothing_else(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_over(MemoryStore(), Window([monitor()], PAGES), build)

    def fail(*_: object) -> None:
        raise RuntimeError("secret-in-a-trace")

    monkeypatch.setattr(site.publication, "signals", fail)
    with capture_logs() as logged, serving(app_of(site, build)) as client:
        answers = [client.ask("/signals"), client.ask("/signals?limit=5")]
    assert [entry["request_id"] for entry in logged if entry["event"] == "api.bug"] == [
        answer.json["request_id"] for answer in answers
    ]
    for answer in answers:
        assert answer.status == 500
        assert is_problem(answer.text, 500)
        assert len(answer.json["request_id"]) == 16
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
    site.publication.close()


def test_a_store_that_is_away_takes_only_the_long_lists_with_it(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signalbox.errors import Unavailable

    def fail(*_: object) -> None:
        raise Unavailable("questdb at secret-host does not answer")

    api = monitor()
    window = Window([api], PAGES)
    window.add([seen(api, clock.now())])
    store = MemoryStore()
    monkeypatch.setattr(store, "latest", fail)
    site = site_over(store, window, build)
    with serving(app_of(site, build)) as client:
        away = client.ask("/signals?limit=61")
        assert (away.status, away.headers["retry-after"]) == (503, "5")
        assert "secret" not in away.text
        for path in ("/", "/signals", "/api/page"):
            assert client.ask(path).status == 200
    site.publication.close()


@pytest.mark.parametrize("path", ["/signals", "/signals?limit=3", "/api/page", "/healthz", "/signals?limit=0"])
def test_scripts_of_the_origins_in_the_settings_may_read(served: Served, path: str) -> None:
    ours = served.client.ask(path, headers={"Origin": "http://localhost:3000"}).headers
    assert ours["access-control-allow-origin"] == "http://localhost:3000"
    assert "access-control-allow-credentials" not in ours
    assert "origin" in ours["vary"].lower()
    theirs = served.client.ask(path, headers={"Origin": "http://localhost:3000.evil.example"}).headers
    assert "access-control-allow-origin" not in theirs


def test_preflights_allow_reading_only(served: Served) -> None:
    def preflight(origin: str, method: str) -> int:
        headers = {"Origin": origin, "Access-Control-Request-Method": method}
        return served.client.ask("/signals", "OPTIONS", headers=headers).status

    assert preflight("http://localhost:3000", "GET") == 200
    assert preflight("http://localhost:3000", "DELETE") == 403
    assert preflight("http://evil.example", "GET") == 403


def test_every_origin_may_read_where_the_settings_say_so(build: Path) -> None:
    site = site_over(MemoryStore(), Window([monitor()], PAGES), build, cors_origins=["*"])
    with serving(app_of(site, build)) as client:
        headers = client.ask("/signals", headers={"Origin": "https://anyone.example"}).headers
        assert headers["access-control-allow-origin"] == "*"
    site.publication.close()


def test_clients_are_told_apart_only_by_what_they_ask(served: Served) -> None:
    assert isinstance(served.client, Client)
    odd = {"X-Forwarded-Prefix": "//evil.example", "X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    for path in ("/", "/inside", "/docs", "/nothing"):
        answer = served.client.ask(path, headers=odd)
        assert "evil.example" not in answer.text + str(answer.headers)

"""Heartbeats come in at our own addresses and at those of three other tools, with their answers: to the letter."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from signalbox import clock
from signalbox.api import intake
from signalbox.api.app import app_of
from signalbox.api.site import Site
from signalbox.db import Database
from signalbox.heartbeats import listening, service
from signalbox.heartbeats.models import PingRow
from signalbox.heartbeats.pings import Sort
from signalbox.manifest import apply, document
from signalbox.manifest.source import Source
from signalbox.monitors import editing
from signalbox.monitors.roster import Roster
from signalbox.pages import template
from signalbox.pages.publication import Publication
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.serving import Answer, Client, built, serving, settings
from tests.servers.process import await_condition, free_port

TOKEN, KUMA = "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A", "kF3mZp0qWv7sJ1xHb9yTcR5eLd2uGn4A"
CODE = "6f1d2c3b-4a59-4687-9cde-0123456789ab"
PING_KEY = "pK-7dQm2Xw9sTzRvB4nLy6cHf"
on_one = pytest.mark.parametrize("state_url", ["sqlite"], indirect=True)  # which database it is makes no difference
NOBODY = "0000000000000000000000000000dead"


@dataclass
class Listening:
    """The API, and the database behind it."""

    client: Client
    database: Database
    roster: Roster

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Send a request."""
        return self.client.ask(path, method, headers, body)

    def pings(self, monitor: str = "job") -> list[PingRow]:
        """What a monitor was told, newest first."""
        with self.database.read() as session:
            return service.listing(session, monitor)

    def newest(self, monitor: str = "job") -> PingRow:
        """What it was told last."""
        return self.pings(monitor)[0]


def configure(database: Database, *monitors: dict[str, Any]) -> None:
    """Have these watched."""
    with database.begin() as session:
        apply.apply(session, document._Reader(Source("test", {"monitors": list(monitors)})).manifest())


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small built page."""
    return built(tmp_path_factory.mktemp("site"))


@pytest.fixture
def api(database: Database, build: Path, tmp_path: Path) -> Iterator[Listening]:
    """The API over two push monitors."""
    more = [KUMA, CODE]
    configure(
        database,
        {
            "id": "job",
            "name": "Nightly, Job",
            "group": "Back end",
            "check": {"kind": "push", "token": TOKEN, "more_tokens": more},
        },
        {"id": "other", "name": "Other", "check": {"kind": "push", "token": NOBODY[::-1], "slug": "twice"}},
        {"id": "another", "name": "Another", "check": {"kind": "push", "token": NOBODY[::-1][1:], "slug": "twice"}},
        {"id": "web", "name": "Web", "url": "https://web.example"},
    )
    roster = Roster(database)
    roster.refresh()
    window = Window((), [Page(slug="main", title="Acme", timezone="UTC")])
    publication = Publication(window, MemoryStore(), template.load(build))
    given = settings(data=tmp_path / "data", ping_key=SecretStr(PING_KEY))
    site = Site(given, publication, {}, database=database, roster=roster)
    with serving(app_of(site, build)) as client:
        yield Listening(client, database, roster)
    publication.close()


def plain(answer: Answer) -> tuple[int, str]:
    """Status and text."""
    return answer.status, answer.body.decode()


# --- our own addresses, and Healthchecks' ---


@on_one
@pytest.mark.parametrize("token", [TOKEN, KUMA, CODE, CODE.upper()])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_a_ping_is_on_disk_when_it_is_answered(api: Listening, token: str, method: str) -> None:
    answer = api.ask(
        f"/ping/{token}", method, b"all is well" if method in {"POST", "PUT"} else None, **{"User-Agent": "cron"}
    )
    assert plain(answer) == (200, "" if method == "HEAD" else "OK")
    assert answer.headers["ping-body-limit"] == "100000"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == "no-store"
    ping = api.newest()
    assert (ping.sort, ping.method, ping.agent, ping.source) == ("success", method, "cron", "127.0.0.1")
    assert ping.body == (b"all is well" if method in {"POST", "PUT"} else None)


@on_one
@pytest.mark.parametrize(
    ("action", "sort", "status"),
    [("/start", "start", None), ("/fail", "fail", None), ("/log", "log", None), ("/0", "success", 0), ("/3", "fail", 3),
     ("/255", "fail", 255)],
)  # fmt: skip
def test_what_a_ping_says_stands_behind_the_token(api: Listening, action: str, sort: str, status: int | None) -> None:
    for address in (f"/ping/{CODE}{action}", f"/{CODE}{action}", f"/ping/{PING_KEY}/job{action}"):
        assert plain(api.ask(address)) == (200, "OK")
        assert (api.newest().sort, api.newest().status) == (sort, status)


def test_a_run_is_timed_from_its_start_to_its_end(api: Listening) -> None:
    run = "00000000-0000-4000-8000-000000000001"
    api.ask(f"/ping/{TOKEN}/start?rid={run}")
    api.ask(f"/ping/{TOKEN}?rid=00000000-0000-4000-8000-000000000002")
    assert api.newest().took is None
    api.ask(f"/ping/{TOKEN}?rid={run}")
    assert 0 < (api.newest().took or 0) < 30_000
    api.ask(f"/ping/{TOKEN}?duration=1m30s")
    assert api.newest().took == 90_000
    api.ask(f"/ping/{TOKEN}?duration=2.5")
    assert api.newest().took == 2_500


@on_one
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (f"/ping/{NOBODY}", (404, "not found")),
        ("/ping/", (404, "not found")),
        (f"/{CODE[:-1]}0", (404, "not found")),
        (f"/{CODE}/nonsense", (400, "invalid url format")),
        (f"/ping/{TOKEN}/256", (400, "invalid url format")),
        (f"/ping/{TOKEN}/nonsense", (400, "invalid url format")),
        (f"/ping/{TOKEN}/start/more", (404, "not found")),
        (f"/ping/{TOKEN}?rid=1", (400, "invalid uuid format")),
        (f"/ping/{PING_KEY}/nobody", (404, "not found")),
        (f"/ping/{PING_KEY[:-1]}/job", (404, "not found")),
        (f"/ping/{PING_KEY}/twice", (409, "ambiguous slug")),
        (f"/ping/{PING_KEY}/%C3%A9?create=1", (400, "invalid url format")),
    ],
)
def test_what_is_no_ping_is_refused(api: Listening, path: str, answer: tuple[int, str]) -> None:
    assert plain(api.ask(path)) == answer
    assert api.pings() == []


def test_a_name_that_there_is_not_is_made_if_asked_for(api: Listening) -> None:
    assert plain(api.ask(f"/ping/{PING_KEY}/new_job/start?create=1")) == (201, "Created")
    assert plain(api.ask(f"/ping/{PING_KEY}/new_job?create=1")) == (200, "OK")
    assert [ping.sort for ping in api.pings("new-job")] == ["success", "start"]
    with api.database.read() as session:
        made = editing.find(session, "new-job")
    assert (made.spec["name"], made.spec["check"]["interval"], made.spec["check"]["grace"]) == (
        "new_job",
        86_400,
        3_600,
    )
    assert plain(api.ask(f"/ping/{PING_KEY}/web?create=1")) == (409, "ambiguous slug")  # another kind has the id


def test_a_monitor_made_a_moment_ago_is_known(api: Listening) -> None:
    check = {"kind": "push", "token": NOBODY}
    assert plain(api.ask(f"/ping/{NOBODY}"))[0] == 404
    configure(api.database, {"id": "fresh", "name": "Fresh", "check": check})
    assert plain(api.ask(f"/ping/{NOBODY}")) == (200, "OK")


# --- bodies ---


def test_of_a_body_that_is_too_long_the_first_100_kb_are_kept(api: Listening) -> None:
    for size in (65_537, 100_000, 100_001, 3_000_000):
        assert plain(api.ask(f"/ping/{TOKEN}", "POST", b"x" * size)) == (200, "OK")
        assert len(api.newest().body or b"") == min(size, 100_000)


def test_a_body_without_an_end_is_answered(api: Listening) -> None:
    head = f"POST /ping/{TOKEN}/fail HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = api.client.send(head.encode(), *[b"2710\r\n" + b"y" * 10_000 + b"\r\n"] * 40)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert len(api.newest().body or b"") == 100_000


def test_any_bytes_are_kept_as_they_are(api: Listening) -> None:
    body = bytes(range(256))
    assert api.ask(f"/ping/{TOKEN}/1", "POST", body).status == 200
    assert api.newest().body == body
    assert api.ask(f"/api/push/{KUMA}?status=down&msg=a%00b%0Ac").status == 200
    assert api.newest().said == "a\ufffdb\ufffdc"


def test_a_body_that_is_refused_elsewhere_is_refused_there_still(api: Listening) -> None:
    assert api.ask("/signals", "POST", b"x" * 70_000).status == 413


# --- Uptime Kuma's address ---


@on_one
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
@pytest.mark.parametrize(
    ("query", "sort", "said", "took"),
    [
        ("", "success", "", None),
        ("?status=up&msg=OK&ping=", "success", "OK", None),
        ("?status=up&msg=OK&ping=123.4", "success", "OK", 123.4),
        ("?status=down&msg=disk%20full", "fail", "disk full", None),
        ("?status=other", "fail", "", None),
        ("?ping=nan", "success", "", None),
        ("?ping=1e12", "success", "", None),
    ],
)
def test_uptime_kuma_s_address(  # noqa: PLR0917 - one thing each
    api: Listening, method: str, query: str, sort: str, said: str, took: float | None
) -> None:
    answer = api.ask(f"/api/push/{KUMA}{query}", method)
    assert plain(answer) == (200, "" if method == "HEAD" else '{"ok":true}')
    assert answer.headers["content-type"].startswith("application/json")
    assert (api.newest().sort, api.newest().said, api.newest().took) == (sort, said, took)


def test_uptime_kuma_s_address_knows_nobody_else(api: Listening) -> None:
    missing = '{"ok":false,"msg":"Monitor not found or not active."}'
    assert plain(api.ask(f"/api/push/{NOBODY}")) == (404, missing)
    with api.database.begin() as session:
        editing.pause(session, "job", by="cli:test", now=clock.now())
    api.roster.refresh()
    assert plain(api.ask(f"/api/push/{KUMA}")) == (404, missing)
    assert plain(api.ask(f"/ping/{TOKEN}")) == (200, "OK")  # kept, but not judged


# --- Gatus' address ---

ENDPOINT = "/api/v1/endpoints/back-end_nightly--job/external"


@on_one
@pytest.mark.parametrize(
    ("query", "sort", "said", "took"),
    [
        ("?success=true", "success", "", None),
        ("?success=true&duration=10s", "success", "", 10_000),
        ("?success=false&error=disk%20full&duration=1m1.5s", "fail", "disk full", 61_500),
        ("?success=false&error=&duration=1h2m300ms", "fail", "", 3_720_300),
    ],
)
def test_gatus_address(api: Listening, query: str, sort: str, said: str, took: float | None) -> None:
    assert plain(api.ask(f"{ENDPOINT}{query}", "POST", Authorization=f"Bearer {TOKEN}")) == (200, "")
    assert (api.newest().sort, api.newest().said, api.newest().took) == (sort, said, took)


@on_one
@pytest.mark.parametrize(
    ("path", "authorization", "answer"),
    [
        (ENDPOINT, f"Bearer {TOKEN}", (400, "missing or invalid success query parameter")),
        (f"{ENDPOINT}?success=yes", f"Bearer {TOKEN}", (400, "missing or invalid success query parameter")),
        (f"{ENDPOINT}?success=true", "", (401, "invalid Authorization header")),
        (f"{ENDPOINT}?success=true", f"Basic {TOKEN}", (401, "invalid Authorization header")),
        (f"{ENDPOINT}?success=true", "Bearer ", (401, "bearer token must not be empty")),
        (f"{ENDPOINT}?success=true", f"Bearer {NOBODY}", (401, "invalid token")),
        (f"{ENDPOINT}?success=true", f"Bearer {NOBODY[::-1]}", (401, "invalid token")),  # another monitor's
        ("/api/v1/endpoints/_nobody/external?success=true", f"Bearer {TOKEN}", (404, "not found")),
        (
            f"{ENDPOINT}?success=true&duration=soon", f"Bearer {TOKEN}",
            (400, 'invalid duration: time: invalid duration "soon"'),
        ),
    ],
)  # fmt: skip
def test_gatus_address_refuses(api: Listening, path: str, authorization: str, answer: tuple[int, str]) -> None:
    assert plain(api.ask(path, "POST", Authorization=authorization)) == answer
    assert api.pings() == []


def test_gatus_address_is_for_post_alone(api: Listening) -> None:
    assert api.ask(f"{ENDPOINT}?success=true", Authorization=f"Bearer {TOKEN}").status == 405


# --- limits, and when something is away ---


def test_who_shows_too_many_wrong_tokens_waits_and_a_good_one_still_counts(api: Listening) -> None:
    answers = [api.ask(f"/ping/{NOBODY[:-2]}{number:02d}").status for number in range(intake.STRANGERS + 3)]
    assert answers == [404] * intake.STRANGERS + [429] * 3
    refused = api.ask(f"/api/push/{NOBODY}")
    assert (refused.status, int(refused.headers["retry-after"]) > 0) == (429, True)
    assert api.ask(f"/ping/{TOKEN}").status == 200


def test_a_monitor_takes_so_many_at_once(api: Listening) -> None:
    answers = [api.ask(f"/ping/{TOKEN}") for _ in range(intake.BURST + 5)]
    assert [one.status for one in answers[: intake.BURST]] == [200] * intake.BURST
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert api.ask(f"/ping/{PING_KEY}/other").status == 404  # its slug is another
    assert api.ask(f"/ping/{NOBODY[::-1]}").status == 200


def test_without_its_database_no_ping_is_taken(api: Listening, build: Path, tmp_path: Path) -> None:
    away = Database(
        f"postgresql://nobody:x@127.0.0.1:{free_port()}/none", data=tmp_path, secret_key=SecretStr("k" * 40)
    )
    window = Window((), [Page(slug="main", title="Acme", timezone="UTC")])
    publication = Publication(window, MemoryStore(), template.load(build))
    site = Site(settings(data=tmp_path / "data"), publication, {}, database=away, roster=api.roster)
    with serving(app_of(site, build)) as client:
        for path in (f"/ping/{TOKEN}", f"/ping/{TOKEN}/fail", f"/api/push/{KUMA}"):
            answer = client.ask(path)
            assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    publication.close()
    away.close()
    assert api.pings() == []


def test_pings_that_come_together_are_all_kept_in_few_transactions(api: Listening) -> None:
    tokens = [TOKEN, NOBODY[::-1], NOBODY[::-1][1:]]
    statuses: list[int] = []
    lock = threading.Lock()

    def send(token: str) -> None:
        for _ in range(15):
            status = api.ask(f"/ping/{token}", "POST", b"x").status
            with lock:
                statuses.append(status)

    threads = [threading.Thread(target=send, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 45
    assert [len(api.pings(key)) for key in ("job", "other", "another")] == [15, 15, 15]
    assert {ping.sort for ping in api.pings()} == {Sort.SUCCESS}


def test_it_says_that_it_listens(api: Listening) -> None:
    def said() -> bool:
        with api.database.read() as session:
            known = listening.read(session)
        return known is not None and clock.now() - known.until < 30 * clock.MICROS

    await_condition(said, "somebody to listen")
    with api.database.read() as session:
        assert "deaf" not in json.dumps(listening.read(session))


def test_a_ping_is_answered_fast(api: Listening) -> None:
    took = []
    for number in range(50):
        began = time.monotonic()
        assert api.ask(f"/ping/{TOKEN}").status == 200, number
        took.append(time.monotonic() - began)
    assert sorted(took)[25] < 0.25

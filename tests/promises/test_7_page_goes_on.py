"""Promise 7, with its servers: store and database are frozen and killed under a page that people read.

The page is served all the while and within a second; what needs the database says so as a page; nobody is kept waiting;
and all comes back by itself.
"""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from signalbox import clock
from signalbox.api.app import create_app
from signalbox.api.opening import opened_site
from signalbox.clock import MICROS
from signalbox.installation import opened
from signalbox.monitors import service
from signalbox.pages.language import language
from signalbox.settings import Settings
from tests.api.serving import Answer, Client, serving
from tests.pages.examples import seen
from tests.promises.outages import LONG
from tests.runner.systems import System, commands, distributed, write_manifest, write_settings
from tests.runner.test_faults import answered
from tests.servers.postgres import PostgresServer
from tests.servers.process import Process, await_condition, free_port, listens
from tests.servers.still import frozen
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(900 if LONG else 300)

AT_ONCE = 1.0  # seconds in which the page itself answers, whatever hangs
AT_LAST = 15.0  # seconds in which everything answers: ten until a view is given up, and a slow machine
PEOPLE = {"accept": "text/html"}
NOT_READY = ["/history?q=some", "/monitor/fine?z=24h&lang=de"]  # views that nobody asked for before
NOTE = "The answer times are not to be had at present"


def test_store_and_database_hang_or_die_and_the_page_goes_on(
    tmp_path: Path, target: Target, own_postgres: PostgresServer
) -> None:
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/switch")}])
    with distributed(tmp_path, own_postgres.fresh_database()) as system:
        client = Client(system.port)
        await_condition(lambda: listens(system.port) and headline(client) == "operational", "a green page")
        views_work(client)
        the_store_hangs(system, client)
        the_database_hangs(client, own_postgres, target)
        if LONG:
            the_store_dies(system, client)
            the_database_dies(client, own_postgres, target)


def the_store_hangs(system: System, client: Client) -> None:
    assert system.questdb
    with frozen(system.questdb):
        for zoom in ("60m", "7d"):
            assert said(client, "/").status == 200
            without_answer_times(client, zoom)
        assert missing_parts(client) == ["store"]
        assert headline(client) == "operational"

    await_condition(lambda: not missing_parts(client), "all parts to answer")


def the_store_dies(system: System, client: Client) -> None:
    """For longer than signals stay fresh: what the ledger tells keeps the page fresh, and shows with each minute."""
    assert system.questdb
    system.questdb.kill()
    killed = clock.now()
    await_condition(lambda: len(answered(system, killed)) >= 4, "judging to go on")
    assert said(client, "/").status == 200
    without_answer_times(client, "30d")
    assert missing_parts(client) == ["store"]
    later = clock.iso(killed + 240 * MICROS)
    await_condition(lambda: newest(client) > later, "the page to be fresh by what is judged", 360)
    assert headline(client) == "operational"
    without = answered(system, killed)

    system.questdb.up()
    await_condition(lambda: without <= {one.moment for one in system.stored()}, "the journal's signals to arrive")
    url = system.get("/signals")[0]["url"]
    await_condition(lambda: holds(system, url, without), "the page to learn what it missed")
    await_condition(lambda: not missing_parts(client), "all parts to answer")
    await_condition(lambda: NOTE not in said(client, "/monitor/fine?z=90d").text, "answer times")


def the_database_hangs(client: Client, database: PostgresServer, target: Target) -> None:
    with frozen(database):
        assert said(client, "/").status == 200
        with ThreadPoolExecutor(8) as readers:
            for answer in readers.map(lambda path: said(client, path, AT_LAST), NOT_READY * 4):
                is_a_page_that_says_later(answer)
        is_a_page_that_says_later(said(client, NOT_READY[0]))  # by now it is known that it hangs
        assert said(client, "/").status == 200
        assert missing_parts(client) == ["database"]
        begun = time.monotonic()  # who may change things is told, too
        answer = client.ask("/api/v1/incidents", headers={"Authorization": "Bearer sbx_" + "a" * 43})
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert time.monotonic() - begun < AT_LAST
        if LONG:
            nobody_judges(client, target)
    comes_back(client)


def nobody_judges(client: Client, target: Target) -> None:
    """Checks go on, and their signals arrive. What they say is green for as long as it is what was confirmed."""
    later = clock.iso(clock.now() + 200 * MICROS)
    await_condition(lambda: newest(client) > later, "signals to arrive without a judge", 300)
    assert headline(client) == "operational"
    target.switched = b"500 Oops"
    await_condition(lambda: headline(client) == "stale", "an honest page")
    assert "is-operational" not in said(client, "/").text.partition('<footer class="page-footer">')[0]
    target.switched = b"200 OK"
    await_condition(lambda: headline(client) == "operational", "the same as was confirmed")


def the_database_dies(client: Client, database: PostgresServer, target: Target) -> None:
    database.kill()
    assert said(client, "/").status == 200
    await_condition(lambda: said(client, "/history?q=more", AT_LAST).status == 503, "the view to miss its database")
    is_a_page_that_says_later(said(client, "/monitor/fine?z=1y"))
    assert missing_parts(client) == ["database"]
    nobody_judges(client, target)
    database.up()
    comes_back(client)


def comes_back(client: Client) -> None:
    """Everything is as before, without anybody's doing."""
    back = clock.iso(clock.now())
    await_condition(lambda: not missing_parts(client), "all parts to answer")
    await_condition(lambda: said(client, NOT_READY[0], AT_LAST).status == 200, "the views")
    views_work(client)
    await_condition(lambda: newest(client) > back and headline(client) == "operational", "a page that is fresh again")


def test_a_process_whose_database_hangs_stops_all_the_same(
    tmp_path: Path, target: Target, own_postgres: PostgresServer
) -> None:
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok")}])
    write_settings(tmp_path, database_url=own_postgres.fresh_database())
    client = Client(free_port())
    with Process(commands(client.port)["api"], tmp_path, "api") as api, ThreadPoolExecutor(1) as reader:
        api.start(lambda: listens(client.port))
        views_work(client)
        with frozen(own_postgres):
            asked = reader.submit(said, client, "/history?q=x", AT_LAST)
            await_condition(lambda: missing_parts(client) == ["database"], "the database to hang")
            assert api.stop(30) in (0, -signal.SIGTERM)  # uvicorn hands the signal on
            is_a_page_that_says_later(asked.result(30))


def test_a_page_whose_database_hangs_grows_stale_and_is_never_green_then(
    tmp_path: Path, target: Target, own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is old before three minutes are over, so the clock is put forward, as in test_7_stale.py."""
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok"), "every": "60s"}])
    settings = Settings(config=tmp_path / "signalbox.yaml", data=tmp_path, database_url=own_postgres.fresh_database())
    with serving(create_app(lambda: opened_site(settings), settings)) as client:
        keep(settings, clock.now())
        await_condition(lambda: headline(client) == "operational", "the page to show what is stored")
        with frozen(own_postgres):
            told, ahead, real = newest(client), 179, clock.now
            monkeypatch.setattr(clock, "now", lambda: real() + ahead * MICROS)
            await_condition(
                lambda: generated(client) > clock.iso(real() + 120 * MICROS), "a page of three minutes later"
            )
            ahead = 240
            await_condition(lambda: headline(client) == "stale", "the page to say that it is old")
            text = said(client, "/").text
            assert "is-operational" not in text.partition('<footer class="page-footer">')[0]
            assert told == newest(client)
        keep(settings, clock.now())
        await_condition(lambda: headline(client) == "operational", "the page to be fresh again")


def keep(settings: Settings, moment: int) -> None:
    """What an asking process would have stored: the monitor was up."""
    with opened(settings, follow=False) as installation, installation.database.read() as session:
        (monitor,) = service.active(session)
        installation.store.append([seen(monitor, moment // MICROS * MICROS)])


def said(client: Client, path: str, within: float = AT_ONCE) -> Answer:
    """What a browser is answered, and in time."""
    begun = time.monotonic()
    answer = client.ask(path, headers=PEOPLE)
    took = time.monotonic() - begun
    assert took < within, f"{path} took {took:.1f} s"
    return answer


def page(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.ask("/api/page").json
    return found


def headline(client: Client) -> str:
    return str(page(client)["headline"]["code"])


def newest(client: Client) -> str:
    return str(page(client)["newest_result_at"])


def generated(client: Client) -> str:
    return str(page(client)["generated_at"])


def missing_parts(client: Client) -> list[str]:
    answer = client.ask("/readyz")
    return [] if answer.status == 200 else [error["where"] for error in answer.json["errors"]]


def views_work(client: Client) -> None:
    for path in ("/history", "/monitor/fine", "/was-it-me", "/wall"):
        assert said(client, path, AT_LAST).status == 200, path


def without_answer_times(client: Client, zoom: str) -> None:
    """The service's page is there and says what it lacks, at a zoom that was not asked for in this minute; what needs
    no store is whole."""
    answer = said(client, f"/monitor/fine?z={zoom}", AT_LAST)
    assert (answer.status, NOTE in answer.text) == (200, True)
    assert said(client, "/was-it-me", AT_LAST).status == 200
    assert said(client, "/history").status == 200


def is_a_page_that_says_later(answer: Answer) -> None:
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"].startswith("text/html")
    assert any(language(code).say("lost.503.title") in answer.text for code in ("en", "de"))


def holds(system: System, url: str, moments: set[int]) -> bool:
    """Does the page's own memory have a record of each of these?"""
    shown = {record["received"] for record in system.records(url)}
    oldest = min(shown)
    return {one for one in map(clock.iso, moments) if one >= oldest} <= shown

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from signalbox.api.app import app_of
from signalbox.api.public import health
from signalbox.api.site import Site
from signalbox.errors import Unavailable
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.conftest import PAGES, site_over
from tests.api.serving import serving
from tests.pages.examples import monitor


@pytest.fixture
def site(build: Path) -> Iterator[Site]:
    made = site_over(MemoryStore(), Window([monitor()], PAGES), build)
    yield made
    made.publication.close()


def away() -> None:
    raise Unavailable("postgresql://user:hunter2@db.internal does not answer")


def test_a_process_that_lives_says_ok_whatever_else_is_away(site: Site) -> None:
    with serving(app_of(replace(site, readiness={"store": away, "database": away}))) as client:
        answer = client.ask("/healthz")
        assert (answer.status, answer.text, answer.headers["cache-control"]) == (200, "ok\n", "no-store")


def test_ready_means_that_every_part_answers(site: Site) -> None:
    with serving(app_of(replace(site, readiness={"store": lambda: None, "broker": lambda: None}))) as client:
        answer = client.ask("/readyz")
        assert (answer.status, answer.json) == (200, {"ready": True, "parts": ["store", "broker"]})


def test_a_part_that_is_away_is_named_without_its_secrets(site: Site) -> None:
    with serving(app_of(replace(site, readiness={"store": lambda: None, "database": away}))) as client:
        answer = client.ask("/readyz")
        assert answer.status == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["errors"] == [{"where": "database", "message": "does not answer"}]
        assert "hunter2" not in answer.text
        assert "internal" not in answer.text


def test_a_part_that_hangs_is_named_in_time_and_holds_one_thread(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    go, entered = threading.Event(), []

    def hang() -> None:
        entered.append(1)
        go.wait(60)

    monkeypatch.setattr(health, "PATIENCE", 0.2)
    with serving(app_of(replace(site, readiness={"store": hang}))) as client:
        for _ in range(3):
            answer = client.ask("/readyz")
            assert answer.status == 503
            assert answer.json["errors"][0]["message"] == "did not answer within 5 seconds"
        assert len(entered) == 1
        go.set()
        monkeypatch.setattr(health, "PATIENCE", 30.0)
        assert client.ask("/readyz").status == 200

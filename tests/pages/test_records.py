from __future__ import annotations

import json
from concurrent.futures import Future
from typing import Any

import pytest

from signalbox import clock
from signalbox.pages.publication import Publication, TooMany
from signalbox.pages.shelf import Bodies
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from signalbox.stores.memory import MemoryStore
from tests.pages.examples import MINUTE, NOW, PAGE, monitor, seen

API, WEB = monitor("api"), monitor("web")


def answer(bodies: Bodies | Future[Bodies]) -> list[dict[str, Any]]:
    """What was said, as a client reads it."""
    (body,) = bodies.result(30) if isinstance(bodies, Future) else bodies
    said: list[dict[str, Any]] = json.loads(body.content)
    return said


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def publication(store: MemoryStore, *monitors: Any) -> tuple[Publication, Window]:
    window = Window(monitors, (PAGE,))
    return Publication(window, store, None), window


def test_the_answer_is_what_the_tutorials_clients_expect(store: MemoryStore) -> None:
    public, window = publication(store, API, WEB)
    window.add([seen(API, NOW, status=204), seen(API, NOW - MINUTE, Verdict.DOWN), seen(WEB, NOW + 5)])
    assert answer(public.signals()) == [
        {"url": API.target, "records": [
            {"url": API.target, "http_status": -1, "available": False, "received": "2026-11-24T02:59:30.000000Z"},
            {"url": API.target, "http_status": 204, "available": True, "received": "2026-11-24T03:00:30.000000Z"},
        ]},
        {"url": WEB.target, "records": [
            {"url": WEB.target, "http_status": 200, "available": True, "received": "2026-11-24T03:00:30.000005Z"},
        ]},
    ]  # fmt: skip
    public.close()


def test_moments_are_written_as_the_clock_writes_them(store: MemoryStore) -> None:
    public, window = publication(store, API)
    moments = [NOW, NOW + 59_999_999, NOW + 3 * MINUTE + 1, clock.now()]
    window.add([seen(API, moment) for moment in moments])
    (said,) = answer(public.signals())
    assert [record["received"] for record in said["records"]] == [clock.iso(moment) for moment in sorted(moments)]
    public.close()


def test_a_url_without_a_record_is_left_out(store: MemoryStore) -> None:
    public, window = publication(store, API, WEB)
    assert answer(public.signals()) == []
    window.add([seen(WEB, NOW)])
    assert [said["url"] for said in answer(public.signals(59))] == [WEB.target]
    public.close()


@pytest.mark.parametrize("limit", [3, 100])
def test_monitors_of_the_same_url_share_one_list(store: MemoryStore, limit: int) -> None:
    twins = [monitor("a", url="https://x.example/"), monitor("b", url="https://x.example/")]
    public, window = publication(store, *twins)
    signals = [seen(twins[number % 2], NOW + number * MINUTE, status=200 + number) for number in range(6)]
    window.add(signals)
    store.append(signals)
    (said,) = answer(public.signals(limit))
    assert [record["http_status"] for record in said["records"]] == [200, 201, 202, 203, 204, 205][-limit:]
    public.close()


def test_more_than_sixty_records_come_from_the_store(store: MemoryStore) -> None:
    public, _ = publication(store, API, WEB)
    store.append([seen(API, NOW - number * MINUTE) for number in range(150)])
    store.append([seen(API, NOW - 1_000 * MINUTE, url="https://where-it-was-before.example")])
    (said,) = answer(public.signals(100))
    assert len(said["records"]) == 100
    assert said["records"][-1]["received"] == clock.iso(NOW)
    (all_of_it,) = answer(public.signals(10_000))
    assert len(all_of_it["records"]) == 150
    public.close()


def test_one_url_can_be_asked_for(store: MemoryStore) -> None:
    public, window = publication(store, API, WEB)
    signals = [seen(one, NOW - number * MINUTE) for one in (API, WEB) for number in range(90)]
    window.add(signals)
    store.append(signals)
    for limit in (5, 80):
        (said,) = answer(public.signals(limit, WEB.target))
        assert (said["url"], len(said["records"])) == (WEB.target, limit)
        assert answer(public.signals(limit, "https://nobody-watches.example")) == []
    public.close()


def test_an_answer_with_too_many_records_is_refused_with_a_way_out(store: MemoryStore) -> None:
    many = [monitor(f"m{number}") for number in range(301)]
    public, _ = publication(store, *many)
    with pytest.raises(TooMany, match=r"limit of at most 996, or for one URL with \?url="):
        public.signals(1_000)
    assert answer(public.signals(996)) == []
    assert answer(public.signals(10_000, many[0].target)) == []
    public.close()


def test_urls_in_any_script_and_with_any_character_come_back_as_they_are(store: MemoryStore) -> None:
    odd = monitor("odd", url="https://bücher.example/☃?q=\"<\\>\u2028&x='")
    public, window = publication(store, odd)
    window.add([seen(odd, NOW)])
    (said,) = answer(public.signals())
    assert said["url"] == said["records"][0]["url"] == odd.target
    public.close()

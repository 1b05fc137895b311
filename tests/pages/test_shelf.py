from __future__ import annotations

import gzip
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from signalbox.errors import Unavailable
from signalbox.pages import shelf as shelves
from signalbox.pages.shelf import LARGEST, Bodies, Body, Shelf, rest_after
from tests.servers.process import await_condition


def body(text: str) -> Bodies:
    return (Body.of(text.encode(), "text/plain", "no-cache"),)


def text(bodies: Bodies | Future[Bodies]) -> str:
    made = bodies.result(30) if isinstance(bodies, Future) else bodies
    return made[0].content.decode()


def test_bodies_are_made_once_however_many_ask() -> None:
    shelf: Shelf[str] = Shelf("test")
    made, go = [], threading.Event()

    def make() -> Bodies:
        go.wait(30)
        made.append(1)
        return body("x")

    with ThreadPoolExecutor(16) as readers:
        asked = [readers.submit(shelf.take, "key", 1, make) for _ in range(16)]
        taken = [one.result(30) for one in asked]
        go.set()
        assert {text(one) for one in taken} == {"x"}
    assert made == [1]
    shelf.close()


def test_what_is_ready_and_current_is_served_as_it_is() -> None:
    shelf: Shelf[str] = Shelf("test", at_least=0)
    first = shelf.take("key", 1, lambda: body("x"))
    assert isinstance(first, Future)
    made = first.result(30)
    assert shelf.take("key", 1, lambda: body("never")) is made
    shelf.close()


def test_the_last_body_is_served_while_the_next_is_made() -> None:
    shelf: Shelf[str] = Shelf("test", at_least=0, too_old=3_600)
    text(shelf.take("key", 1, lambda: body("old")))
    go = threading.Event()

    def make() -> Bodies:
        go.wait(30)
        return body("new")

    await_condition(lambda: text(shelf.take("key", 2, make)) == "old" and shelf._pending, "the making to begin")
    assert text(shelf.take("key", 2, make)) == "old"
    go.set()
    await_condition(lambda: text(shelf.take("key", 2, make)) == "new", "the new body")
    shelf.close()


def test_whoever_asks_after_a_long_silence_gets_the_new_one() -> None:
    shelf: Shelf[str] = Shelf("test", at_least=0, too_old=0)
    text(shelf.take("key", 1, lambda: body("old")))
    shelf._rest = 0.0
    assert text(shelf.take("key", 2, lambda: body("new"))) == "new"
    shelf.close()


def test_the_same_key_is_not_made_again_before_its_pause_is_over() -> None:
    shelf: Shelf[str] = Shelf("test", at_least=3_600)
    text(shelf.take("key", 1, lambda: body("old")))
    assert text(shelf.take("key", 2, lambda: body("new"))) == "old"
    shelf.close()


def test_a_making_that_fails_is_told_to_who_waits_and_tried_again() -> None:
    shelf: Shelf[str] = Shelf("test")

    def fail() -> Bodies:
        raise Unavailable("away")

    with pytest.raises(Unavailable, match="away"):
        text(shelf.take("key", 1, fail))
    assert text(shelf.take("key", 1, lambda: body("back"))) == "back"
    shelf.close()


def test_too_many_keys_at_once_are_refused() -> None:
    shelf: Shelf[int] = Shelf("test", queue=3)
    go = threading.Event()

    def make() -> Bodies:
        go.wait(30)
        return body("x")

    waiting = [shelf.take(key, 1, make) for key in range(3)]
    with pytest.raises(Unavailable, match="try again"):
        shelf.take(3, 1, make)
    go.set()
    assert [text(one) for one in waiting] == ["x"] * 3
    shelf.close()


def test_what_was_asked_for_longest_ago_leaves_when_there_is_too_much() -> None:
    shelf: Shelf[int] = Shelf("test")
    big = Body(b"x" * (LARGEST // 3), None, "tag", "text/plain", "no-cache")
    for key in range(5):
        text(shelf.take(key, 1, lambda: (big,)))
    assert list(shelf._kept) == [2, 3, 4]
    shelf.close()


def test_a_body_is_compressed_only_when_that_is_smaller() -> None:
    long = Body.of(b"signal " * 1_000, "text/plain", "no-cache")
    assert long.packed is not None
    assert gzip.decompress(long.packed) == long.content
    assert Body.of(b"short", "text/plain", "no-cache").packed is None
    assert Body.of(b"signal " * 1_000, "text/plain", "no-cache") == long


def test_of_a_large_page_only_what_browsers_take_is_kept() -> None:
    content = b"<li>service</li>" * 20_000
    page, data = (Body.of(content, "text/html", "no-cache", for_browsers=one) for one in (True, False))
    assert page.size < len(content) < data.size
    assert (page.content, page.tag, page.packed) == (content, data.tag, data.packed)


def test_nobody_waits_behind_a_making_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has something ready gets it until it is too old; all others are refused at once, until the making ends."""
    monkeypatch.setattr(shelves, "STUCK", 0.1)
    one: Shelf[str] = Shelf("one", at_least=0.0, too_old=60.0)
    hanging, go = threading.Event(), threading.Event()

    def hang() -> Bodies:
        hanging.set()
        go.wait(60)
        return body("late")

    text(one.take("ready", 1, lambda: body("ready")))
    late = one.take("late", 1, hang)
    assert hanging.wait(30)
    await_condition(lambda: time.monotonic() - one._began > 0.1, "the making to be taken to hang")
    for key in ("late", "another"):
        with pytest.raises(Unavailable, match="hangs"):
            one.take(key, 1, lambda: body("never"))
    assert text(one.take("ready", 2, lambda: body("newer"))) == "ready"
    go.set()
    assert text(late) == "late"
    await_condition(lambda: one._began == float("inf"), "the making to end")
    assert text(one.take("another", 1, lambda: body("another"))) == "another"
    one.close()


def test_a_making_that_hung_for_minutes_does_not_keep_the_old_bodies_for_minutes_more() -> None:
    assert (rest_after(0.1), rest_after(300.0)) == (0.9, 20.0)

"""Readers take turns, and nobody can bring so much that others do not come to theirs."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from signalbox.errors import Unavailable
from signalbox.pages.lane import Lane
from signalbox.pages.shelf import Bodies, Body, Crowding, Shelf
from signalbox.pages.turns import Turns
from tests.servers.process import await_condition


def body(text: str) -> Bodies:
    return (Body.of(text.encode(), "text/plain", "no-cache"),)


def test_each_takes_one_turn_after_the_other_in_the_order_of_what_they_brought() -> None:
    turns: Turns[str] = Turns()
    for one in ("a1", "a2", "a3", "b1", "c1", "c2"):
        turns.put(one[0], one)
    turns.close()
    assert [turns.get() for _ in range(7)] == ["a1", "b1", "c1", "a2", "c2", "a3", None]


def test_who_waits_for_a_turn_is_woken_by_the_next_thing_and_by_the_end() -> None:
    turns: Turns[str] = Turns()
    got: list[str | None] = []
    waiting = threading.Thread(target=lambda: got.extend([turns.get(), turns.get()]))
    waiting.start()
    turns.put("a", "a1")
    await_condition(lambda: got is not None and not turns._waiting, "the first to be taken")
    turns.close()
    waiting.join(30)
    assert got == ["a1", None]


def test_what_one_reader_wants_is_made_before_all_that_another_wanted_earlier() -> None:
    go, made, lane = threading.Event(), list[str](), Lane("test")
    first = lane.submit(lambda: go.wait(30), "flood")
    asked = [lane.submit(lambda one=one: made.append(one), one[:5]) for one in ("flood1", "flood2", "other")]  # type: ignore[misc]
    go.set()
    assert first.result(30)
    for one in asked:
        one.result(30)
    assert made.index("other") < made.index("flood2")
    lane.close()


def test_a_reader_has_a_share_of_the_queue_and_others_have_the_rest() -> None:
    shelf: Shelf[str] = Shelf("test", queue=16)
    go = threading.Event()

    def make() -> Bodies:
        go.wait(30)
        return body("x")

    taken = [shelf.take(f"flood-{at}", 1, make, "192.0.2.1") for at in range(2)]
    for at in range(2, 40):
        with pytest.raises(Crowding, match="try again"):
            shelf.take(f"flood-{at}", 1, make, "192.0.2.1")
    assert shelf.take("flood-0", 1, make, "192.0.2.1") is taken[0]  # what is being made already costs nothing
    other = shelf.take("other", 1, make, "192.0.2.2")
    assert isinstance(other, Future)
    go.set()
    assert other.result(30)[0].content == b"x"
    for one in taken:
        assert isinstance(one, Future)
        one.result(30)
    await_condition(lambda: not shelf._brought, "everybody to be forgotten")
    assert isinstance(shelf.take("flood-2", 1, make, "192.0.2.1"), Future)
    shelf.close()


def test_many_readers_together_can_still_fill_a_queue_but_wait_in_no_other() -> None:
    shelf: Shelf[int] = Shelf("test", queue=4)
    go = threading.Event()

    def make() -> Bodies:
        go.wait(30)
        return body("x")

    for at in range(4):
        shelf.take(at, 1, make, f"192.0.2.{at}")
    with pytest.raises(Unavailable, match="too many different answers"):
        shelf.take(4, 1, make, "192.0.2.4")
    go.set()
    shelf.close()

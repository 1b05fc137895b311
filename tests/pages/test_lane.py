from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError

import pytest

from signalbox.errors import Unavailable
from signalbox.pages import lane
from signalbox.pages.lane import Lane
from signalbox.pages.questions import Questions
from signalbox.signals import Signal
from signalbox.stores.memory import MemoryStore
from tests.servers.process import await_condition


def test_calls_are_done_in_order_and_errors_are_told() -> None:
    done: list[int] = []
    one = Lane("one")
    futures = [one.submit(lambda number=number: done.append(number)) for number in range(20)]  # type: ignore[misc]
    with pytest.raises(ZeroDivisionError):
        one.submit(lambda: 1 // 0).result(30)
    assert [future.result(0) for future in futures] == [None] * 20
    assert done == list(range(20))
    one.close()
    with pytest.raises(RuntimeError, match="one is closed"):
        one.submit(lambda: None)


def test_a_call_that_hangs_keeps_nobody_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "ENDING", 0.05)
    hanging, go, one = threading.Event(), threading.Event(), Lane("one")

    def hang() -> None:
        hanging.set()
        go.wait(60)

    one.submit(hang)
    behind = one.submit(lambda: None)
    assert hanging.wait(30)
    one.close()
    go.set()
    with pytest.raises(CancelledError):
        behind.result(30)


class Frozen(MemoryStore):
    """A store that answers nothing until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.asked = threading.Event(), 0

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        self.asked += 1
        self.go.wait(60)
        return {}


def test_a_store_that_hangs_costs_the_first_reader_a_moment_and_others_nothing() -> None:
    store = Frozen()
    questions = Questions(store, patience=0.1)
    with pytest.raises(Unavailable, match="did not answer within"):
        questions.latest(["api"], 1)
    start = time.monotonic()
    for _ in range(20):
        with pytest.raises(Unavailable, match="has not answered an earlier question"):
            questions.latest(["api"], 1)
    assert time.monotonic() - start < 1
    assert store.asked == 1
    store.go.set()
    await_condition(lambda: answers(questions), "the store to be asked again")
    questions.close()


def answers(questions: Questions) -> bool:
    try:
        return questions.latest(["api"], 1) == {}
    except Unavailable:
        return False

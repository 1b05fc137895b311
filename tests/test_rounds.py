"""Do rounds come again whatever went wrong in one, and end when they are told to?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from signalbox.errors import SignalboxError, Unavailable
from signalbox.rounds import Rounds
from tests.servers.process import await_condition


@contextmanager
def going(once: Callable[[], float | None], every: float = 0.01, **how: Any) -> Iterator[Rounds]:
    made = Rounds("test", once, every, **how)
    made.start()
    try:
        yield made
    finally:
        made.close()


class Count:
    """A round that counts, and raises what it is given, once each."""

    def __init__(self, *troubles: Exception) -> None:
        self.done, self.threads, self._troubles = 0, set[str](), list(troubles)

    def __call__(self) -> None:
        self.done += 1
        self.threads.add(threading.current_thread().name)
        if self._troubles:
            raise self._troubles.pop(0)


def test_rounds_come_again_on_a_thread_of_that_name_until_closed() -> None:
    count = Count()
    with going(count) as rounds:
        await_condition(lambda: count.done >= 3, "three rounds")
        assert rounds.is_going
        assert rounds.close()
        done = count.done
    assert not rounds.is_going
    assert (count.done, count.threads) == (done, {"test"})


def test_what_a_round_raises_is_logged_and_the_next_one_comes(capsys: pytest.CaptureFixture[str]) -> None:
    count = Count(Unavailable("the database is away"), ZeroDivisionError())
    with going(count):
        await_condition(lambda: count.done >= 3, "three rounds")
    said = capsys.readouterr().out
    assert "test.waits" in said
    assert "the database is away" in said
    assert "test.bug" in said
    assert "ZeroDivisionError" in said


def test_who_wants_to_say_it_otherwise_is_told_of_trouble() -> None:
    told: list[SignalboxError] = []
    count = Count(Unavailable("away"))
    with going(count, trouble=told.append):
        await_condition(lambda: count.done >= 2, "two rounds")
    assert [str(error) for error in told] == ["away"]


@pytest.mark.parametrize(
    ("once", "seconds"),
    [
        (lambda: None, 5.0),
        (lambda: 7.0, 7.0),
        (Count(Unavailable("away")), 30.0),
        (Count(ZeroDivisionError()), 30.0),
    ],
)
def test_the_pause_is_as_told_as_usual_or_the_one_after_trouble(
    once: Callable[[], float | None], seconds: float
) -> None:
    assert Rounds("test", once, 5.0, again=30.0).go() == seconds


def test_a_round_that_takes_long_is_rested_from() -> None:
    def slow() -> None:
        begun = time.monotonic()
        await_condition(lambda: time.monotonic() - begun > 0.05, "a while")

    assert Rounds("test", slow, 0.1, rest=9.0).go() >= 0.45


def test_a_close_waits_no_longer_than_told_for_a_round_that_hangs() -> None:
    free, entered = threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        free.wait(60)

    with going(hang) as rounds:
        assert entered.wait(10)
        begun = time.monotonic()
        assert not rounds.close(0.05)
        assert time.monotonic() - begun < 5
        free.set()
        assert rounds.close(10)


def test_a_pause_within_a_round_ends_with_it() -> None:
    paused = threading.Event()

    def long() -> None:
        paused.set()
        rounds.pause(60)

    with going(long) as rounds:
        assert paused.wait(10)
        assert rounds.close(10)
        assert rounds.is_closed


def test_one_that_was_never_started_can_be_closed() -> None:
    assert Rounds("test", Count(), 1.0).close()

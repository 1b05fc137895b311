from __future__ import annotations

from functools import partial

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.errors import Unavailable
from signalbox.pages.follower import Filling, Follower
from signalbox.pages.window import Window
from signalbox.signals import Signal
from signalbox.stores.memory import MemoryStore
from tests.pages.examples import MINUTE, PAGE, monitor, seen
from tests.servers.process import await_condition

API = monitor()


class Moody(MemoryStore):
    """A store that can be away, and tells what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.spans: list[int] = []

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        if self.is_away:
            raise Unavailable("the store does not answer")
        self.spans.append(end - start)
        return super().raw(monitor, start, end)


def test_new_signals_reach_the_window_one_after_the_other() -> None:
    store, window = Moody(), Window((API,), (PAGE,))
    follower = Follower(store, window, every=0.01)
    follower.start()

    def holds(count: int) -> bool:
        return len(window.records("api", 60)) == count

    for count in range(1, 4):
        store.append([seen(API, clock.now())])
        await_condition(partial(holds, count), "the signal to arrive")
    follower.close()


def test_a_store_that_is_away_leaves_the_window_as_it_is_and_is_said() -> None:
    store, window = Moody(), Window((API,), (PAGE,))
    store.append([seen(API, clock.now())])
    follower = Follower(store, window)
    assert follower.look()
    store.is_away = True
    assert not follower.look()
    assert follower.away == "the store does not answer"
    assert len(window.records("api", 60)) == 1


def test_when_the_store_is_back_all_that_was_missed_is_learned() -> None:
    store, window = Moody(), Window((API,), (PAGE,))
    follower = Follower(store, window)
    assert follower.look()
    store.is_away = True
    assert not follower.look()
    store.append([seen(API, clock.now() - 50 * MINUTE), seen(API, clock.now())])
    store.is_away = False
    assert follower.look()
    assert follower.away is None
    assert len(window.records("api", 60)) == 2


def test_most_looks_go_back_a_few_seconds_only() -> None:
    store, window = Moody(), Window((API,), (PAGE,))
    follower = Follower(store, window)
    follower.look()
    assert sum(store.spans) >= 60 * MINUTE
    store.spans.clear()
    follower.look()
    assert sum(store.spans) <= 3 * MINUTE
    assert sum(store.spans) >= 20 * MICROS


def test_the_past_of_new_monitors_is_learned_at_the_start_and_after_a_reload() -> None:
    store, window, web = Moody(), Window((API,), (PAGE,)), monitor("web")
    store.append([seen(API, clock.now() - 500 * MINUTE), seen(web, clock.now() - 700 * MINUTE)])
    filling = Filling(store, window, every=0.01)
    filling.start()
    await_condition(lambda: window.records("api", 60), "the past of the first monitor")
    window.replace_monitors((API, web))
    await_condition(lambda: window.records("web", 60), "the past of the second monitor")
    await_condition(lambda: not window.has_unfilled, "the end of the filling")
    filling.close()

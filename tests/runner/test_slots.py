"""Seconds come once each: late, stalled, set back and set forward."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signalbox.runner.slots import PATIENCE, Slots


class Clocks:
    """A wall clock and a monotonic one, moved by hand."""

    def __init__(self) -> None:
        self.wall, self.monotonic = 1_000.2, 50.0

    def pass_(self, seconds: float, step: float = 0.0) -> None:
        self.monotonic += seconds
        self.wall += seconds + step


def slots(clocks: Clocks, newest: int | None = None) -> Slots:
    return Slots(lambda: clocks.wall, lambda: clocks.monotonic, newest)


def test_each_second_comes_once() -> None:
    clocks = Clocks()
    taker = slots(clocks)
    assert taker.take().now == ()
    clocks.pass_(0.9)
    assert taker.take().now == (1_001,)
    assert taker.take().now == ()
    clocks.pass_(1.0)
    assert taker.take().now == (1_002,)


def test_after_a_stall_only_the_newest_are_used_and_the_rest_is_told() -> None:
    clocks = Clocks()
    taker = slots(clocks)
    clocks.pass_(10)
    come = taker.take()
    assert come.now == tuple(range(1_010 - PATIENCE, 1_011))
    assert come.missed == tuple(range(1_001, 1_010 - PATIENCE))


def test_a_clock_set_forward_makes_no_missed_slots() -> None:
    clocks = Clocks()
    taker = slots(clocks)
    clocks.pass_(1, step=3_600)
    come = taker.take()
    assert come.missed == ()
    assert come.now[-1] == 4_601
    assert len(come.now) <= 2


def test_a_clock_set_back_goes_on_at_once_under_new_names() -> None:
    clocks = Clocks()
    taker = slots(clocks)
    clocks.pass_(1)
    assert taker.take() == ((1_001,), (), 0)
    clocks.pass_(1, step=-3_600)
    come = taker.take()
    assert come.now
    assert come.turn == 1


def test_a_clock_set_back_while_we_were_off_is_noticed_at_start() -> None:
    clocks = Clocks()
    taker = slots(clocks, newest=5_000 * 1_000_000 + 2)
    clocks.pass_(1)
    assert taker.take().turn == 3
    assert slots(clocks, newest=900 * 1_000_000).take().turn == 0


def test_a_clock_slewed_by_a_little_repeats_nothing() -> None:
    clocks = Clocks()
    taker = slots(clocks)
    clocks.pass_(1)
    assert taker.take().now == (1_001,)
    clocks.pass_(0.1, step=-0.5)
    assert taker.take() == ((), (), 0)
    clocks.pass_(1)
    assert taker.take().now in ((), (1_001 + 1,))


@given(st.lists(st.tuples(st.floats(0.01, 8), st.sampled_from([0.0, 0.0, 0.0, -3.7, 5.0, -4000.0, 4000.0]))))
def test_no_name_is_ever_used_twice(moves: list[tuple[float, float]]) -> None:
    clocks = Clocks()
    clocks.wall += 100_000
    taker = slots(clocks)
    seen: set[tuple[int, int]] = set()
    for seconds, step in moves:
        clocks.pass_(seconds, step)
        come = taker.take()
        names = {(second, come.turn) for second in (*come.now, *come.missed)}
        assert len(names) == len(come.now) + len(come.missed)
        assert not names & seen
        seen |= names

"""What one ping changes. Pure."""

from __future__ import annotations

import pytest

from signalbox.clock import MICROS
from signalbox.heartbeats.pings import LONGEST_RUN, Newest, Ping, Sort, after, took
from signalbox.signals import Reason, Verdict

START = 1_800_000_000 * MICROS


def ping(seconds: float, sort: Sort, **more: object) -> Ping:
    """A ping so many seconds after the start."""
    return Ping("job", START + round(seconds * MICROS), sort, **more)  # type: ignore[arg-type]


def story(*pings: Ping) -> Newest:
    """The newest after all of these."""
    newest = None
    for one in pings:
        newest = after(newest, one)
    assert newest is not None
    return newest


@pytest.mark.parametrize(
    ("last", "verdict", "reason", "message"),
    [
        (ping(5, Sort.SUCCESS), Verdict.UP, Reason.OK, ""),
        (ping(5, Sort.SUCCESS, status=0), Verdict.UP, Reason.OK, ""),
        (ping(5, Sort.FAIL), Verdict.DOWN, Reason.STATUS, "the job said that it failed"),
        (ping(5, Sort.FAIL, status=3, said="secret"), Verdict.DOWN, Reason.STATUS, "exit status 3"),
        (ping(5, Sort.DEGRADED, said="slow ferry"), Verdict.DEGRADED, Reason.STATUS, "slow ferry"),
        (ping(5, Sort.UNKNOWN, said=""), Verdict.UNKNOWN, Reason.MISSED, ""),
    ],
)
def test_the_last_word_counts(last: Ping, verdict: Verdict, reason: Reason, message: str) -> None:
    newest = story(ping(0, Sort.SUCCESS), last)
    assert (newest.verdict, newest.reason, newest.message) == (verdict, reason, message)
    assert newest.heard == START + (5 * MICROS if verdict is Verdict.UP else 0)


def test_a_log_changes_nothing() -> None:
    assert after(None, ping(0, Sort.LOG)) is None
    assert story(ping(0, Sort.SUCCESS), ping(1, Sort.LOG)) == story(ping(0, Sort.SUCCESS))


def test_a_start_leaves_the_verdict_and_is_ended_by_its_own_end() -> None:
    begun = story(ping(0, Sort.FAIL), ping(10, Sort.START, run="a"))
    assert (begun.verdict, begun.started) == (Verdict.DOWN, START + 10 * MICROS)
    other = after(begun, ping(11, Sort.SUCCESS, run="b"))
    assert other is not None
    assert (other.verdict, other.started, other.took) == (Verdict.UP, START + 10 * MICROS, None)
    ended = after(other, ping(12.5, Sort.SUCCESS, run="a"))
    assert ended is not None
    assert (ended.started, ended.took) == (None, 2_500)
    unnamed = after(begun, ping(11, Sort.SUCCESS))
    assert unnamed is not None
    assert (unnamed.started, unnamed.took) == (None, None)


def test_what_comes_late_changes_nothing() -> None:
    newest = story(ping(10, Sort.FAIL))
    assert after(newest, ping(9, Sort.SUCCESS)) is newest
    assert after(newest, ping(9, Sort.START)) is newest


def test_what_the_sender_measured_wins() -> None:
    begun = story(ping(0, Sort.START))
    assert took(begun, ping(7, Sort.SUCCESS, took=3.0)) == 3.0
    assert took(begun, ping(7, Sort.FAIL)) == 7_000
    assert took(begun, ping(7, Sort.LOG)) is None
    assert took(begun, Ping("job", START + LONGEST_RUN + 1, Sort.SUCCESS)) is None

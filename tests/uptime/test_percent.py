"""The arithmetic holds whatever the history: between 0 and 100, never rounded up, and additive."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.clock import MICROS
from signalbox.signals import Verdict
from signalbox.uptime.intervals import Stretch, laid
from signalbox.uptime.percent import Sums, Uptime, Weights, parted, summed
from signalbox.uptime.pieces import Annotation, Counted, History, Saying, Spell, Work, pieces
from tests.uptime.oracle import CLASSES, Case, percent, simulate

HOUR = 3_600 * MICROS
DAY = 24 * HOUR
UP, DOWN, DEGRADED, UNKNOWN = Verdict.UP, Verdict.DOWN, Verdict.DEGRADED, Verdict.UNKNOWN

moments = st.integers(-30, 150)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Few and small, so that what fails shrinks to something that can be read; they overlap as they like."""
    verdicts, sayings = st.sampled_from(list(Verdict)), st.sampled_from(list(Saying))
    ends = st.one_of(st.none(), moments)
    spells = st.lists(st.builds(Spell, moments, ends, verdicts, paused=st.booleans()), max_size=6)
    works = st.lists(st.builds(Work, moments, moments), max_size=3)
    said = st.lists(st.builds(Annotation, moments, moments, sayings), max_size=3)
    return History(draw(spells), draw(works), draw(said))


@given(histories(), st.integers(0, 100), st.integers(0, 100), moments)
def test_any_history_gives_what_the_oracle_gives(history: History, start: int, length: int, now: int) -> None:
    found = pieces(history, start, start + length, now)
    assert dict(zip(CLASSES, summed(found), strict=True)) == simulate(Case(history, start, start + length, now, 1))


@given(histories(), st.integers(1, 100), moments)
def test_pieces_cover_the_window_without_a_gap(history: History, length: int, now: int) -> None:
    found = pieces(history, 0, length, now)
    assert (found[0].start, found[-1].end) == (0, length)
    assert all(earlier.end == later.start for earlier, later in pairwise(found))
    assert all(piece.start < piece.end for piece in found)


@given(histories(), st.lists(st.integers(0, 100), max_size=6), moments)
def test_parts_of_a_window_add_up_to_it(history: History, inner: list[int], now: int) -> None:
    edges = [0, *sorted(inner), 100]
    whole = pieces(history, 0, 100, now)
    alone = [summed(pieces(history, start, end, now)) for start, end in pairwise(edges)]
    assert parted(whole, edges) == alone
    together = Sums()
    for one in alone:
        together = together.plus(one)
    assert together == summed(whole)


sums_of = st.builds(Sums, *[st.integers(0, 10**16)] * 7)
weights_of = st.builds(
    Weights, st.fractions(min_value=Fraction(1, 1000), max_value=1), st.fractions(min_value=0, max_value=1)
)


@given(sums_of, weights_of)
def test_uptime_stays_between_0_and_100_and_is_100_only_without_downtime(sums: Sums, weights: Weights) -> None:
    uptime = Uptime(0, sums.window, sums, weights)
    if not sums.known:
        assert (uptime.percent, uptime.text) == (None, "—")
        return
    assert uptime.percent is not None
    assert uptime.ratio is not None
    assert 0 <= uptime.percent <= 100
    shown = Fraction(uptime.text)  # exact, which a float of 99.9 is not
    assert shown <= 100 * uptime.ratio < shown + Fraction(1, 10**uptime.digits)
    assert float(uptime.text) == uptime.percent
    if sums.down:
        assert not uptime.text.startswith("100")
    assert uptime.text.startswith("100") == (uptime.lost == 0)


@given(st.integers(1, 10**16), st.integers(1, 10**16))
def test_downtime_as_short_as_it_likes_is_never_rounded_away(up: int, down: int) -> None:
    uptime = Uptime(0, up + down, Sums(up=up, down=down))
    assert uptime.text == percent({**dict.fromkeys(CLASSES, 0), "up": up, "down": down}, up + down)[0]
    assert not uptime.text.startswith("100")


def test_one_microsecond_of_downtime_in_ten_years_is_not_100() -> None:
    uptime = Uptime(0, 3_650 * DAY, Sums(up=3_650 * DAY - 1, down=1))
    assert uptime.text == "99.999"
    assert uptime.percent == 99.999


@pytest.mark.parametrize(
    ("length", "text"),
    [(29 * DAY, "99.99"), (30 * DAY - HOUR, "99.999"), (30 * DAY, "99.999"), (90 * DAY, "99.999")],
)
def test_thirty_days_show_three_decimals(length: int, text: str) -> None:
    assert Uptime(0, length, Sums(up=length - 1, down=1)).text == text


def test_nothing_known_is_a_dash_and_nobody_was_up() -> None:
    (unknown,) = pieces(History([Spell(0, None, UNKNOWN)]), 0, DAY, DAY)
    assert unknown.counted is Counted.UNKNOWN
    uptime = Uptime(0, DAY, summed([unknown]))
    assert (uptime.text, uptime.percent, uptime.coverage_text) == ("—", None, "0.00")
    never = Uptime(0, DAY, summed(pieces(History(), 0, DAY, DAY)))
    assert (never.text, never.coverage_text, never.coverage) == ("—", "—", None)


def test_degraded_takes_away_what_its_weight_says() -> None:
    sums = Sums(up=50, degraded=50)
    assert Uptime(0, 100, sums).text == "100.00"
    assert Uptime(0, 100, sums, Weights(degraded=Fraction(1, 2))).text == "75.00"
    with pytest.raises(ValueError, match="weight"):
        Weights(down=Fraction(0))
    with pytest.raises(ValueError, match="weight"):
        Weights(degraded=Fraction(3, 2))


def counted(history: History, end: int = 100, now: int = 100) -> list[tuple[int, int, str]]:
    """The pieces of 0 … `end`, short."""
    return [(piece.start, piece.end, piece.counted.value) for piece in pieces(history, 0, end, now)]


def test_what_goes_on_counts_until_now_and_what_is_to_come_is_not_expected() -> None:
    assert counted(History([Spell(20, None, UP)]), now=60) == [
        (0, 20, "not expected"), (20, 60, "up"), (60, 100, "not expected"),
    ]  # fmt: skip


def test_work_excludes_every_verdict_but_not_pauses() -> None:
    spells = [Spell(0, 10, DOWN), Spell(10, 20, UNKNOWN), Spell(20, 30, UNKNOWN, paused=True), Spell(30, None, UP)]
    assert counted(History(spells, [Work(5, 40)])) == [
        (0, 5, "down"), (5, 10, "maintenance"), (10, 20, "maintenance"), (20, 30, "paused"), (30, 40, "maintenance"),
        (40, 100, "up"),
    ]  # fmt: skip


def test_a_false_positive_was_up_but_makes_nothing_known() -> None:
    spells = [Spell(0, 10, DOWN), Spell(10, 20, DEGRADED), Spell(20, 30, UNKNOWN), Spell(30, None, UP)]
    said = [Annotation(0, 100, Saying.FALSE_POSITIVE)]
    assert counted(History(spells, (), said)) == [
        (0, 10, "up"), (10, 20, "up"), (20, 30, "unknown"), (30, 100, "up"),
    ]  # fmt: skip


def test_of_two_annotations_the_last_made_counts_and_the_other_where_that_says_nothing() -> None:
    said = [Annotation(0, 60, Saying.MAINTENANCE), Annotation(20, 40, Saying.OUR_SIDE)]
    assert counted(History([Spell(0, None, DOWN)], (), said)) == [
        (0, 20, "maintenance"), (20, 40, "unknown"), (40, 60, "maintenance"), (60, 100, "down"),
    ]  # fmt: skip


def test_where_a_clock_was_set_back_what_was_written_later_holds() -> None:
    spells = [Spell(0, 80, UP), Spell(80, 90, DOWN), Spell(50, None, UNKNOWN)]
    assert counted(History(spells)) == [(0, 50, "up"), (50, 100, "unknown")]
    assert counted(History([Spell(0, 80, UP), Spell(50, 40, DOWN), Spell(80, None, UP)])) == [
        (0, 80, "up"), (80, 100, "up"),
    ]  # fmt: skip


def test_a_stretch_covered_for_a_while_shows_again_afterwards() -> None:
    found = laid([Stretch(0, 100, "a"), Stretch(20, 30, "b"), Stretch(25, 40, "c"), Stretch(200, 300, "d")])
    assert found == [
        Stretch(0, 20, "a"), Stretch(20, 25, "b"), Stretch(25, 40, "c"), Stretch(40, 100, "a"),
        Stretch(200, 300, "d"),
    ]  # fmt: skip

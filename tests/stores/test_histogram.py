"""Histograms tell percentiles within their error, whatever is put in, and however they are put together."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.stores.histogram import ERROR, HIGHEST, Histogram
from signalbox.stores.tally import nearest_rank

MS = st.floats(0.001, 1e9)
SHARES = st.floats(0, 1)


def test_the_error_is_what_is_promised() -> None:
    assert ERROR <= 0.015


@given(st.lists(MS, min_size=1), SHARES)
def test_a_quantile_is_near_the_exact_nearest_rank(latencies: list[float], share: float) -> None:
    assert Histogram(latencies).quantile(share) == pytest.approx(
        nearest_rank(sorted(latencies), share), rel=ERROR * 1.000_001
    )


@given(st.lists(st.lists(MS)), SHARES)
def test_merging_is_like_counting_all_at_once(parts: list[list[float]], share: float) -> None:
    merged = Histogram()
    for part in parts:
        merged.merge(Histogram(part))
    whole = Histogram(ms for part in parts for ms in part)
    assert merged == whole
    assert merged.quantile(share) == whole.quantile(share)
    assert len(whole) == sum(map(len, parts))


@given(st.dictionaries(st.integers(0, HIGHEST), st.integers(1, 1 << 40)))
def test_what_is_packed_comes_back(counts: dict[int, int]) -> None:
    made = Histogram(counts=counts.items())
    assert Histogram.unpack(made.pack()) == made


@given(st.lists(MS), MS)
def test_adding_one_by_one_is_the_same(latencies: list[float], more: float) -> None:
    made = Histogram(latencies)
    made.add(more)
    assert made == Histogram([*latencies, more])


@given(st.lists(MS, min_size=1), st.lists(SHARES, min_size=1))
def test_several_quantiles_are_each_the_one(latencies: list[float], shares: list[float]) -> None:
    made = Histogram(latencies)
    assert made.quantiles(*sorted(shares)) == [made.quantile(share) for share in sorted(shares)]


def test_of_nothing_there_is_no_quantile() -> None:
    assert Histogram().quantile(0.5) is None
    assert Histogram().quantiles(0.5, 0.9) == [None, None]
    assert Histogram().pack() == b""
    assert Histogram.unpack(b"") == Histogram()


@pytest.mark.parametrize("strange", [0.0, -1.0, 1e-9, float("inf"), 1e300])
def test_strange_latencies_are_counted_at_the_ends(strange: float) -> None:
    made = Histogram([strange])
    assert len(made) == 1
    assert set(made.counts) <= {0, HIGHEST}


@pytest.mark.parametrize("packed", [b"\x80", b"\x01", b"\x01\x02\x03", b"\xff\xff\x7f\x01"])
def test_what_is_no_histogram_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="histogram"):
        Histogram.unpack(packed)


def test_an_hour_of_latencies_is_small() -> None:
    random = Random(5)
    assert len(Histogram(random.lognormvariate(4, 0.3) for _ in range(60)).pack()) < 100

"""What do several days amount to together? Pure: rows of `history` in, buckets out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signalbox.history.zooms import DAY
from signalbox.stores.base import Bucket, Phases, Rollup, added
from signalbox.stores.histogram import Histogram


def bucket_of(row: Any) -> Bucket:
    """One day, where it begins."""
    return Bucket(
        row.day * DAY, row.up, row.degraded, row.down, row.unknown, row.timed, row.latency_sum, row.latency_max,
        row.p50, row.p95, row.p99, Phases(row.dns, row.connect, row.tls, row.ttfb),
    )  # fmt: skip


def merged(start: int, rows: Sequence[Any]) -> Bucket:
    """Several days as one: counts and sums are exact, percentiles are those of the histograms put together."""
    return added([_rollup(row) for row in rows]).bucket(start)


def _rollup(row: Any) -> Rollup:
    """Each day's mean of a phase counts by how many of its signals were timed: nearly all of them have all phases."""
    means = (row.dns, row.connect, row.tls, row.ttfb)
    dns, connect, tls, ttfb = ((mean or 0.0) * row.timed for mean in means)
    with_dns, with_connect, with_tls, with_ttfb = (0 if mean is None else row.timed for mean in means)
    return Rollup(
        row.up, row.degraded, row.down, row.unknown, row.timed, row.latency_sum, row.latency_max,
        (dns, connect, tls, ttfb), (with_dns, with_connect, with_tls, with_ttfb), Histogram.unpack(row.histogram),
    )  # fmt: skip

"""What do several days amount to together? Pure: rows of `history` in, buckets out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signalbox.history.zooms import DAY
from signalbox.stores.base import Bucket, Phases
from signalbox.stores.histogram import Histogram


def bucket_of(row: Any) -> Bucket:
    """One day, where it begins."""
    return Bucket(
        row.day * DAY, row.up, row.degraded, row.down, row.unknown, row.timed, row.latency_sum, row.latency_max,
        row.p50, row.p95, row.p99, Phases(row.dns, row.connect, row.tls, row.ttfb),
    )  # fmt: skip


def merged(start: int, rows: Sequence[Any]) -> Bucket:
    """Several days as one: counts and sums are exact, percentiles are those of the histograms put together."""
    histogram = Histogram()
    for row in rows:
        histogram.merge(Histogram.unpack(row.histogram))
    up, degraded, down, unknown, timed = (
        sum(getattr(row, name) for row in rows) for name in ("up", "degraded", "down", "unknown", "timed")
    )
    p50, p95, p99 = (histogram.quantile(share) for share in (0.50, 0.95, 0.99))
    return Bucket(
        start, up, degraded, down, unknown, timed, sum(row.latency_sum for row in rows),
        max((row.latency_max for row in rows if row.latency_max is not None), default=None),
        p50, p95, p99, Phases(*(_mean(rows, phase) for phase in Phases._fields)),
    )  # fmt: skip


def _mean(rows: Sequence[Any], phase: str) -> float | None:
    """Each day's mean counts by how many of its signals were timed: nearly exact, since nearly all have all phases."""
    known = [(getattr(row, phase), row.timed) for row in rows if getattr(row, phase) is not None]
    timed = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / timed if timed else None

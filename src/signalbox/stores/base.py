"""What must a signal store do?

Three stores keep these promises, and one suite (`tests/stores/conformance.py`) holds all of them to it. Methods are
plain blocking calls, safe from any thread; callers in an event loop hand them to a thread. Times are UTC
microseconds since 1970; ranges are half open: start ≤ moment < end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

from signalbox.signals import Signal
from signalbox.stores.histogram import Histogram

_N = TypeVar("_N", int, float)


class Phases(NamedTuple):
    """Mean milliseconds of each phase over the timed signals that have it; None where none has."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    ttfb: float | None = None


class Bucket(NamedTuple):
    """Signals of one monitor within one step of time, counted.

    Latencies are milliseconds of `total` over the `timed` signals: those that were up or degraded and have one (how
    long a failure took says nothing about the service, and a time-out would drown the rest). Percentiles are by
    nearest rank; QuestDB's come from a histogram of two significant digits, so within 1 % of that.
    """

    start: int
    up: int
    degraded: int
    down: int
    unknown: int
    timed: int
    latency_sum: float
    latency_max: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    phases: Phases = Phases()


class Rollup(NamedTuple):
    """Signals of one monitor within some time, counted so that times can be put together. Latencies as in `Bucket`."""

    up: int
    degraded: int
    down: int
    unknown: int
    latency_sum: float
    latency_max: float | None
    phase_sums: tuple[float, float, float, float]  # milliseconds, in the order of `Phases`
    phase_counts: tuple[int, int, int, int]  # timed signals that have the phase
    histogram: Histogram  # of the timed signals

    @property
    def timed(self) -> int:
        """Signals that have a latency."""
        return len(self.histogram)

    def plus(self, other: Rollup) -> Rollup:
        """Both times as one."""
        histogram = Histogram(self.histogram.counts)
        histogram.merge(other.histogram)
        slowest = [one for one in (self.latency_max, other.latency_max) if one is not None]
        counts = map(int.__add__, self[:4], other[:4])
        return Rollup(
            *counts, self.latency_sum + other.latency_sum, max(slowest, default=None),
            _added(self.phase_sums, other.phase_sums), _added(self.phase_counts, other.phase_counts), histogram,
        )  # fmt: skip

    def bucket(self, start: int) -> Bucket:
        """The same as the bucket that begins then; percentiles are within 1.2 %."""
        p50, p95, p99 = (self.histogram.quantile(share) for share in (0.50, 0.95, 0.99))
        return Bucket(start, *self[:4], self.timed, self.latency_sum, self.latency_max, p50, p95, p99, self.phases)

    @property
    def phases(self) -> Phases:
        """Their means."""
        pairs = zip(self.phase_sums, self.phase_counts, strict=True)
        return Phases(*(total / count if count else None for total, count in pairs))


def _added(one: tuple[_N, _N, _N, _N], other: tuple[_N, _N, _N, _N]) -> tuple[_N, _N, _N, _N]:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


class Store(Protocol):
    """Keeps signals. Raises `Unavailable` when its server is away, `Refused` when it will not take something."""

    def open(self) -> None:
        """Connect, migrate or adopt what is there. Safe to call from several processes at once."""

    def append(self, signals: Sequence[Signal]) -> None:
        """Keep them; on return they survive `kill -9`. A signal already kept under that name is replaced."""

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """Newest `limit` signals of each monitor, oldest first. A monitor without signals has an empty list."""

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """All signals of one monitor (of all: None) in the range, oldest first."""

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """Counts and latencies per `step` microseconds from `start`; steps without signals are left out."""

    def prune(self, before: int) -> int:
        """Drop signals older than that. Returns how many rows went, or 0 where the store does it by itself."""

    def ping(self) -> None:
        """Return if the store answers; raise `Unavailable` with its reason if not. Takes at most 5 seconds."""

    def close(self) -> None:
        """Flush what is pending and let go of every connection and thread."""

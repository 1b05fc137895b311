"""What must a signal store do?

Three stores keep these promises, and one suite (`tests/stores/conformance.py`) holds all of them to it. Methods are
plain blocking calls, safe from any thread; callers in an event loop hand them to a thread. Times are UTC
microseconds since 1970; ranges are half open: start ≤ moment < end.

What a store has counted of an hour outlives the hour's signals: see `roll`, `prune` and `prune_hours`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from signalbox.signals import Signal, Verdict
from signalbox.stores.histogram import Histogram

HOUR: Final = 3_600_000_000
"""Microseconds. Roll-ups are of whole hours in UTC."""


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
    nearest rank; where they come from histograms (several hours that are rolled up, and QuestDB) within 1.5 % of that.
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


Times = dict[int, tuple[float, float]]
"""50th and 95th percentile in milliseconds, by the start of the hour."""


class Columns(NamedTuple):
    """Signals of one monitor, location and URL, oldest first: what a page remembers of them, each field a column.

    Reading and packing thousands of them this way costs a fraction of making a `Signal` of each.
    """

    monitor: str
    location: str
    url: str
    moments: Sequence[int]
    verdicts: Sequence[Verdict]
    statuses: Sequence[int]
    available: Sequence[bool]
    totals: Sequence[float | None]


class Rollup(NamedTuple):
    """What signals of one monitor amount to. Those of different hours and stores can be added up."""

    up: int
    degraded: int
    down: int
    unknown: int
    timed: int
    latency_sum: float
    latency_max: float | None
    phase_sums: tuple[float, float, float, float]  # milliseconds, in the order of `Phases`
    phase_counts: tuple[int, int, int, int]  # timed signals that have the phase
    histogram: Histogram  # of the timed signals' `total`

    def merged(self, other: Rollup) -> Rollup:
        """Both together."""
        return added([self, other])

    def bucket(self, start: int) -> Bucket:
        """The same as a bucket that begins then, percentiles from the histogram."""
        most = self.latency_max
        p50, p95, p99 = (
            ms if ms is None or most is None else min(ms, most) for ms in self.histogram.quantiles(0.50, 0.95, 0.99)
        )
        return Bucket(start, *self[:7], p50, p95, p99, self.phases)

    @property
    def phases(self) -> Phases:
        """Means."""
        means = (sum_ / n if n else None for sum_, n in zip(self.phase_sums, self.phase_counts, strict=True))
        return Phases(*means)


def added(rollups: Sequence[Rollup]) -> Rollup:
    """Several put together: counts and sums exactly, percentiles as exactly as the histograms tell them."""
    if len(rollups) == 1:
        return rollups[0]
    up, degraded, down, unknown, timed, sums, slowest, phase_sums, phase_counts, histograms = zip(*rollups, strict=True)
    histogram = Histogram()
    for each in histograms:
        histogram.merge(each)
    dns, connect, tls, ttfb = map(sum, zip(*phase_sums, strict=True))
    n_dns, n_connect, n_tls, n_ttfb = map(sum, zip(*phase_counts, strict=True))
    return Rollup(
        sum(up), sum(degraded), sum(down), sum(unknown), sum(timed), sum(sums),
        max((ms for ms in slowest if ms is not None), default=None),
        (dns, connect, tls, ttfb), (n_dns, n_connect, n_tls, n_ttfb), histogram,
    )  # fmt: skip


class Kept(NamedTuple):
    """How long a store is to keep things that drops them by itself, in days; None: as is usual for it."""

    raw_days: float | None = None
    hourly_days: float | None = None


USUAL: Final = Kept()


class Readable(Protocol):
    """Answers what was kept. Raises `Unavailable` when its server is away."""

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """Newest `limit` signals of each monitor, oldest first. A monitor without signals has an empty list."""

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """All signals of one monitor (of all: None) in the range, oldest first."""

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """Counts and latencies per `step` microseconds from `start`; steps without signals are left out.

        When start and step are whole hours, hours that are rolled up are answered from that, also when their signals
        are gone; otherwise only what signals are left is counted.
        """

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """What each monitor that has any signals in the range has in it. Also of hours whose signals are gone."""


class Store(Readable, Protocol):
    """Keeps signals. Raises `Unavailable` when its server is away, `Refused` when it will not take something."""

    def open(self) -> None:
        """Connect, migrate or adopt what is there. Safe to call from several processes at once."""

    def columns(self, start: int, end: int) -> list[Columns]:
        """All signals in the range, as columns, in the order of monitor, location and URL."""

    def times(self, monitors: Sequence[str], start: int, end: int) -> dict[str, Times]:
        """Percentiles of whole hours, as `buckets` has them, of each monitor; hours without latencies are left out."""

    def append(self, signals: Sequence[Signal]) -> None:
        """Keep them; on return they survive `kill -9`. A signal already kept under that name is replaced."""

    def load(self, signals: Sequence[Signal]) -> None:
        """Keep many signals of the past at once, of any age: for imports, demonstrations and restores.

        Like `append` otherwise, and as fast as the store can; some 20 000 to 200 000 signals at a time are best, each
        hour's together. Call `roll` when all are there.
        """

    def roll(self, now: int) -> int:
        """Roll up hours that are over, as many as take about a second. Returns how many were rolled; 0: all are.

        Call it each minute. Answers are the same before and after, save for how long they take.
        """

    def prune(self, before: int, *, dry: bool = False) -> int:
        """Drop signals older than that, when their hours are rolled up; with `dry` only count them.

        Returns how many went, or 0 where the store does it by itself.
        """

    def prune_hours(self, before: int, *, dry: bool = False) -> int:
        """Drop roll-ups of hours that ended before that; with `dry` only count them.

        One a monitor and hour. Returns how many went, or 0 where the store does it by itself.
        """

    def ping(self) -> None:
        """Return if the store answers; raise `Unavailable` with its reason if not. Takes at most 5 seconds."""

    def close(self) -> None:
        """Flush what is pending and let go of every connection and thread."""

"""What must a signal store do?

Three stores keep these promises, and one suite (`tests/stores/conformance.py`) holds all of them to it. Methods are
plain blocking calls, safe from any thread; callers in an event loop hand them to a thread. Times are UTC
microseconds since 1970; ranges are half open: start ≤ moment < end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from signalbox.signals import Signal


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

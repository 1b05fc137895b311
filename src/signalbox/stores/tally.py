"""What do many signals amount to, step by step? Pure counting, for the stores that count in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from signalbox.signals import Verdict
from signalbox.stores.base import Bucket

Observation = tuple[str, int, str, float | None]
"""Monitor, moment, verdict, total in milliseconds."""

_TIMED = frozenset({Verdict.UP, Verdict.DEGRADED})


def nearest_rank(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0–1) of the ascending values do not exceed; None of none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


class _Step:
    """Counts of one monitor within one step."""

    __slots__ = ("counts", "latencies")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.latencies: list[float] = []

    def add(self, verdict: str, total: float | None) -> None:
        self.counts[verdict] = self.counts.get(verdict, 0) + 1
        if total is not None and verdict in _TIMED:
            self.latencies.append(total)

    def bucket(self, start: int) -> Bucket:
        ordered = sorted(self.latencies)
        up, degraded, down, unknown = (self.counts.get(verdict, 0) for verdict in Verdict)
        p50, p95, p99 = (nearest_rank(ordered, share) for share in (0.50, 0.95, 0.99))
        slowest = ordered[-1] if ordered else None
        return Bucket(start, up, degraded, down, unknown, len(ordered), sum(ordered), slowest, p50, p95, p99)


def buckets_of(
    observations: Iterable[Observation], monitors: Sequence[str], start: int, step: int
) -> dict[str, list[Bucket]]:
    """Observations at or after `start` in any order, counted per monitor and `step` microseconds, oldest first."""
    steps: dict[str, dict[int, _Step]] = {monitor: {} for monitor in monitors}
    for monitor, moment, verdict, total in observations:
        of_monitor = steps[monitor]
        slot = (moment - start) // step
        counted = of_monitor.get(slot)
        if counted is None:
            counted = of_monitor[slot] = _Step()
        counted.add(verdict, total)
    return {
        monitor: [counted.bucket(start + slot * step) for slot, counted in sorted(of_monitor.items())]
        for monitor, of_monitor in steps.items()
    }

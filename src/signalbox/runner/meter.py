"""How is this process doing? Counts and lateness of the last minute, for the terminal and for benchmarks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.signals import Signal, Verdict

SPAN = 60.0  # seconds looked back


class Lateness(NamedTuple):
    """Seconds between slots and the starts of their checks."""

    p50: float
    p99: float
    p999: float
    worst: float


class Meter:
    """Fed by the asker and the settler; read by whoever shows progress. Cheap: it counts batches, not checks."""

    def __init__(self) -> None:
        self.refused = 0  # checks not asked: too late, or too many in flight
        self.signals = 0
        self.down: dict[str, str] = {}  # monitor key → message of its newest signal, if that was down
        self._starts: deque[tuple[float, int, float]] = deque()  # (when, checks, lateness)
        self._landed: deque[tuple[float, int]] = deque()

    def started(self, checks: int, late: int) -> None:
        """That many checks of a batch start now, `late` microseconds after their slot."""
        now = time.monotonic()
        self._starts.append((now, checks, late / MICROS))
        while self._starts and self._starts[0][0] < now - SPAN:
            self._starts.popleft()

    def landed(self, signals: Sequence[Signal]) -> None:
        """Those signals were kept."""
        now = time.monotonic()
        self.signals += len(signals)
        self._landed.append((now, len(signals)))
        while self._landed and self._landed[0][0] < now - SPAN:
            self._landed.popleft()
        for signal in signals:
            if signal.verdict is Verdict.DOWN:
                self.down[signal.monitor] = signal.message
            else:
                self.down.pop(signal.monitor, None)

    def rate(self) -> float:
        """Signals a second over the last minute, or over the time since the first if that is shorter."""
        landed = list(self._landed)
        if not landed:
            return 0.0
        span = max(1.0, time.monotonic() - landed[0][0])
        return sum(count for _, count in landed) / span

    def lateness(self) -> Lateness:
        """Start lateness over the last minute, weighted by checks."""
        starts = sorted((late, checks) for _, checks, late in list(self._starts))
        total = sum(checks for _, checks in starts)
        return Lateness(*(_quantile(starts, total, share) for share in (0.5, 0.99, 0.999, 1.0)))


def _quantile(starts: Sequence[tuple[float, int]], total: int, share: float) -> float:
    reached = 0
    for late, checks in starts:
        reached += checks
        if reached >= share * total:
            return late
    return 0.0

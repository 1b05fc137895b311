"""What do many signals amount to, step by step? Pure counting, for the stores that count in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from signalbox.signals import Verdict
from signalbox.stores.base import Bucket, Phases, Rollup, added
from signalbox.stores.histogram import Histogram

Observation = tuple[str, int, str, float | None, float | None, float | None, float | None, float | None]
"""Monitor, moment, verdict; total, dns, connect, tls and ttfb in milliseconds."""

OBSERVED = ("monitor", "moment", "verdict", "total", "dns", "connect", "tls", "ttfb")
"""The signal's fields that make an observation."""

_FOR_EVER = 1 << 63
_TIMED = frozenset({Verdict.UP, Verdict.DEGRADED})


def nearest_rank(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0–1) of the ascending values do not exceed; None of none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


class Tally:
    """Signals of one monitor within one step, while they are counted."""

    __slots__ = ("counts", "timed")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.timed: list[Sequence[Any]] = []

    def add(self, observation: Sequence[Any]) -> None:
        """Count one."""
        verdict = observation[2]
        self.counts[verdict] = self.counts.get(verdict, 0) + 1
        if observation[3] is not None and verdict in _TIMED:
            self.timed.append(observation)

    def bucket(self, start: int) -> Bucket:
        """What they amount to, percentiles exact."""
        ordered = sorted(self._latencies())
        p50, p95, p99 = (nearest_rank(ordered, share) for share in (0.50, 0.95, 0.99))
        slowest = ordered[-1] if ordered else None
        sums, counts = self._phases()
        phases = Phases(*(total / n if n else None for total, n in zip(sums, counts, strict=True)))
        return Bucket(start, *self._verdicts(), len(ordered), sum(ordered), slowest, p50, p95, p99, phases)

    def rollup(self) -> Rollup:
        """What they amount to, to be added to others."""
        latencies = self._latencies()
        slowest = max(latencies, default=None)
        histogram = Histogram(latencies)
        return Rollup(*self._verdicts(), len(latencies), sum(latencies), slowest, *self._phases(), histogram)

    def _latencies(self) -> list[float]:
        return [observation[3] for observation in self.timed]

    def _verdicts(self) -> tuple[int, int, int, int]:
        up, degraded, down, unknown = (self.counts.get(verdict, 0) for verdict in Verdict)
        return up, degraded, down, unknown

    def _phases(self) -> tuple[tuple[float, float, float, float], tuple[int, int, int, int]]:
        columns = ([ms for row in self.timed if (ms := row[field]) is not None] for field in (4, 5, 6, 7))
        dns, connect, tls, ttfb = ((sum(column), len(column)) for column in columns)
        return (dns[0], connect[0], tls[0], ttfb[0]), (dns[1], connect[1], tls[1], ttfb[1])


def tallies_of(observations: Iterable[Sequence[Any]], start: int, step: int) -> dict[str, dict[int, Tally]]:
    """Observations at or after `start` in any order, counted per monitor and number of the step since `start`."""
    found: dict[str, dict[int, Tally]] = {}
    for observation in observations:
        of_monitor = found.get(observation[0])
        if of_monitor is None:
            of_monitor = found[observation[0]] = {}
        slot = (observation[1] - start) // step
        tally = of_monitor.get(slot)
        if tally is None:
            tally = of_monitor[slot] = Tally()
        tally.add(observation)
    return found


Rolled = tuple[str, int, Rollup]
"""Monitor, start of the hour, what the hour amounts to."""


def buckets_of(
    observations: Iterable[Sequence[Any]],
    monitors: Sequence[str],
    start: int,
    step: int,
    rolled: Iterable[Rolled] = (),
) -> dict[str, list[Bucket]]:
    """Observations and hours at or after `start` in any order, per monitor and `step` microseconds, oldest first."""
    counted, hours = tallies_of(observations, start, step), _hours_of(rolled, start, step)
    return {monitor: _assembled(counted.get(monitor, {}), hours.get(monitor, {}), start, step) for monitor in monitors}


def rollups_of(observations: Iterable[Sequence[Any]], rolled: Iterable[Rolled] = ()) -> dict[str, Rollup]:
    """All of them put together, by monitor."""
    found: dict[str, list[Rollup]] = {}
    for monitor, _, rollup in rolled:
        found.setdefault(monitor, []).append(rollup)
    for monitor, tallies in tallies_of(observations, 0, _FOR_EVER).items():
        found.setdefault(monitor, []).extend(tally.rollup() for tally in tallies.values())
    return {monitor: added(rollups) for monitor, rollups in found.items()}


def _hours_of(rolled: Iterable[Rolled], start: int, step: int) -> dict[str, dict[int, list[Rollup]]]:
    found: dict[str, dict[int, list[Rollup]]] = {}
    for monitor, moment, rollup in rolled:
        found.setdefault(monitor, {}).setdefault((moment - start) // step, []).append(rollup)
    return found


def _assembled(tallies: dict[int, Tally], hours: dict[int, list[Rollup]], start: int, step: int) -> list[Bucket]:
    if not hours:
        return [tally.bucket(start + slot * step) for slot, tally in sorted(tallies.items())]
    found = []
    for slot in sorted(tallies.keys() | hours.keys()):
        tally, rollups, moment = tallies.get(slot), hours.get(slot), start + slot * step
        if rollups is None and tally is not None:
            found.append(tally.bucket(moment))
        else:
            found.append(added([*(rollups or ()), *([tally.rollup()] if tally else ())]).bucket(moment))
    return found

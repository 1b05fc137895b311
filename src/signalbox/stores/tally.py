"""What do many signals amount to, step by step? Pure counting, for the stores that count in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from operator import itemgetter
from typing import Any, TypeVar

from signalbox.signals import Signal, Verdict
from signalbox.stores.base import Bucket, Rollup, Times, added
from signalbox.stores.histogram import Histogram

Observation = tuple[str, int, str, float | None, float | None, float | None, float | None, float | None]
"""Monitor, moment, verdict; total, dns, connect, tls and ttfb in milliseconds."""

Percentiles = tuple[float | None, float | None, float | None]
"""The 50th, 95th and 99th."""

OBSERVED = ("monitor", "moment", "verdict", "total", "dns", "connect", "tls", "ttfb")
"""The signal's fields that make an observation."""

observed: Callable[[Signal], Observation] = itemgetter(*map(Signal._fields.index, OBSERVED))
"""The observation that a signal is."""

_verdict = itemgetter(2)
_T = TypeVar("_T")
_FOR_EVER = 1 << 63
_TIMED = frozenset({Verdict.UP, Verdict.DEGRADED})


def nearest_rank(ordered: Sequence[_T], share: float) -> _T | None:
    """The smallest value that at least `share` (0–1) of the ascending values do not exceed; None of none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


class Tally:
    """Signals of one monitor within one step, while they are counted."""

    __slots__ = ("_seen", "add")

    def __init__(self) -> None:
        self._seen: list[Sequence[Any]] = []
        self.add = self._seen.append
        """Count one observation. Called for every signal, so it does nothing but keep it."""

    @property
    def counts(self) -> dict[str, int]:
        """How many of each verdict."""
        return Counter(map(_verdict, self._seen))

    def bucket(self, start: int) -> Bucket:
        """What they amount to, percentiles exact."""
        totals, *phases = self._columns()
        rollup = self._rollup(totals, phases, Histogram())
        return Bucket(start, *rollup[:7], *_percentiles(totals), rollup.phases)

    def rollup(self) -> Rollup:
        """What they amount to, to be added to others."""
        return self.exactly()[0]

    def exactly(self) -> tuple[Rollup, Percentiles]:
        """The same, with the exact percentiles beside it."""
        totals, *phases = self._columns()
        return self._rollup(totals, phases, Histogram(totals)), _percentiles(totals)

    def _columns(self) -> list[Sequence[Any]]:
        """Totals, and the four phases, of the timed ones."""
        timed = [one for one in self._seen if one[3] is not None and one[2] in _TIMED]
        columns: list[Sequence[Any]] = [*zip(*timed, strict=True)]
        return columns[3:] or [()] * 5

    def _rollup(self, totals: Sequence[float], phases: list[Sequence[float | None]], histogram: Histogram) -> Rollup:
        counts = self.counts
        up, degraded, down, unknown = (counts.get(verdict, 0) for verdict in Verdict)
        dns, connect, tls, ttfb = map(_known, phases)
        return Rollup(
            up, degraded, down, unknown, len(totals), sum(totals), max(totals, default=None),
            (sum(dns), sum(connect), sum(tls), sum(ttfb)), (len(dns), len(connect), len(tls), len(ttfb)), histogram,
        )  # fmt: skip


def _known(column: Sequence[float | None]) -> Sequence[float]:
    return [ms for ms in column if ms is not None]


def _percentiles(latencies: Sequence[float]) -> Percentiles:
    ordered = sorted(latencies)
    return nearest_rank(ordered, 0.50), nearest_rank(ordered, 0.95), nearest_rank(ordered, 0.99)


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


def times_of(buckets: Mapping[str, Sequence[Bucket]]) -> dict[str, Times]:
    """Percentiles of buckets of one hour each."""
    return {
        monitor: {one.start: (one.p50, one.p95) for one in of if one.p50 is not None and one.p95 is not None}
        for monitor, of in buckets.items()
    }


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

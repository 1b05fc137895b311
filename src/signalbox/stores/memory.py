"""How are signals kept for as long as this process lives? For tests, demos and throw-away runs.

It grows until `prune` is called, and a restart forgets everything. Hours are counted when their signals go: until
then the signals are at hand.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from threading import Lock

from signalbox.signals import Signal
from signalbox.stores.base import HOUR, Bucket, Columns, Rollup, Times
from signalbox.stores.packed import columns_of
from signalbox.stores.rows import cleaned
from signalbox.stores.tally import Rolled, buckets_of, observed, rollups_of, tallies_of, times_of

_Name = tuple[int, str]  # moment, location


class MemoryStore:
    """A store in two dictionaries: each monitor's signals by name, and its names in order."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._signals: dict[str, dict[_Name, Signal]] = {}
        self._names: dict[str, list[_Name]] = {}
        self._hours: dict[tuple[int, str], Rollup] = {}  # of signals that are gone, by start and monitor

    def open(self) -> None:
        """Nothing to do."""

    def append(self, signals: Sequence[Signal]) -> None:
        """Keep them in memory: the one store whose signals do not survive `kill -9`."""
        with self._lock:
            for signal in signals:
                kept = self._signals.setdefault(signal.monitor, {})
                name = (signal.moment, signal.location)
                if name not in kept:
                    insort(self._names.setdefault(signal.monitor, []), name)
                kept[name] = cleaned(signal)

    def load(self, signals: Sequence[Signal]) -> None:
        """See `Store.load`."""
        self.append(signals)

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """See `Store.latest`."""
        with self._lock:
            return {
                monitor: [self._signals[monitor][name] for name in self._names.get(monitor, [])[-limit:]]
                for monitor in monitors
            }

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """See `Store.raw`."""
        with self._lock:
            found = [
                signal
                for each in ([monitor] if monitor is not None else self._names)
                for signal in self._between(each, start, end)
            ]
        return sorted(found, key=lambda signal: (signal.moment, signal.monitor, signal.location))

    def columns(self, start: int, end: int) -> list[Columns]:
        """See `Store.columns`."""
        return columns_of(self.raw(None, start, end))

    def times(self, monitors: Sequence[str], start: int, end: int) -> dict[str, Times]:
        """See `Store.times`."""
        return times_of(self.buckets(monitors, start, end, HOUR))

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Store.buckets`. Percentiles are exact as long as the signals are there."""
        wanted = set(monitors)
        with self._lock:
            found = [observed(signal) for monitor in wanted for signal in self._between(monitor, start, end)]
            rolled = self._rolled(start, end) if start % HOUR == 0 and step % HOUR == 0 else []
        return buckets_of(found, monitors, start, step, (hour for hour in rolled if hour[0] in wanted))

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """See `Store.rollups`."""
        with self._lock:
            found = [observed(signal) for monitor in self._names for signal in self._between(monitor, start, end)]
            return rollups_of(found, self._rolled(start, end))

    def roll(self, now: int) -> int:
        """Nothing: hours are counted when their signals go."""
        return 0

    def prune(self, before: int, *, dry: bool = False) -> int:
        """See `Store.prune`."""
        with self._lock:
            cuts = {monitor: bisect_left(names, (before, "")) for monitor, names in self._names.items()}
            if not dry:
                self._count(before)
                for monitor, cut in cuts.items():
                    for name in self._names[monitor][:cut]:
                        del self._signals[monitor][name]
                    del self._names[monitor][:cut]
        return sum(cuts.values())

    def prune_hours(self, before: int, *, dry: bool = False) -> int:
        """See `Store.prune_hours`."""
        with self._lock:
            old = [hour for hour in self._hours if hour[0] + HOUR <= before]
            for hour in () if dry else old:
                del self._hours[hour]
        return len(old)

    def _count(self, before: int) -> None:
        """Add what is older than that to its hours."""
        old = (observed(signal) for monitor in self._names for signal in self._between(monitor, 0, before))
        for monitor, hours in tallies_of(old, 0, HOUR).items():
            for hour, tally in hours.items():
                name, more = (hour * HOUR, monitor), tally.rollup()
                self._hours[name] = self._hours[name].merged(more) if name in self._hours else more

    def _rolled(self, start: int, end: int) -> list[Rolled]:
        """Counted hours that lie wholly in the range."""
        return [
            (monitor, hour, rollup)
            for (hour, monitor), rollup in self._hours.items()
            if start <= hour and hour + HOUR <= end
        ]

    def ping(self) -> None:
        """Memory always answers."""

    def close(self) -> None:
        """Nothing to let go of."""

    def _between(self, monitor: str, start: int, end: int) -> Iterator[Signal]:
        names = self._names.get(monitor, [])
        kept = self._signals.get(monitor, {})
        return (kept[name] for name in names[bisect_left(names, (start, "")) : bisect_left(names, (end, ""))])

"""How are signals kept for as long as this process lives? For tests, demos and throw-away runs.

It grows until `prune` is called, and a restart forgets everything.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from threading import Lock

from signalbox.signals import Signal
from signalbox.stores.base import Bucket
from signalbox.stores.rows import cleaned
from signalbox.stores.tally import buckets_of

_Name = tuple[int, str]  # moment, location


class MemoryStore:
    """A store in two dictionaries: each monitor's signals by name, and its names in order."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._signals: dict[str, dict[_Name, Signal]] = {}
        self._names: dict[str, list[_Name]] = {}

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

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Store.buckets`. Percentiles are exact."""
        with self._lock:
            found = [signal for monitor in set(monitors) for signal in self._between(monitor, start, end)]
        seen = ((signal.monitor, signal.moment, signal.verdict, signal.total) for signal in found)
        return buckets_of(seen, monitors, start, step)

    def prune(self, before: int) -> int:
        """See `Store.prune`."""
        gone = 0
        with self._lock:
            for monitor, names in self._names.items():
                cut = bisect_left(names, (before, ""))
                for name in names[:cut]:
                    del self._signals[monitor][name]
                del names[:cut]
                gone += cut
        return gone

    def ping(self) -> None:
        """Memory always answers."""

    def close(self) -> None:
        """Nothing to let go of."""

    def _between(self, monitor: str, start: int, end: int) -> Iterator[Signal]:
        names = self._names.get(monitor, [])
        kept = self._signals.get(monitor, {})
        return (kept[name] for name in names[bisect_left(names, (start, "")) : bisect_left(names, (end, ""))])

"""Who is due now? Pure arithmetic: no stored "next run", nothing to lose in a restart.

A monitor's slots are the whole seconds that leave a certain rest when divided by its interval; the rest comes from a
hash of its key, so load spreads evenly and stays where it was when monitors come and go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple, Protocol

from signalbox.clock import MICROS

BATCH = 500
"""Monitors in one batch at the most: large enough that a message costs nothing, small enough to spread."""


class Watched(Protocol):
    """What the schedule needs to know of a monitor: its key, and its interval in whole seconds."""

    @property
    def key(self) -> str: ...
    @property
    def every(self) -> float: ...


class Batch(NamedTuple):
    """Monitors of one location that are due at one moment (UTC microseconds), or one part of them."""

    location: str
    moment: int
    part: int
    monitors: tuple[str, ...]
    revision: int = 0  # of the monitors when it was made: who works it off needs them at least that new


def place(key: str, every: int) -> int:
    """Which second of its interval a monitor is due in: 0 ≤ place < every."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big") % every


def next_slot(key: str, every: float, second: int) -> int:
    """The first second after that one in which a monitor is due."""
    return second + 1 + (place(key, int(every)) - second - 1) % int(every)


def parts(location: str, moment: int, keys: Sequence[str], revision: int) -> list[Batch]:
    """Monitors that are asked at one moment, in parts of at most 500."""
    return [
        Batch(location, moment, part, tuple(keys[start : start + BATCH]), revision)
        for part, start in enumerate(range(0, len(keys), BATCH))
    ]


class Schedule:
    """All monitors of one location, sorted by the seconds they are due in."""

    def __init__(self, monitors: Iterable[Watched], revision: int = 0) -> None:
        self.revision = revision
        self._places: dict[int, defaultdict[int, list[str]]] = {}
        for monitor in monitors:
            every = int(monitor.every)
            self._places.setdefault(every, defaultdict(list))[place(monitor.key, every)].append(monitor.key)

    def due(self, second: int) -> list[str]:
        """Keys of the monitors that have a slot at this second since 1970."""
        return [key for every, places in self._places.items() for key in places.get(second % every, ())]

    def batches(self, location: str, second: int, turn: int = 0) -> list[Batch]:
        """What is due at that second, in parts of at most 500. `turn` names a second that comes round again."""
        return parts(location, second * MICROS + turn, self.due(second), self.revision)

"""Which seconds have come? Each once, in order, whatever the wall clock does.

Slots are named by the wall clock, but waited for on the monotonic one. When the wall clock is set back, the seconds
that come round again get names of their own: the second plus as many microseconds as it was set back before (its
*turn*). So no signal overwrites another, and nothing waits until the clock has caught up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

PATIENCE = 3
"""Seconds a slot may be late and still be used. Older ones are dropped after a stall, instead of bursting."""


class Come(NamedTuple):
    """Seconds since 1970 to use now, those that went by unused while we stalled, and the turn of their names."""

    now: tuple[int, ...]
    missed: tuple[int, ...]
    turn: int


class Slots:
    """Hands out each second once. `wall` and `monotonic` give seconds, as the functions of `time` do."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        newest: int | None = None,
    ) -> None:
        """`newest` is the last name used before a restart (UTC microseconds); none of it or before is used again."""
        self._wall, self._monotonic = wall, monotonic
        self._last = int(wall())
        self._asked = monotonic()
        self._turn = 0
        if newest is not None and newest // 1_000_000 > self._last:
            self._turn = newest % 1_000_000 + 1

    def take(self) -> Come:
        """The seconds that came since the last call."""
        second, asked = int(self._wall()), self._monotonic()
        lived, self._asked = asked - self._asked, asked
        if second < self._last - 1:  # set back, by more than a clock being slewed shows
            self._turn += 1
            self._last = second - 1
        if second <= self._last:
            return Come((), (), self._turn)
        # Seconds that the monotonic clock did not live through were never there: the clock was set forward.
        first = max(self._last + 1, second - int(lived))
        self._last = second
        fresh = max(first, second - PATIENCE)
        return Come(tuple(range(fresh, second + 1)), tuple(range(first, fresh)), self._turn)

    def wait(self) -> float:
        """Seconds until the next one comes; a little more, never less."""
        wall = self._wall()
        return 1.0 - (wall - int(wall)) + 0.0005

"""Which windows of the past are shown, and in which steps? Pure.

Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.errors import Refused

MINUTE = 60 * MICROS
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Span(NamedTuple):
    """A window and its steps: `start` ≤ t < `end`, both whole steps since 1970. The last step may still go on."""

    start: int
    end: int
    step: int


class Zoom(StrEnum):
    """A window that ends now, by the name it has in URLs."""

    HOUR = "60m"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    YEAR = "1y"

    @classmethod
    def named(cls, text: str) -> Zoom:
        """The one of that name. `Refused` says which there are."""
        try:
            return cls(text)
        except ValueError:
            names = ", ".join(cls)
            raise Refused(f'"{text[:20]}" is no zoom: choose one of {names}') from None

    @property
    def length(self) -> int:
        """How far it reaches back, in microseconds."""
        return _LENGTHS[self][0]

    @property
    def step(self) -> int:
        """One mark of its chart, in microseconds."""
        return _LENGTHS[self][1]

    def span(self, now: int) -> Span:
        """The window that ends with the step that `now` is in. Steps of a day are days in UTC."""
        end = (now // self.step + 1) * self.step
        return Span(end - self.length, end, self.step)


_LENGTHS = {
    Zoom.HOUR: (60 * MINUTE, MINUTE),
    Zoom.DAY: (24 * HOUR, 20 * MINUTE),
    Zoom.WEEK: (7 * DAY, 2 * HOUR),
    Zoom.MONTH: (30 * DAY, 6 * HOUR),
    Zoom.QUARTER: (90 * DAY, DAY),
    Zoom.YEAR: (365 * DAY, DAY),
}

"""Which time does a number on a page stand for? Windows by name, with the edges that the page's bars have."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS, to_datetime
from signalbox.errors import NotFound, Refused
from signalbox.uptime import days

NAMED = ("24h", "7d", "30d", "90d", "1y")
"""The windows whose uptime a service's view tells."""

_DAYS = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
_CELL = 1_200 * MICROS
_CELLS = 72


class Window(NamedTuple):
    """A time and the parts that its bar has; a moment more than parts. Half open, the last part may go on."""

    name: str
    edges: list[int]
    has_days: bool  # each part is a day of the page's zone

    @property
    def start(self) -> int:
        """Its first moment."""
        return self.edges[0]

    @property
    def end(self) -> int:
        """The moment after its last."""
        return self.edges[-1]


def named(name: str, zone: str, now: int) -> Window:
    """A window of `NAMED` that ends now, or a month or a day of the zone (`2026-10`, `2026-10-25`). `NotFound` else."""
    if name == "24h":
        first = now // _CELL - (_CELLS - 1)
        return Window(name, [*((first + at) * _CELL for at in range(_CELLS)), now], False)
    if name in _DAYS:
        today = to_datetime(now).astimezone(ZoneInfo(zone)).date()
        first_day = today - timedelta(days=_DAYS[name] - 1)
        return Window(name, [*days.days(zone, first_day, _DAYS[name])[:-1], now], True)
    try:
        start, end = days.window(now, zone, back=name)
    except Refused:
        raise NotFound("there is no such window: 24h, 7d, 30d, 90d, 1y, a month or a day") from None
    if start >= now:
        raise NotFound("that time is still to come")
    return Window(name, [start, min(end, now)], False)

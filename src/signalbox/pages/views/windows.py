"""Which time does a number on a page stand for? Windows by name, with the edges that the page's bars have."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS, to_datetime
from signalbox.errors import NotFound, Refused
from signalbox.history.zooms import Zoom
from signalbox.uptime import days

NAMED = ("24h", "7d", "30d", "90d", "1y")
"""The windows whose uptime a service's view tells."""

_DAYS = 90  # of the page's bars, today included
_SPELT = {"1y": "365d"}
_CELL = 1_200 * MICROS
_CELLS = 72


class Window(NamedTuple):
    """A time and the parts that its bar has; a moment more than parts. Half open, the last part may go on."""

    name: str
    edges: list[int]

    @property
    def start(self) -> int:
        """Its first moment."""
        return self.edges[0]

    @property
    def end(self) -> int:
        """The moment after its last."""
        return self.edges[-1]


def named(name: str, zone: str, now: int) -> Window:
    """A window of `NAMED` that ends now, or a month or a day of the zone (`2026-10`, `2026-10-25`). `NotFound` else.

    Those that a page draws as bars, `24h` and `90d`, begin where the bars do; all others are as long as they say.
    """
    if name == "24h":
        first = now // _CELL - (_CELLS - 1)
        return Window(name, [*((first + at) * _CELL for at in range(_CELLS)), now])
    if name == "90d":
        today = to_datetime(now).astimezone(ZoneInfo(zone)).date()
        return Window(name, [*days.days(zone, today - timedelta(days=_DAYS - 1), _DAYS)[:-1], now])
    try:
        start, end = days.window(now, zone, back=_SPELT.get(name, name))
    except Refused:
        raise NotFound("there is no such window: 24h, 7d, 30d, 90d, 1y, a month or a day") from None
    if start >= now:
        raise NotFound("that time is still to come")
    return Window(name, [start, min(end, now)])


def zoom(written: str | None) -> Zoom:
    """The window of a chart; a day where somebody wrote none that there is."""
    return Zoom(written) if written in set(Zoom) else Zoom.DAY

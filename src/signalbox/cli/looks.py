"""How do verdicts look on a terminal? As on the page, each has a sign of its own, so that colour only repeats it."""

from __future__ import annotations

from typing import NamedTuple

from rich.table import Table

from signalbox import clock
from signalbox.pages.document import State
from signalbox.signals import Verdict


class Look(NamedTuple):
    """A sign and the colour that it and its word have."""

    sign: str
    colour: str


_FINE, _WORSE, _BAD, _NONE = Look("✓", "green"), Look("▲", "yellow"), Look("✕", "red"), Look("–", "bright_black")

VERDICTS = {Verdict.UP: _FINE, Verdict.DEGRADED: _WORSE, Verdict.DOWN: _BAD, Verdict.UNKNOWN: _NONE}
STATES = {
    State.OPERATIONAL: _FINE,
    State.NO_DATA: _NONE,
    State.MAINTENANCE: Look("◆", "blue"),
    State.DEGRADED: _WORSE,
    State.PARTIAL: Look("◐", "dark_orange"),
    State.MAJOR: _BAD,
}

MINUTES = {
    "u": Look("▀", "green"),
    "g": Look("▛", "yellow"),
    "p": Look("█", "dark_orange"),
    "x": Look("▄", "red"),
    ".": Look("╌", "bright_black"),
}
"""The page's waterline in characters: what worked stands above the line, what did not hangs below it."""


def milliseconds(value: float) -> str:
    """`0.4 ms`, `12 ms`, `1,240 ms`."""
    return f"{value:.1f} ms" if value < 9.95 else f"{value:,.0f} ms"


def moment(micros: int) -> str:
    """A time as the person at the terminal has it: `2026-11-24 03:11`."""
    return clock.to_datetime(micros).astimezone().strftime("%Y-%m-%d %H:%M")


def lasted(seconds: float) -> str:
    """How long, in the two units that tell: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60 % 60, whole // 3_600 % 24, whole // 86_400
    parts = [f"{days} d"] * (days > 0) + [f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0)
    return " ".join(parts[:2])


def columns(*headings: str) -> Table:
    """An empty table as lists have it; what is too long for a column goes on below."""
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table

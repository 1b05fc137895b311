"""How is a bar of 60 minutes drawn? What worked stands above a line, downtime hangs below it: one SVG, a path a kind.

Geometry and classes are those of `web/shared`; `web/SNAPSHOT.md` tells them, `web/shared/golden` tests them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from markupsafe import Markup, escape

HEIGHT: Final = 52
"""Above the line 23, the line 2, below it 16, the answer times."""

_WORKED, _DEGRADED, _MAJOR, _NONE = (re.compile(kinds) for kinds in ("[ugp]+", "g+", "x+", r"\.+"))
LATENCY_STEPS: Final = (50, 100, 200, 500, 1000)  # milliseconds from which the next darker class begins
_LATENCY_Y: Final = (50.5, 50, 49.5, 49, 48.5, 48)
_QUARTER: Final = 900  # seconds: zones are whole quarters of an hour apart
_STEPS: Final = tuple(re.compile(f"{step}+") for step in range(len(_LATENCY_Y)))

FASTEST, SLOWEST = LATENCY_STEPS[0], LATENCY_STEPS[-1]


def paths(minutes: str, latency: Sequence[int | None] = ()) -> Iterator[tuple[str, str]]:
    """Class and path data of each kind of mark that occurs. `minutes` and `latency` as in `document.Item`."""
    drawn = [
        ("w-up", runs(_WORKED, minutes, "11.5")),
        ("w-degraded", "".join(runs(_DEGRADED, minutes, y) for y in ("26", "30", "34"))),
        ("w-partial", "".join(f"M{8 * at + 1} 25h6l-3 16z" for at, kind in enumerate(minutes) if kind == "p")),
        ("w-major", runs(_MAJOR, minutes, "33")),
        ("w-none", runs(_NONE, minutes, "23.5")),
        *latency_strip(latency),
    ]
    return (one for one in drawn if one[1])


def svg(
    drawn: Iterable[tuple[str, str]], label: str, cells: int = 60, classes: str = "", height: int = HEIGHT
) -> Markup:
    """Paths as a picture that says what it shows."""
    body = "".join([f'<path class="{name}" d="{path}"/>' for name, path in drawn])
    return Markup(  # noqa: S704 - classes and paths are ours, the label is escaped
        f'<svg class="{f"waterline {classes}".rstrip()}" viewBox="0 0 {8 * cells} {height}" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(label)}">{body}</svg>'
    )


def latency_strip(latency: Sequence[int | None], down: float = 0) -> list[tuple[str, str]]:
    """The strip of answer times, a path a step; `down` units lower than below minutes."""
    if not latency:
        return []
    steps = "".join([_step(value) for value in latency])
    return [
        (f"w-l{step}", runs(kind, steps, f"{y + down:g}"))
        for step, (kind, y) in enumerate(zip(_STEPS, _LATENCY_Y, strict=True))
    ]


def runs(kinds: re.Pattern[str], cells: str, y: str) -> str:
    """Each run of such cells as one stroke."""
    return "".join([f"M{8 * run.start() + 1} {y}H{8 * run.end() - 1}" for run in kinds.finditer(cells)])


def _step(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else str(sum(milliseconds >= limit for limit in LATENCY_STEPS))


class Tick(NamedTuple):
    """A label below a bar."""

    x: str  # percent of the bar's width
    words: str
    edge: str  # a class, where it would not fit in the middle


def ticks(first: datetime) -> list[Tick]:
    """Labels at each quarter of an hour; `first` is when the first minute starts, in the page's time zone."""
    starts = [(at, (first + timedelta(minutes=at)).minute) for at in range(60)]
    return [_tick(at, 60, f":{minute:02d}") for at, minute in starts if not minute % 15]


def hour_ticks(first: datetime, length: int, zone: tzinfo) -> list[Tick]:
    """`18:00` at each sixth full hour of the zone below cells that are shorter than a day; `length` in seconds."""
    start = first.timestamp()
    found: list[Tick] = []
    for at in range(int(-(-start // _QUARTER) * _QUARTER), int(start + length), _QUARTER):
        local, share = datetime.fromtimestamp(at, zone), (at - start) / length
        if not local.hour % 6 and not local.minute:
            edge = "at-start" if share < 0.03 else "at-end" if share > 0.97 else ""
            found.append(Tick(_share(share), f"{local:%H:%M}", edge))
    return found


def _tick(at: int, cells: int, words: str) -> Tick:
    edge = "at-start" if at < 2 else "at-end" if at > cells - 3 else ""
    return Tick(_share(at / cells), words, edge)


def _share(part: float) -> str:
    return f"{part * 100:.2f}".rstrip("0").rstrip(".")

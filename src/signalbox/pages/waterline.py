"""How is a bar of 60 minutes drawn? What worked stands above a line, downtime hangs below it: one SVG, a path a kind.

Geometry and classes are those of `web/shared`; `web/SNAPSHOT.md` tells them, `web/shared/golden` tests them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from signalbox.pages import words

_WORKED, _DEGRADED, _MAJOR, _NONE = (re.compile(kinds) for kinds in ("[ugp]+", "g+", "x+", r"\.+"))
_LATENCY_STEPS = (50, 100, 200, 500, 1000)  # milliseconds from which the next darker class begins
_LATENCY_Y = ("50.5", "50", "49.5", "49", "48.5", "48")


def svg(minutes: str, latency: Sequence[int | None] = ()) -> str:
    """The bar. `minutes` and `latency` as in `document.Item`; no latency, no strip below."""
    body = "".join(f'<path class="{name}" d="{path}"/>' for name, path in paths(minutes, latency))
    return (
        '<svg class="waterline" viewBox="0 0 480 52" preserveAspectRatio="none" role="img" '
        f'aria-label="{words.bar_label(minutes)}">{body}</svg>'
    )


def paths(minutes: str, latency: Sequence[int | None]) -> Iterator[tuple[str, str]]:
    """Class and path data of each kind of mark that occurs."""
    steps = "".join([_step(value) for value in latency])
    drawn = [
        ("w-up", _runs(_WORKED, minutes, "11.5")),
        ("w-degraded", "".join(_runs(_DEGRADED, minutes, y) for y in ("26", "30", "34"))),
        ("w-partial", "".join(f"M{8 * at + 1} 25h6l-3 16z" for at, kind in enumerate(minutes) if kind == "p")),
        ("w-major", _runs(_MAJOR, minutes, "33")),
        ("w-none", _runs(_NONE, minutes, "23.5")),
    ]
    drawn += [(f"w-l{step}", _runs(re.compile(f"{step}+"), steps, y)) for step, y in enumerate(_LATENCY_Y)]
    return (one for one in drawn if one[1])


def _runs(kinds: re.Pattern[str], cells: str, y: str) -> str:
    return "".join([f"M{8 * run.start() + 1} {y}H{8 * run.end() - 1}" for run in kinds.finditer(cells)])


def _step(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else str(sum(milliseconds >= limit for limit in _LATENCY_STEPS))


def ticks(first: datetime) -> str:
    """Labels at each quarter of an hour; `first` is when the first minute starts, in the page's time zone."""
    labels = [_tick(at, first + timedelta(minutes=at)) for at in range(60)]
    return f'<svg class="ticks" aria-hidden="true">{"".join(labels)}</svg>'


def _tick(at: int, start: datetime) -> str:
    if start.minute % 15:
        return ""
    side = ' class="at-start"' if at < 2 else ' class="at-end"' if at > 57 else ""
    x = f"{at / 0.6:.2f}".rstrip("0").rstrip(".")
    return f'<text{side} x="{x}%" y="12">:{start.minute:02d}</text>'

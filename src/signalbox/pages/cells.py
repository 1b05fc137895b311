"""Where does each mark of a bar of days, or of parts of a day, stand? As `waterline.py` has it for minutes, and
besides: the longer something lasted, the deeper it hangs; work that was announced is an outline; the last cell ends at
"now".

Geometry and classes are those of `web/shared/app/utils/cells.ts`; `web/shared/golden/cells.json` holds both to it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from signalbox.pages.document import Mark
from signalbox.pages.waterline import latency_strip, runs

HEIGHT: Final = 58
"""Above the line 23, the line 2, below it 20, the incidents' dots, the answer times."""

_DAY: Final = 86_400
_WHOLE: Final = 0.95  # of a cell that was something else: nothing worked in it. Leaves room for days of 23 hours
_STRIP_DOWN: Final = 6  # the strip of answer times stands so much lower than below minutes
_ABOVE: Final = str.maketrans("gpxmz", "uuuw.")  # u stands, w is an outline, . a dash, a space nothing
_UP, _NONE = re.compile("u+"), re.compile(r"\.+")
_WORSE: Final = re.compile("[gpx]")


class Bar(NamedTuple):
    """What a bar shows: `bar`, `marks`, `slow` as in `document.Item`."""

    bar: str
    marks: Sequence[Mark] = ()
    slow: Sequence[int | None] = ()
    step: int | None = None  # seconds of a cell; None: a day
    part: float = 1.0  # of the last cell that has passed


def paths(shown: Bar) -> list[tuple[str, str]]:
    """Class and path data of each kind of mark that occurs, in drawing order."""
    told = {mark.at: mark for mark in shown.marks}
    above, last = _above(shown, told), len(shown.bar) - 1
    width = max(1, math.floor(6 * shown.part + 0.5))  # of the last cell
    step = shown.step or _DAY
    worse = sorted({found.start() for found in _WORSE.finditer(shown.bar)} | {at for at in told if at <= last})
    below = [_below(at, shown.bar[at], told.get(at), step) for at in worse]
    drawn = [
        ("w-up", _dashes(_UP, above, 11.5, width)),
        ("w-work", "".join(_outline(at, width if at == last else 6) for at, kind in enumerate(above) if kind == "w")),
        ("w-degraded", "".join(one.rungs() for one in below)),
        ("w-partial", "".join(one.block() for one in below if not one.whole)),
        ("w-down", "".join(one.block() for one in below if one.whole)),
        ("w-none", _dashes(_NONE, above, 23.5, width)),
        ("w-now", f"M{8 * last + 1 + width} 0V25" if shown.part < 1 else ""),
        ("w-dot", "".join(f"M{8 * mark.at + 3} 47h2" for mark in shown.marks if mark.incidents)),
        *latency_strip(shown.slow, _STRIP_DOWN),
    ]
    return [one for one in drawn if one[1]]


def _above(shown: Bar, told: Mapping[int, Mark]) -> str:
    kinds = list(shown.bar.translate(_ABOVE))
    for at, kind in enumerate(shown.bar) if "x" in shown.bar else ():
        if kind == "x" and at not in told:
            kinds[at] = " "
    for at, mark in told.items():
        if at < len(kinds) and kinds[at] != ".":
            kinds[at] = _marked(shown, at, mark)
    return "".join(kinds)


def _marked(shown: Bar, at: int, mark: Mark) -> str:
    kind = shown.bar[at]
    if kind == "m" or mark.maintenance_s > 0:
        return "w"
    if kind != "x":
        return "u"
    passed = (shown.step or _DAY) * (shown.part if at == len(shown.bar) - 1 else 1)
    return "u" if mark.down_s + mark.unknown_s < _WHOLE * passed else " "


def _dashes(kind: re.Pattern[str], above: str, y: float, width: int) -> str:
    last = len(above) - 1
    end = f"M{8 * last + 1} {y:g}h{width}" if last >= 0 and kind.match(above, last) else ""
    return runs(kind, above[:last], f"{y:g}") + end


class _Below(NamedTuple):
    """What hangs below the line of a cell."""

    at: int
    degraded: int  # units deep, 0 for none
    down: int
    whole: bool  # all that is seen was down: a block; else a wedge

    def rungs(self) -> str:
        """Three thin ones; close together where something worse hangs below them."""
        if not self.degraded:
            return ""
        apart = 3 if self.down else (max(8, self.degraded) - 2) / 2
        return "".join(f"M{8 * self.at + 1} {26 + apart * rung:g}h6" for rung in range(3))

    def block(self) -> str:
        """The deeper, the longer it was down."""
        if not self.down:
            return ""
        top = 34 if self.degraded else 25
        tall = max(3, 25 + self.down - top)
        side = f"v{tall}h-6" if self.whole else f"l-3 {tall}"
        return f"M{8 * self.at + 1} {top}h6{side}z"


def _below(at: int, kind: str, mark: Mark | None, step: int) -> _Below:
    degraded = (mark.degraded_s if mark else 0) or (step if kind == "g" else 0)
    down = (mark.down_s if mark else 0) or (step if kind in "px" else 0)
    return _Below(at, depth(degraded, step), depth(down, step), kind != "p")


def depth(seconds: float, step: float) -> int:
    """How deep it hangs: 4 for next to nothing, 20 for a whole cell, by the logarithm of its minutes."""
    if seconds <= 0:
        return 0
    return math.floor(4 + 16 * math.log(1 + seconds / 60) / math.log(1 + step / 60) + 0.5)


def _outline(at: int, width: int) -> str:
    if width < 3:
        return f"M{8 * at + 1} 0v23"
    return f"M{8 * at + 1.75:g} .75h{width - 1.5:g}v21.5h-{width - 1.5:g}z"


class Barred(Protocol):
    """What has a bar: a `Bar`, or a `document.Item` where cells are not minutes."""

    @property
    def bar(self) -> str | None: ...
    @property
    def marks(self) -> Sequence[Mark]: ...


def combined(items: Sequence[Barred]) -> tuple[str, list[Mark]]:
    """One bar for several of one length: each cell as its worst one, and how long that was at most."""
    bars = [item.bar or "" for item in items]
    length = max(map(len, bars), default=0)
    bar = "".join(map(_worst, zip(*(each.ljust(length, ".") for each in bars), strict=True)))
    return bar, list(_joined(bar, [mark for item in items for mark in item.marks]))


def _joined(bar: str, marks: Sequence[Mark]) -> Iterator[Mark]:
    by_cell: dict[int, list[Mark]] = {}
    for mark in marks:
        by_cell.setdefault(mark.at, []).append(mark)
    for at, these in sorted(by_cell.items()):
        yield Mark(
            at=at,
            down_s=max(mark.down_s for mark in these),
            degraded_s=max(mark.degraded_s for mark in these),
            maintenance_s=int(bar[at : at + 1] == "m"),
            incidents=list(dict.fromkeys(name for mark in these for name in mark.incidents)),
        )


def _worst(column: Sequence[str]) -> str:
    """Partly down where some were down and others were not."""
    found = min(column, key="xpgmu.z".index)
    return "p" if found == "x" and any(one in "ugm" for one in column) else found

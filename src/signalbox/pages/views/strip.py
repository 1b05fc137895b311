"""How did a service do over some time? As cells, for the small bars of an incident and a year, and as one drawn line
to the minute, for a day. Both from confirmed spells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from markupsafe import Markup
from sqlalchemy.orm import Session

from signalbox.clock import MICROS
from signalbox.monitors.service import Monitor
from signalbox.pages.bars import kind, plain
from signalbox.pages.cells import Bar
from signalbox.pages.document import Mark
from signalbox.uptime import service as uptime
from signalbox.uptime.percent import Sums
from signalbox.uptime.pieces import Counted, Piece

CELLS = 60
_WIDTH = 1_440  # units of a drawn line, however long its time is
_ABOVE = {Counted.UP: "l-up", Counted.DEGRADED: "l-up", Counted.MAINTENANCE: "l-work"}
_BELOW = {Counted.DEGRADED: "l-degraded", Counted.DOWN: "l-major"}
_NONE = "l-none"


def edges(start: int, end: int, cells: int = CELLS) -> list[int]:
    """So many equal parts of that time; a moment more than parts."""
    return [start + (end - start) * at // cells for at in range(cells + 1)]


def strips(
    session: Session, monitors: Sequence[Monitor], parts: Sequence[int], now: int, silent: int | None
) -> dict[str, Bar]:
    """By key, a cell a part: the worst that was confirmed in it, and for how long. `silent`: see `Source.silent`."""
    step = (parts[1] - parts[0]) // MICROS or 1
    found = uptime.sums(session, monitors, parts, now, silent=silent)
    return {key: bar(sums, step) for key, sums in found.items()}


def kinds(
    session: Session, monitors: Sequence[Monitor], parts: Sequence[int], now: int, silent: int | None
) -> list[str]:
    """The cells of each without what is to be told of them: of many monitors over a year, too."""
    known = uptime.histories(session, monitors, parts[0], min(parts[-1], now), silent=silent)
    return [plain(one, parts, now).kinds for one in known.values()]


def bar(sums: Sequence[Sums], step: int) -> Bar:
    """Cells of `step` seconds."""
    marks = [_mark(at, one) for at, one in enumerate(sums) if one.down or one.degraded]
    return Bar("".join(kind(one) for one in sums), marks, step=step)


def _mark(at: int, sums: Sums) -> Mark:
    return Mark(
        at=at,
        down_s=sums.down // MICROS,
        degraded_s=sums.degraded // MICROS,
        maintenance_s=sums.maintenance // MICROS,
        unknown_s=sums.unknown // MICROS,
    )


def worst(bars: Sequence[str]) -> str:
    """The worst character of each cell over several bars."""
    return "".join(min(column, key="xgmu.z".index) for column in zip(*bars, strict=True))


def line(pieces: Sequence[Piece], start: int, end: int, label: str) -> Markup:
    """The time from start to end as one drawing, to the second: what worked above the line, downtime below it.

    A piece is at least one unit (a minute of a day) wide, so that nothing is too short to be seen.
    """
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for piece in pieces:
        left = (piece.start - start) * _WIDTH / (end - start)
        right = max((piece.end - start) * _WIDTH / (end - start), left + 1)
        for name in (_ABOVE.get(piece.counted), _BELOW.get(piece.counted)):
            if name:
                paths[name].append(_box(name, left, right))
        if piece.counted in (Counted.UNKNOWN, Counted.PAUSED, Counted.NOT_EXPECTED):
            paths[_NONE].append(_box(_NONE, left, right))
    drawn = Markup("").join(
        Markup('<path class="{}" d="{}"/>').format(name, "".join(boxes)) for name, boxes in sorted(paths.items())
    )
    return Markup(
        '<svg class="timeline" viewBox="0 0 1440 43" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(label, drawn)


_PLACES = {"l-up": (0, 23), "l-work": (0, 23), "l-degraded": (25, 31), "l-major": (25, 41), "l-none": (22, 25)}


def _box(name: str, left: float, right: float) -> str:
    top, bottom = _PLACES[name]
    return f"M{left:.6g} {top}H{right:.6g}V{bottom}H{left:.6g}z"

"""What uptime did services reach in each of the windows that a page names? One alone, or several together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from sqlalchemy.orm import Session

from signalbox.monitors.service import Monitor
from signalbox.pages.views import windows
from signalbox.pages.views.base import Asked, Source
from signalbox.uptime import service
from signalbox.uptime.percent import Sums, Uptime, summed
from signalbox.uptime.pieces import pieces


class Reached(NamedTuple):
    """What was reached in one window, as shown."""

    window: str
    uptime: str | None  # None: nothing is known
    coverage: str | None  # None: everything is


def reached(asked: Asked, source: Source, session: Session, monitors: Sequence[Monitor]) -> dict[str, list[Reached]]:
    """A line of all windows for each monitor, by id; under the empty name that of all together: their times added."""
    silent = source.silent(session, asked.now)
    lines: dict[str, list[Reached]] = {name: [] for name in ("", *(monitor.id for monitor in monitors))}
    for name in windows.NAMED:
        window = windows.named(name, asked.zone.key, asked.now)
        known = service.histories(session, monitors, window.start, window.end, silent=silent)
        sums = {one.id: summed(pieces(known[one.key], window.start, window.end, asked.now)) for one in monitors} | {
            "": Sums()
        }
        sums[""] = reduce(Sums.plus, sums.values())
        for line, found in lines.items():
            found.append(_shown(name, Uptime(window.start, window.end, sums[line])))
    return lines


def _shown(name: str, uptime: Uptime) -> Reached:
    has_all = uptime.covered is None or uptime.covered == 1
    return Reached(name, uptime.text if uptime.ratio is not None else None, None if has_all else uptime.coverage_text)

"""Where does a number come from? The pieces of its window, their sum, and the formula with the numbers put in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from signalbox.clock import to_datetime
from signalbox.errors import NotFound
from signalbox.pages.views import windows
from signalbox.pages.views.base import Asked, Route, Shown, Source, monitors_by_id
from signalbox.uptime import receipt, service
from signalbox.uptime.pieces import Piece

_MOST = 500  # pieces that are listed, the longest stay


class Line(NamedTuple):
    """A piece of the window."""

    start: datetime
    end: datetime
    lasted: timedelta
    counted: str  # of `pieces.Counted`
    reason: str
    why: str


def show(asked: Asked, source: Source) -> Shown:
    """The receipt of a service's uptime in a window."""
    monitor = monitors_by_id(source).get(asked.path["id"])
    if monitor is None:
        raise NotFound("there is no such service")
    window = windows.named(asked.query.get("window", "90d"), asked.zone.key, asked.now)
    with source.reading() as session:
        found = service.receipt(
            session, monitor, window.start, window.end, asked.now,
            zone=asked.zone.key, silent=source.silent(session, asked.now),
        )  # fmt: skip
    reached = found.uptime
    kept = sorted(found.pieces, key=lambda piece: piece.start - piece.end)[:_MOST]
    return Shown(
        "receipt.html",
        asked.language.say("receipt.title", name=monitor.name),
        asked.language.say("receipt.description", name=monitor.name),
        {
            "monitor": monitor, "window": window.name, "windows": windows.NAMED, "start": to_datetime(window.start),
            "end": to_datetime(window.end), "uptime": reached.text if reached.ratio is not None else None,
            "coverage": reached.coverage_text if reached.covered is not None else None,
            "sums": {name: timedelta(microseconds=took) for name, took in reached.sums._asdict().items()},
            "formula": receipt.formula(reached),
            "lines": [_line(piece) for piece in sorted(kept)], "left": max(0, len(found.pieces) - _MOST),
        },
        indexed=False,
    )  # fmt: skip


def _line(piece: Piece) -> Line:
    start, end = to_datetime(piece.start), to_datetime(piece.end)
    reason = piece.spell.reason.value if piece.spell and piece.spell.reason != "ok" else ""
    return Line(start, end, end - start, piece.counted.value, reason, _public(piece.why))


def _public(why: str) -> str:
    """Why a piece counts otherwise than it was judged, without what annotations say for the team alone."""
    return "annotation" if why.startswith("annotation") else why.partition(":")[0]


ROUTE = Route("receipt", re.compile(r"monitor/(?P<id>[a-z0-9][a-z0-9-]{0,99})/receipt"), frozenset({"window"}), show)

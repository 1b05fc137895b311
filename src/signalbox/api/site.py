"""What does the API serve from? Everything of one installation that readers can reach, made by whoever starts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from signalbox.db import Database
from signalbox.monitors.roster import Roster
from signalbox.pages.board import Board
from signalbox.pages.publication import Publication
from signalbox.pages.views.gallery import Gallery
from signalbox.settings import Settings

Check = Callable[[], object]
"""Returns if a part answers, and raises if not, within five seconds."""


@dataclass(frozen=True, slots=True)
class Site:
    """Ready bytes to serve, how to ask whether what stands behind them answers, and what may be changed."""

    settings: Settings
    publication: Publication
    readiness: Mapping[str, Check]  # `store`, `database`, `broker`, …
    gallery: Gallery | None = None  # views of pages; without it there are the pages alone
    board: Board = field(default_factory=Board)
    database: Database | None = None  # what the closed part of the API reads and changes; without it, that part is shut
    roster: Roster | None = None  # whose heartbeats are taken; without it, nobody's

"""What is a view of a page, and what may it know? A view answers one sort of address below a page with HTML that the
server writes completely; the browser's side only adds to it.

A view is a module with a `ROUTE`: a pattern for the path below the page, and `show(asked, source) -> Shown`, which
raises `NotFound` for what there is not. Everything that it puts into a template is escaped there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from signalbox import ledger
from signalbox.clock import MICROS, to_datetime
from signalbox.monitors.service import Monitor
from signalbox.pages.board import Known
from signalbox.pages.document import State
from signalbox.pages.html import Place
from signalbox.pages.language import Language
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.stores.base import Readable
from signalbox.uptime import service as uptime

LONG_AGO = 3_660 * 86_400 * MICROS
"""How far back a moment may lie that somebody asks for: in front of it nobody watched, and calendars end."""


@dataclass(frozen=True, slots=True)
class Source:
    """What views are made from. `reading` opens a session that only reads, and raises `Unavailable` without one."""

    window: Window
    known: Known
    store: Readable
    reading: Callable[[], AbstractContextManager[Session]]

    def silent(self, session: Session, now: int) -> int | None:
        """Since when nobody has asked anything, if that is too long for what went on then to go on: as the bars of the
        page have it."""
        intervals = (monitor.every for monitor in self.window.monitors if not monitor.paused)
        return uptime.silent(ledger.newest(session), min(intervals, default=None), now)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for: a page's view at some moment, in some language."""

    page: Page
    place: Place
    path: Mapping[str, str]  # what the pattern's groups matched
    query: Mapping[str, str]  # only what the view knows of, each name once
    language: Language
    now: int  # UTC microseconds

    @property
    def zone(self) -> ZoneInfo:
        """The page's time zone, which decides where days begin."""
        return ZoneInfo(self.page.timezone)

    @property
    def moment(self) -> datetime:
        """Now."""
        return to_datetime(self.now)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows: a template's name and values, and what the head of the HTML says."""

    template: str
    title: str
    description: str
    values: Mapping[str, object] = field(default_factory=dict)
    state: State = State.NO_DATA  # whose glyph is the tab's icon
    live: bool = False  # may it change while somebody reads it?
    indexed: bool = True  # is it for search engines?


class Route(NamedTuple):
    """A view's name (also `data-view`), its addresses, and how it is made."""

    name: str
    pattern: re.Pattern[str]
    query: frozenset[str]  # parameters that it knows of
    show: Callable[[Asked, Source], Shown]


def monitors_by_id(source: Source) -> dict[str, Monitor]:
    """The monitors that pages show."""
    return {monitor.id: monitor for monitor in source.window.monitors}


def names_by_key(monitors: Sequence[Monitor]) -> dict[str, str]:
    """What monitors are called, by key."""
    return {monitor.key: monitor.name for monitor in monitors}

"""What does a process remember of the recent past? Enough for `/signals` up to 60 records a URL and for the page's
60 minutes, so that reading them never asks a store."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from signalbox import clock
from signalbox.pages.service import Page
from signalbox.pages.track import AHEAD, HOUR, KEPT, MINUTE, Hour, Record, Track
from signalbox.signals import Signal

if TYPE_CHECKING:
    from signalbox.monitors.service import Monitor
    from signalbox.stores.base import Columns, Store

_AT_ONCE = 200  # monitors asked of the store in one query: a signal takes some 600 bytes until it is packed
_SIGNALS_AT_ONCE = 20_000
_DEFAULT = Page(slug="main", title="Service status", timezone="UTC")  # where nobody configured a page


class Window:
    """Recent signals of every monitor shown. Safe from any thread; every call is short.

    Adding is idempotent on a signal's name (monitor, location, moment), so late, repeated and replayed signals are
    fine. Signals of monitors it was not told of are ignored. `version` grows whenever something a reader could see
    has changed, `reloads` when that was a monitor or a page.
    """

    def __init__(self, monitors: Sequence[Monitor], pages: Sequence[Page]) -> None:
        self._lock = threading.Lock()
        self._tracks: dict[str, Track] = {}
        self._unfilled: set[str] = set()
        self._places: dict[str, int] = {}  # location → its number in the tracks
        self.version = self.reloads = 0
        self.monitors: tuple[Monitor, ...] = ()
        self.pages: tuple[Page, ...] = tuple(pages) or (_DEFAULT,)
        self.replace_monitors(monitors)

    def replace_monitors(self, monitors: Sequence[Monitor]) -> None:
        """Show these from now on, in this order. What is known of those that stay is kept."""
        with self._lock:
            before, self._tracks = self._tracks, {}
            for monitor in monitors:
                track = before.get(monitor.key)
                if track is None:
                    track = Track(monitor.target, monitor.every)
                    self._unfilled.add(monitor.key)
                track.move(monitor.target, monitor.every)
                self._tracks[monitor.key] = track
            self._unfilled &= self._tracks.keys()
            self.monitors = tuple(monitors)
            self.version += 1
            self.reloads += 1

    def replace_pages(self, pages: Sequence[Page]) -> None:
        """Publish these pages from now on; the first is the one at `/`. None: a page of no particular name."""
        with self._lock:
            self.pages = tuple(pages) or (_DEFAULT,)
            self.version += 1
            self.reloads += 1

    def page(self, slug: str) -> Page | None:
        """The page of that name."""
        return next((page for page in self.pages if page.slug == slug), None)

    def add(self, signals: Sequence[Signal]) -> None:
        """Remember what was seen."""
        tracks, places, news = self._tracks, self._places, False
        with self._lock:
            for signal in signals:
                track = tracks.get(signal.monitor)
                if track is None:
                    continue
                place = places.get(signal.location)
                if track.add(signal, self._place(signal.location) if place is None else place):
                    news = True
            if news:
                self.version += 1

    def extend(self, columns: Iterable[Columns]) -> None:
        """Remember much at once."""
        with self._lock:
            news = [
                track.extend(some, self._place(some.location))
                for some in columns
                if (track := self._tracks.get(some.monitor)) is not None
            ]
            if any(news):
                self.version += 1

    def _place(self, location: str) -> int:
        return self._places.setdefault(location, min(len(self._places), 65_535))

    @property
    def has_unfilled(self) -> bool:
        """Are there monitors whose past was not asked of the store yet?"""
        return bool(self._unfilled)

    def fill(self, store: Store, now: int | None = None) -> None:
        """Learn the recent past of monitors that are new here: their newest records, and all of the past hour.

        Blocks as long as the store does, and raises what it raises; what was learned until then stays, and the next
        call goes on from there.
        """
        keys = [monitor.key for monitor in self.monitors if monitor.key in self._unfilled]
        now = clock.now() if now is None else now
        has_hour = 2 * len(keys) > len(self.monitors)  # then reading it at once, of all, is cheapest
        if has_hour:
            self.catch_up(store, now - HOUR - 2 * MINUTE, now + AHEAD)
            self._are_filled(key for key in keys if len(self._tracks.get(key, ())) >= KEPT)
        rest = [key for key in keys if key in self._unfilled]
        for start in range(0, len(rest), _AT_ONCE):
            some = rest[start : start + _AT_ONCE]
            for signals in store.latest(some, KEPT).values():
                self.add(signals)
            self._are_filled(some)
        if not has_hour and self._is_missing_some(keys, now - HOUR):
            self.catch_up(store, now - HOUR, now + AHEAD)

    def _are_filled(self, keys: Iterable[str]) -> None:
        with self._lock:
            self._unfilled.difference_update(keys)

    def catch_up(self, store: Store, start: int, end: int) -> None:
        """Learn everything a store has from `start` to `end` (UTC microseconds), in few readings."""
        a_minute = sum(60 / max(monitor.every, 1.0) for monitor in self.monitors)
        step = max(1, int(_SIGNALS_AT_ONCE / max(a_minute, 1.0))) * MINUTE
        for moment in range(start, end, step):
            self.extend(store.columns(moment, min(moment + step, end)))

    def _is_missing_some(self, keys: Sequence[str], since: int) -> bool:
        """May there be signals after `since` beyond the newest 60 of one of these monitors?"""
        with self._lock:
            tracks = [track for key in keys if (track := self._tracks.get(key)) and len(track) >= KEPT]
            return any(track.oldest is not None and track.oldest > since for track in tracks)

    def hour(self, key: str, now: int) -> Hour:
        """The past 60 minutes of one monitor as of `now`; empty ones of a monitor that has just left."""
        with self._lock:
            return (self._tracks.get(key) or Track("", 60.0)).hour(now)

    def lately(self, key: str, now: int) -> Hour:
        """Its number of signals and the newest alone, which is much cheaper."""
        with self._lock:
            return (self._tracks.get(key) or Track("", 60.0)).lately(now)

    def answers(self, key: str, start: int) -> tuple[int, int] | None:
        """Median and 95th percentile of its answer times from `start` on, at most an hour ago."""
        with self._lock:
            track = self._tracks.get(key)
            return track.answers(start) if track else None

    def records(self, key: str, limit: int) -> list[Record]:
        """Newest `limit` (at most 60) records of one monitor, oldest first. None of a monitor that has left."""
        with self._lock:
            track = self._tracks.get(key)
            return track.records(limit) if track else []

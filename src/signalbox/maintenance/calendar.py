"""What work is under way, was, or is to come? All that is announced, as one value to keep and to ask often.

Whatever is configured counts from when it was said: windows before a change are those that were announced then. A
window may have ended earlier or later than announced. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.db.configured import Origin
from signalbox.maintenance import windows as rule
from signalbox.maintenance.specs import Expected, MaintenanceSpec, Watched
from signalbox.maintenance.windows import Schedule, Window

_DAY = 86_400 * MICROS
_ALWAYS = -(1 << 62)


@dataclass(frozen=True)
class Work:
    """One piece of work as it was announced for some time, now or before."""

    key: str
    id: str
    spec: MaintenanceSpec
    origin: Origin = Origin.API
    position: int = 0
    since: int = _ALWAYS  # it counts from then on
    until: int | None = None  # and up to then; None: it is what is announced now
    overrides: Mapping[int, int] = field(default_factory=dict)  # ends by the start of the window

    @cached_property
    def schedule(self) -> Schedule:
        """When it is."""
        return self.spec.schedule

    def windows(self, start: int, end: int) -> list[Occasion]:
        """Its windows that touch `start` ≤ t < `end`, as they went, by their start."""
        return sorted(self._going(start, end), key=lambda one: one.start)

    def upcoming(self, now: int, count: int = 10) -> list[Window]:
        """Its next windows as announced; not the one that lasts now."""
        return [window for window in rule.next_windows(self.schedule, now, count + 1) if window.start > now][:count]

    def stand(self, now: int) -> Stand:
        """What of it is under way, and what comes next."""
        present = max(self.windows(now, now + 1), key=lambda one: one.end, default=None)
        return Stand(present, next(iter(self.upcoming(now, 1)), None))

    def _going(self, start: int, end: int) -> Iterator[Occasion]:
        seen = set()
        for window in rule.windows(self.schedule, start, end):
            seen.add(window.start)
            yield from self._as_it_went(window, start, end)
        for begun in self.overrides.keys() - seen:
            # it was made longer than any window is, or belongs to a schedule that is no more
            if start - self.schedule.length >= begun or begun >= end:
                for window in rule.windows(self.schedule, begun, begun + 1):
                    if window.start == begun:
                        yield from self._as_it_went(window, start, end)

    def _as_it_went(self, window: Window, start: int, end: int) -> Iterator[Occasion]:
        ended = self.overrides.get(window.start, window.end)
        if self.until is not None:
            ended = min(ended, self.until)
        if window.start < ended and window.start < end and ended > start and ended > self.since:
            yield Occasion(self, window.start, ended, window.end)


class Occasion(NamedTuple):
    """One window of some work, as it goes: half open."""

    work: Work
    start: int
    end: int
    planned: int  # when it was to end

    @property
    def spec(self) -> MaintenanceSpec:
        """What was announced."""
        return self.work.spec


class Stand(NamedTuple):
    """How some work stands."""

    present: Occasion | None
    following: Window | None

    @property
    def is_over(self) -> bool:
        """Has it no window left?"""
        return self.present is None and self.following is None

    @property
    def word(self) -> str:
        """`running`, `planned` or `over`."""
        return "running" if self.present else "over" if self.is_over else "planned"


class _Present(NamedTuple):
    """What holds for a while: `since` ≤ now < `until`."""

    since: int
    until: int
    occasions: tuple[Occasion, ...]


class Calendar:
    """All work. Answers about the present are remembered until something begins or ends."""

    def __init__(self, works: Sequence[Work] = ()) -> None:
        self.works = tuple(works)
        self.active = tuple(work for work in works if work.until is None)
        self._present = _Present(0, 0, ())

    def current(self, now: int) -> tuple[Occasion, ...]:
        """Work under way, by its start."""
        return self._at(now).occasions

    def next_change(self, now: int) -> int:
        """Until when what `current` says is certain: something begins or ends then, or a day has passed."""
        return self._at(now).until

    def covering(self, monitor: Watched, now: int, pages: Collection[str] | None = None) -> Occasion | None:
        """The work under way that touches a monitor; of several the one that ends last.

        `pages`: slugs of the pages that show the monitor; None: all do.
        """
        found = (one for one in self.current(now) if one.spec.covers(monitor, pages))
        return max(found, key=lambda one: one.end, default=None)

    def expects_down(self, monitor: Watched, now: int, pages: Collection[str] | None = None) -> bool:
        """Is there work under way that says that a monitor will not be available?"""
        return any(one.spec.expected is Expected.DOWN and one.spec.covers(monitor, pages) for one in self.current(now))

    def upcoming(self, now: int, days: float = 7) -> list[Occasion]:
        """The next window of each work that is not under way and begins within `days`, by its start."""
        limit = now + round(days * _DAY)
        found = (
            next((one for one in work.windows(now, limit) if one.start > now), None) for work in self._waiting(now)
        )
        return sorted((one for one in found if one is not None), key=lambda one: one.start)

    def windows(self, monitor: Watched, start: int, end: int, pages: Collection[str] | None = None) -> list[Window]:
        """When work touched a monitor between two moments: windows cut to them, none touching another."""
        found = sorted(
            Window(max(one.start, start, work.since), min(one.end, end))
            for work in self.works
            if work.spec.covers(monitor, pages)
            for one in work.windows(start, end)
        )
        return list(_joined(found))

    def work(self, id_: str) -> Work | None:
        """What is announced now under that id."""
        return next((work for work in self.active if work.id == id_), None)

    def _waiting(self, now: int) -> Iterator[Work]:
        busy = {one.work.key for one in self.current(now)}
        return (work for work in self.active if work.key not in busy)

    def _at(self, now: int) -> _Present:
        present = self._present
        if not present.since <= now < present.until:
            present = self._present = self._looked_up(now)
        return present

    def _looked_up(self, now: int) -> _Present:
        horizon = now + _DAY
        near = [one for work in self.active for one in work.windows(now, horizon)]
        edges = (edge for one in near for edge in (one.start, one.end) if edge > now)
        present = sorted((one for one in near if one.start <= now < one.end), key=lambda one: (one.start, one.work.id))
        return _Present(now, min((horizon, *edges)), tuple(present))


def _joined(found: Sequence[Window]) -> Iterator[Window]:
    """Windows that overlap or touch, as one."""
    last: Window | None = None
    for window in found:
        if last is not None and window.start <= last.end:
            last = Window(last.start, max(last.end, window.end))
            continue
        if last is not None:
            yield last
        last = window
    if last is not None:
        yield last

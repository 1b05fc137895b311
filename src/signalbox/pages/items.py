"""What does a row of the page show beside its state? The past 60 minutes as they are; or a bar of the past with its
uptime, its sum and answer times. Pure, but for bars that are remembered by whom they come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

from signalbox.clock import iso
from signalbox.pages import bars, state
from signalbox.pages.bars import Bar, Frame
from signalbox.pages.document import Group, Item, Mark, Scale, Spark, State, Zoom
from signalbox.pages.latencies import HOURS, Answers, Times
from signalbox.pages.past import HOUR, Told
from signalbox.uptime.percent import Sums

if TYPE_CHECKING:
    from signalbox.monitors.service import Monitor
    from signalbox.pages.service import Page
    from signalbox.pages.window import Window

_EPOCH = date(1970, 1, 1).toordinal()
_POINTED = 5  # incidents that a cell points at, the newest


class Source(Protocol):
    """Where bars come from: `past.Past`, or what was known at some moment."""

    def bar(self, key: str, frame: Frame, now: int) -> Bar:
        """A monitor's bar."""

    def since(self, key: str) -> int | None:
        """The first moment that anything is known of it."""

    def told(self, key: str) -> Sequence[Told]:
        """Written incidents that touched it, oldest first."""


class Row(NamedTuple):
    """An item with the sum that its uptime comes from, exactly."""

    item: Item
    sums: Sums | None


class Bars:
    """Rows of one page, of one zoom, as of one moment."""

    def __init__(
        self, source: Source, answers: Answers, page: Page, zoom: Zoom, now: int, *, window: Window | None = None
    ) -> None:
        """`window` knows the answer times of the hour that goes on."""
        self._source, self._answers, self._slug, self._now = source, answers, page.slug, now
        self._window = window
        self._frame = frame = bars.frame(zoom, page.timezone, now)
        self._hours = [edge // HOUR for edge in frame.edges[:-1]] if frame and zoom is Zoom.DAY else []
        self._days = range(0)
        if frame and zoom is Zoom.DAYS:
            first = date.fromisoformat(frame.scale.first).toordinal() - _EPOCH
            self._days = range(first, first + frame.scale.cells)

    @property
    def scale(self) -> Scale | None:
        """What a cell is; None for 60 minutes."""
        return self._frame.scale if self._frame else None

    def row(self, monitor: Monitor, item: Item) -> Row:
        """The row of an item that knows its 60 minutes. Beside another window they stay only where something is not
        as it should be."""
        frame = self._frame
        if frame is None:
            return Row(item, None)
        key = monitor.key
        shown, since = self._source.bar(key, frame, self._now), self._source.since(key)
        uptime, coverage = bars.reached(shown.sums, frame.edges)
        told = [one for one in self._source.told(key) if not one.pages or self._slug in one.pages]
        more = {
            "uptime": uptime,
            "coverage": coverage,
            "sum": bars.sum_of(shown.sums),
            "bar": shown.kinds,
            "marks": _pointing(shown.marks, frame, told) if told else list(shown.marks),
            "slow": self._slow(key, frame),
            "spark": self._spark(key),
            "since": None if since is None else iso(since),
        }
        if item.state is State.OPERATIONAL and item.minutes:
            more |= {"minutes": None, "latency": []}
        return Row(item.model_copy(update=more), shown.sums)

    def group(self, name: str | None, rows: Sequence[Row]) -> Group:
        """A group of rows; its uptime is that of all their time together."""
        sums = Sums()
        for row in rows:
            sums = sums.plus(row.sums) if row.sums else sums
        return Group(
            name=name,
            state=state.group_state([row.item.state for row in rows]),
            items=[row.item for row in rows],
            uptime=bars.reached(sums, self._frame.edges)[0] if self._frame else None,
        )

    def _slow(self, key: str, frame: Frame) -> list[int | None]:
        """Of each cell; empty where nothing is known at all."""
        if frame.scale.zoom is Zoom.DAY:
            hours = self._times(key)
            return [one and one[1] for one in map(hours.get, self._hours)] if hours else []
        days = self._answers.of_days(key)
        return list(map(days.get, self._days)) if days else []

    def _times(self, key: str) -> Times:
        """Of its last hours, and of the one that goes on."""
        hour, over = self._now // HOUR, self._answers.of_hours(key)
        lately = self._window.answers(key, hour * HOUR) if self._window else None
        return {**over, hour: lately} if lately else over

    def _spark(self, key: str) -> Spark | None:
        last, times = self._now // HOUR, self._times(key)
        found = [times.get(hour) for hour in range(last - HOURS + 1, last + 1)]
        if not times:
            return None
        return Spark(p50=[one and one[0] for one in found], p95=[one and one[1] for one in found])


def _pointing(marks: Sequence[Mark], frame: Frame, told: Sequence[Told]) -> list[Mark]:
    """The marks, with the incidents that touched their cells."""
    names: dict[int, list[str]] = {}
    for one in reversed(told):
        for at in bars.touched(frame.edges, one.start, one.end):
            of_cell = names.setdefault(at, [])
            if len(of_cell) < _POINTED:
                of_cell.append(one.public)
    by_cell = {mark.at: mark for mark in marks}
    for at, of_cell in names.items():
        by_cell[at] = (by_cell.get(at) or Mark(at=at)).model_copy(update={"incidents": of_cell})
    return [by_cell[at] for at in sorted(by_cell)]

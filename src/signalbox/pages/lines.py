"""What does a row of the page show, and what the head of a group? Words and drawings ready for the templates.

The bars of the past 60 minutes come from signals, those of other windows from confirmed spells (`document.Scale`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from signalbox.pages import cells, times, waterline, words
from signalbox.pages.cells import Bar
from signalbox.pages.document import Group, Item, Mark, PageDocument, Scale, Zoom
from signalbox.pages.language import Language
from signalbox.pages.waterline import Tick

_MINUTES: Final = 60


class Frame(NamedTuple):
    """What all rows of a page share."""

    language: Language
    now: datetime
    zone: ZoneInfo
    home: str  # from the view to the page itself
    scale: Scale | None  # None: the past 60 minutes
    first: datetime  # when the first minute starts

    @property
    def zoom(self) -> Zoom:
        """The window that is shown."""
        return self.scale.zoom if self.scale else Zoom.HOUR

    @property
    def ticks(self) -> list[Tick]:
        """Labels below a bar of minutes."""
        return waterline.ticks(self.first)

    @property
    def cell_ticks(self) -> list[Tick]:
        """Labels below a bar of parts of a day; none where cells are days."""
        if self.scale is None or self.scale.step_s is None:
            return []
        start = datetime.fromisoformat(self.scale.first)
        return waterline.hour_ticks(start, self.scale.cells * self.scale.step_s, self.zone)


def frame(document: PageDocument, language: Language, home: str) -> Frame:
    """Of a document."""
    zone, now = ZoneInfo(document.page.timezone), datetime.fromisoformat(document.generated_at)
    first = (now.replace(second=0, microsecond=0) - timedelta(minutes=_MINUTES - 1)).astimezone(zone)
    return Frame(language, now, zone, home, document.scale, first)


class Row(NamedTuple):
    """A service."""

    item: Item
    words: str  # its state
    uptime: str
    bar: Markup  # of the window
    minutes: Markup | None  # beside the bar of another window
    summary: str | None  # of its downtime
    downtime: Sequence[str | Markup]
    note: str = ""  # watched for how long, where that is less than the window
    has_spark: bool = False  # which the browser's side draws: its paths would be a tenth of the page
    sum: str = ""  # what the uptime comes from


def row(item: Item, at: Frame) -> Row:
    """A service as the page shows it."""
    said = words.state(at.language, item, at.now, at.zone)
    uptime = "—" if item.uptime is None else at.language.percent(item.uptime)
    if at.scale is None:
        return _minutes_row(item, at, said, uptime)
    summary = words.cells_summary(at.language, at.scale, item)
    return Row(
        item,
        said,
        uptime,
        _cells(at, Bar(item.bar or "", item.marks), summary),  # answer times are the script's to add: they are many
        _minutes(item, at) if item.minutes else None,
        summary,
        downtime(item, at, at.scale),
        _watched(item, at, at.scale),
        item.spark is not None and any(value is not None for value in item.spark.p50),
        words.sum_words(at.language, item.sum, item.coverage) if item.sum else "",
    )


def _minutes_row(item: Item, at: Frame, said: str, uptime: str) -> Row:
    minutes = item.minutes or "." * _MINUTES
    listed = words.downtime_list(at.language, minutes, at.first, at.zone)
    summary = words.downtime_summary(at.language, minutes)
    return Row(item, said, uptime, _minutes(item, at), None, summary, listed)


def _minutes(item: Item, at: Frame) -> Markup:
    minutes = item.minutes or "." * _MINUTES
    return waterline.svg(waterline.paths(minutes, item.latency), words.bar_label(at.language, minutes))


def _cells(at: Frame, bar: Bar, label: str) -> Markup:
    scale = at.scale
    if scale is None:
        return Markup()
    kind = "is-cells is-days" if scale.step_s is None else "is-cells"
    drawn = cells.paths(bar._replace(step=scale.step_s, part=_part(at, scale)))
    return waterline.svg(drawn, label, max(1, len(bar.bar)), kind, cells.HEIGHT)


def _part(at: Frame, scale: Scale) -> float:
    """How much of the last cell has passed: of a day, on the clock of the page's zone."""
    if scale.step_s is None:
        local = at.now.astimezone(at.zone)
        return (local.hour * 60 + local.minute) / 1_440
    start = datetime.fromisoformat(scale.first) + timedelta(seconds=(scale.cells - 1) * scale.step_s)
    return min(1.0, max(0.0, (at.now - start).total_seconds() / scale.step_s))


def group_bar(group: Group, at: Frame) -> Markup:
    """The bar of all its services together."""
    if at.scale is None:
        minutes = words.worst_minutes(group.items)
        return waterline.svg(waterline.paths(minutes), words.bar_label(at.language, minutes))
    bar, marks = cells.combined(group.items)
    return _cells(at, Bar(bar, marks), words.cells_label(at.language, at.scale, bar, marks))


def downtime(item: Item, at: Frame, scale: Scale) -> list[str | Markup]:
    """Each day with downtime, the newest first; of parts of a day, each stretch of downtime. All are links."""
    if scale.step_s is None:
        marks = {mark.at: mark for mark in item.marks}
        first = date.fromisoformat(scale.first)
        down = reversed(words.down_cells(item.bar or "", item.marks))
        return [_day(first + timedelta(days=cell), marks.get(cell), at) for cell in down]
    spans = {span.start: span for mark in item.marks for span in mark.spans if span.what == "down"}
    return [_link(f"{at.home}@{span.start[:16]}Z", words.span(at.language, span, at.zone)) for span in spans.values()]


def _day(day: date, mark: Mark | None, at: Frame) -> Markup:
    name = at.language.dated("date.day", day)
    length = times.lasted(at.language, timedelta(seconds=mark.down_s)) if mark else ""
    said = at.language.say("bar.day", day=name, length=length) if mark else name
    return _link(f"{at.home}day/{day.isoformat()}", said)


def _link(href: str, said: str) -> Markup:
    """As `Markup.format` would write it, ten times as fast: pages have thousands."""
    return Markup(f'<a href="{escape(href)}">{escape(said)}</a>')  # noqa: S704 - both are escaped


def _watched(item: Item, at: Frame, scale: Scale) -> str:
    if item.since is None:
        return ""
    since = datetime.fromisoformat(item.since)
    first = datetime.fromisoformat(scale.first)
    start = first if first.tzinfo else first.replace(tzinfo=at.zone)
    return at.language.say("row.watching", span=times.span(at.language, at.now - since)) if since > start else ""

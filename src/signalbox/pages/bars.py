"""How did a service do, cell by cell? Bars of 20 minutes and of days, with what is to be told of each cell, and the sum
that the uptime beside them comes from. Pure: pieces of confirmed spells in, parts of the page's document out.

A cell is shown as the worst that it had: down, degraded, maintenance; then up; paused where nothing else was; else
nothing is known. Days are days of the page's zone. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS, iso, to_datetime
from signalbox.pages.document import Mark, Scale, Span, Sum, Zoom
from signalbox.uptime.days import days
from signalbox.uptime.percent import Sums, Uptime, summed, within
from signalbox.uptime.pieces import Counted, History, Piece, pieces

CELLS = {Zoom.DAY: 72, Zoom.DAYS: 90}
PART = 1_200 * MICROS
"""A cell of the bar of 24 hours."""

TOLD = 3
"""Stretches that a mark tells of."""

What = Literal["down", "degraded", "maintenance"]
_NOTHING = "."
_PLAIN = {
    Counted.UP: "u", Counted.UNKNOWN: _NOTHING, Counted.PAUSED: "z", Counted.NOT_EXPECTED: _NOTHING,
}  # fmt: skip
_TOLD: dict[Counted, What] = {
    Counted.DOWN: "down", Counted.DEGRADED: "degraded", Counted.MAINTENANCE: "maintenance",
}  # fmt: skip


class Frame(NamedTuple):
    """The cells of a bar: one edge more than cells, ascending. The last cell is the one that now lies in."""

    scale: Scale
    edges: tuple[int, ...]


class Bar(NamedTuple):
    """Some cells in a row: characters and marks as in `document.Item`, and their sum."""

    kinds: str = ""
    marks: tuple[Mark, ...] = ()
    sums: Sums = Sums()

    def plus(self, later: Bar) -> Bar:
        """With the cells that follow; both count theirs from the same first one."""
        return Bar(self.kinds + later.kinds, self.marks + later.marks, self.sums.plus(later.sums))


class _Stretch(NamedTuple):
    start: int
    end: int
    what: What
    reason: str


def frame(zoom: Zoom, zone: str, now: int) -> Frame | None:
    """The cells of that window as of `now`; None for 60 minutes, which are not counted in spells."""
    if zoom is Zoom.HOUR:
        return None
    if zoom is Zoom.DAY:
        return _parts(now // PART)
    return _days(zone, to_datetime(now).astimezone(ZoneInfo(zone)).date())


@lru_cache(16)
def _parts(last: int) -> Frame:
    count = CELLS[Zoom.DAY]
    edges = tuple(number * PART for number in range(last + 1 - count, last + 2))
    return Frame(Scale(zoom=Zoom.DAY, cells=count, first=iso(edges[0]), step_s=PART // MICROS), edges)


@lru_cache(64)
def _days(zone: str, today: date) -> Frame:
    count = CELLS[Zoom.DAYS]
    first = today - timedelta(days=count - 1)
    scale = Scale(zoom=Zoom.DAYS, cells=count, first=first.isoformat(), step_s=None)
    return Frame(scale, tuple(days(zone, first, count)))


def bar(history: History, edges: Sequence[int], now: int, first: int = 0) -> Bar:
    """The cells between those edges; `first` is the number of the first of them."""
    found = _pieces(history, edges, now)
    kinds, parts = _cells(found, edges)
    marks = _marks(parts, edges, list(_stretches(found)), now, first)
    return Bar("".join(kinds), tuple(marks), summed(found))


def plain(history: History, edges: Sequence[int], now: int) -> Bar:
    """The same without marks, for those who tell of no cell."""
    found = _pieces(history, edges, now)
    return Bar("".join(_cells(found, edges)[0]), (), summed(found))


def _pieces(history: History, edges: Sequence[int], now: int) -> list[Piece]:
    start, end = edges[0], edges[-1]
    return pieces(_touching(history, start, min(end, now)), start, end, now)


def _cells(found: Sequence[Piece], edges: Sequence[int]) -> tuple[list[str], dict[int, Sums]]:
    """Each cell's character; and the sums of those of which there may be more to tell than that."""
    kinds, parts = [_NOTHING] * (len(edges) - 1), defaultdict[int, list[Piece]](list)
    for piece in found:
        first, after = bisect_left(edges, piece.start), bisect_right(edges, piece.end) - 1
        plain = _PLAIN.get(piece.counted)
        if plain is not None and first < after:
            kinds[first:after] = plain * (after - first)
        else:
            first = after = max(first, after)
        told = range(max(bisect_right(edges, piece.start) - 1, 0), min(bisect_left(edges, piece.end), len(kinds)))
        for at in told:
            if not first <= at < after:
                parts[at].append(piece)
    sums = {at: within(some, edges[at], edges[at + 1]) for at, some in sorted(parts.items())}
    for at, one in sums.items():
        kinds[at] = kind(one)
    return kinds, sums


def _touching(history: History, start: int, end: int) -> History:
    """What matters between two moments: nothing else has a say."""
    return History(
        [one for one in history.spells if one.start < end and (one.end is None or one.end > start)],
        [one for one in history.works if one.start < end and one.end > start],
        [one for one in history.annotations if one.start < end and one.end > start],
    )


def kind(sums: Sums) -> str:
    """The character of a cell."""
    if sums.down:
        return "x"
    if sums.degraded:
        return "g"
    if sums.maintenance:
        return "m"
    if sums.up:
        return "u"
    return "z" if sums.paused else "."


def _stretches(found: Sequence[Piece]) -> Iterator[_Stretch]:
    """What is to be told of, in order; what differs only in its spell is one."""
    last: _Stretch | None = None
    for piece in found:
        what = _TOLD.get(piece.counted)
        if what is None:
            continue
        reason = piece.spell.reason.value if piece.spell and what != "maintenance" else ""
        if last is not None and last[1:] == (piece.start, what, reason):
            last = last._replace(end=piece.end)
            continue
        if last is not None:
            yield last
        last = _Stretch(piece.start, piece.end, what, reason)
    if last is not None:
        yield last


def _marks(
    parts: Mapping[int, Sums], edges: Sequence[int], stretches: Sequence[_Stretch], now: int, first: int
) -> Iterator[Mark]:
    begin = 0
    for at, sums in parts.items():
        start, end = edges[at], edges[at + 1]
        while begin < len(stretches) and stretches[begin].end <= start:
            begin += 1
        if sums.down or sums.degraded or sums.maintenance or (sums.unknown >= MICROS and sums.known):
            yield _mark(first + at, sums, _within(stretches, begin, start, end), now)


def _within(stretches: Sequence[_Stretch], begin: int, start: int, end: int) -> list[_Stretch]:
    found = []
    for one in stretches[begin:]:
        if one.start >= end:
            break
        found.append(one._replace(start=max(one.start, start), end=min(one.end, end)))
    return found


def _mark(at: int, sums: Sums, stretches: Sequence[_Stretch], now: int) -> Mark:
    longest = sorted(stretches, key=lambda one: one.start - one.end)[:TOLD]
    return Mark(
        at=at, down_s=_seconds(sums.down), degraded_s=_seconds(sums.degraded),
        maintenance_s=_seconds(sums.maintenance), unknown_s=_seconds(sums.unknown),
        spans=[_span(one, now) for one in sorted(longest)], more=len(stretches) - len(longest),
    )  # fmt: skip


def _span(one: _Stretch, now: int) -> Span:
    return Span(start=iso(one.start), end=None if one.end >= now else iso(one.end), what=one.what, reason=one.reason)


def _seconds(micros: int) -> int:
    """Whole seconds; what was at all is at least one."""
    return max(micros // MICROS, 1) if micros else 0


def sum_of(sums: Sums) -> Sum:
    """As the document has it."""
    return Sum(
        known_s=_seconds(sums.known), down_s=_seconds(sums.down), degraded_s=_seconds(sums.degraded),
        maintenance_s=_seconds(sums.maintenance), unknown_s=_seconds(sums.unknown), paused_s=_seconds(sums.paused),
        unwatched_s=_seconds(sums.not_expected),
    )  # fmt: skip


def reached(sums: Sums, edges: Sequence[int]) -> tuple[str | None, str | None]:
    """Uptime and coverage in percent as shown; None of nothing. What `Uptime` says, without its fractions: a page with
    thousands of services asks each minute."""
    digits = Uptime(edges[0], edges[-1], sums).digits
    return _cut(sums.known - sums.down, sums.known, digits), _cut(sums.observed, sums.expected, digits)


def _cut(part: int, whole: int, digits: int) -> str | None:
    if not whole:
        return None
    found, scale = part * 10 ** (digits + 2) // whole, 10**digits
    return f"{found // scale}.{found % scale:0{digits}d}"


def touched(edges: Sequence[int], start: int, end: int | None) -> range:
    """Numbers of the cells that a time touches; without an end it goes on."""
    until = edges[-1] if end is None else max(end, start + 1)
    hit = [at for at, (left, right) in enumerate(pairwise(edges)) if left < until and right > start]
    return range(hit[0], hit[-1] + 1) if hit else range(0)

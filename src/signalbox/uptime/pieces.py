"""As what does each moment count? A window in pieces, each with the record's verdict and with what the sum makes of it.

Of what claims the same moment, the first of these that applies decides:

1. No spell, or a moment that is still to come: not expected. Nobody was meant to look.
2. A paused spell: paused. Nobody was meant to look either.
3. An announced window of maintenance: maintenance, whatever the verdict was.
4. The annotation that was made last: `maintenance` and `our-side` (unknown) for every verdict; `false-positive` makes
   down and degraded count as up. It makes nothing known that was unknown: no data is no alarm.
5. The verdict.

The record may overlap, when the wall clock was set back: what was written later holds. Times are UTC microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from signalbox.signals import Reason, Verdict
from signalbox.uptime.intervals import Cursor, Stretch, edges_within, laid


class Saying(StrEnum):
    """What an annotation says of its time."""

    MAINTENANCE = "maintenance"  # it was work that nobody had announced
    FALSE_POSITIVE = "false-positive"  # it was up all the time
    OUR_SIDE = "our-side"  # the fault was ours: nobody knows


class Counted(StrEnum):
    """What a piece of time counts as."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"
    PAUSED = "paused"
    NOT_EXPECTED = "not expected"

    __hash__ = str.__hash__  # Enum's own is written in Python, and each piece is looked up several times


class Spell(NamedTuple):
    """What the record holds of `start` ≤ t < `end`. Without an end it goes on."""

    start: int
    end: int | None
    verdict: Verdict
    reason: Reason = Reason.OK
    paused: bool = False
    id: int | None = None
    message: str = ""


class Work(NamedTuple):
    """An announced window of maintenance."""

    start: int
    end: int
    title: str = ""


class Annotation(NamedTuple):
    """What somebody says of a time."""

    start: int
    end: int
    what: Saying
    note: str = ""
    by: str = ""
    id: int | None = None


class History(NamedTuple):
    """All that is known of one monitor. Spells and annotations are in the order they were written."""

    spells: Sequence[Spell] = ()
    works: Sequence[Work] = ()
    annotations: Sequence[Annotation] = ()


class Piece(NamedTuple):
    """One piece of a window: what the record says, what it counts as, and why so where that is not the same."""

    start: int
    end: int
    counted: Counted
    why: str
    spell: Spell | None


_AS_SAID = {
    Saying.MAINTENANCE: dict.fromkeys(Verdict, Counted.MAINTENANCE),
    Saying.OUR_SIDE: dict.fromkeys(Verdict, Counted.UNKNOWN),
    Saying.FALSE_POSITIVE: {Verdict.DOWN: Counted.UP, Verdict.DEGRADED: Counted.UP},
}
_AS_JUDGED = {verdict: Counted(verdict.value) for verdict in Verdict}


def pieces(history: History, start: int, end: int, now: int) -> list[Piece]:
    """The window in pieces, in order and without a gap. `now`: what goes on has come so far."""
    spells = laid([_until(spell, now) for spell in history.spells])
    if not history.works and not history.annotations:
        return _as_recorded(spells, start, end, now)
    works = laid([Stretch(work.start, work.end, work) for work in history.works])
    sayings = laid([Stretch(said.start, said.end, said) for said in history.annotations])
    if start >= end:
        return []
    edges = edges_within(start, end, spells, works, sayings, [Stretch(now, now, None)])
    spell, work, saying = Cursor(spells), Cursor(works), Cursor(sayings)
    found: list[Piece] = []
    for left, right in pairwise(edges):
        judged = spell.at(left)
        counted, why = _counted(judged, work.at(left), saying.at(left), left >= now)
        _add(found, Piece(left, right, counted, why, judged))
    return found


def _as_recorded(spells: Sequence[Stretch[Spell]], start: int, end: int, now: int) -> list[Piece]:
    """The same where nothing was announced or said, as nearly always."""
    found: list[Piece] = []
    reached = start
    for left, right, spell in spells:
        if right <= reached:
            continue
        if left >= end:
            break
        if left > reached:
            found += _unwatched(reached, left, now)
        reached = min(right, end)
        counted = Counted.PAUSED if spell.paused else _AS_JUDGED[spell.verdict]
        found.append(Piece(max(left, start), reached, counted, "", spell))
    return found + _unwatched(reached, end, now)


def _unwatched(start: int, end: int, now: int) -> list[Piece]:
    edges = [start, now, end] if start < now < end else [start, end]
    return [
        Piece(left, right, *_counted(None, None, None, left >= now), None)
        for left, right in pairwise(edges)
        if left < right
    ]


def _until(spell: Spell, now: int) -> Stretch[Spell]:
    """What has happened of a spell. One that ends in the future was written by a clock that went ahead."""
    return Stretch(spell.start, now if spell.end is None else min(spell.end, now), spell)


def _counted(spell: Spell | None, work: Work | None, said: Annotation | None, to_come: bool) -> tuple[Counted, str]:
    if spell is None:
        return Counted.NOT_EXPECTED, "still to come" if to_come else "not watched"
    if spell.paused:
        return Counted.PAUSED, ""
    if work is not None:
        return Counted.MAINTENANCE, f"announced: {work.title}" if work.title else "announced"
    judged = _AS_JUDGED[spell.verdict]
    counted = judged if said is None else _AS_SAID[said.what].get(spell.verdict, judged)
    return counted, "" if said is None or counted is judged else _said(said)


def _said(said: Annotation) -> str:
    number = "" if said.id is None else f" {said.id}"
    return f"annotation{number}, {said.what}" + (f": {said.note}" if said.note else "")


def _add(found: list[Piece], piece: Piece) -> None:
    """Append, or make the last one longer if nothing changed."""
    if found and found[-1][2:4] == piece[2:4] and found[-1].spell is piece.spell:
        found[-1] = found[-1]._replace(end=piece.end)
    else:
        found.append(piece)

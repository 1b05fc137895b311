"""What is wrong with a service of the demo at a moment? Stories' troubles and chance's; from now on, some for show.

Pure, and the same for the same seed and beginning: whoever asks twice hears the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS, to_datetime, to_micros
from signalbox.demo import story
from signalbox.demo.ailments import COMMON, SLOW, TIMEOUT, UNAVAILABLE, Ailment
from signalbox.demo.answers import Answering
from signalbox.demo.characters import CHARACTERS, Character, Habit, chances, dice
from signalbox.demo.story import Part
from signalbox.monitors.service import Monitor
from signalbox.runner.due import place
from signalbox.signals import Signal

MINUTE = 60 * MICROS
DAY = 24 * 60 * MINUTE
_MONTH = 30.0  # days that rates are told in
_APART = 45 * MINUTE  # chance's troubles keep away from others, so that each is one
_BLIP = 2 * MICROS  # shorter than it takes to ask again

SHOW = 6 * MINUTE
"""In each such stretch from now on something happens to one of `_SHOWN`, so that whoever watches sees it change."""
_SHOWN = ("help", "webhooks", "routing", "jobs", "uploads", "tiles", "accounts")


class Trouble(NamedTuple):
    """Something was wrong at `start` ≤ t < `end`."""

    start: int
    end: int
    ailment: Ailment


class Beginning(NamedTuple):
    """What a demo is made from."""

    seed: int
    now: int  # when; whole seconds
    days: int  # of past
    zone: str

    @property
    def start(self) -> int:
        """Where the past begins."""
        return self.now - self.days * DAY

    def at(self, days: int, clock: str) -> int:
        """The moment so many days from today (before: negative) when the page's clocks show that."""
        today = to_datetime(self.now).astimezone(ZoneInfo(self.zone))
        hour, minute = clock.split(":")
        day = today.date() + timedelta(days=days)
        return to_micros(today.replace(year=day.year, month=day.month, day=day.day, hour=int(hour),
                                       minute=int(minute), second=0, microsecond=0, fold=0))  # fmt: skip


class World:
    """All services of one demo."""

    def __init__(self, monitors: Sequence[Monitor], beginning: Beginning) -> None:
        self.beginning = beginning
        seed, table = beginning.seed, chances(beginning.seed)
        self.answering = {one.key: Answering(one, Habit(one.id, seed, beginning.zone), table) for one in monitors}
        self.troubles = {one.key: self._troubles(one) for one in monitors}
        self.asked = {one.key: _asked(one.id, beginning) for one in monitors}
        """When anybody asked: start ≤ t < end each."""
        self._starts = {key: [one.start for one in troubles] for key, troubles in self.troubles.items()}

    def signal(self, key: str, moment: int) -> Signal:
        """What a check sees."""
        ailment = self.ailment(key, moment)
        answering = self.answering[key]
        return answering.well((moment,))[0] if ailment is None else answering.ill(moment, ailment)

    def ailment(self, key: str, moment: int) -> Ailment | None:
        """What is wrong, if anything."""
        number = bisect_right(self._starts[key], moment) - 1
        if number >= 0 and moment < self.troubles[key][number].end:
            return self.troubles[key][number].ailment
        if moment >= self.beginning.now:
            shown = on_show(self.beginning.seed, moment // SHOW)
            if shown.monitor == self.answering[key].monitor.id and shown.start <= moment < shown.end:
                return shown.ailment
        return None

    def slots(self, key: str, start: int, end: int) -> range:
        """The slots of a monitor in start ≤ t < end."""
        every = self.answering[key].monitor.every
        rest, second = place(key, every), -(-start // MICROS)
        first = second + (rest - second) % every
        return range(first * MICROS, end, every * MICROS)

    def asked_at(self, key: str, start: int, end: int) -> Iterator[int]:
        """The slots of a monitor in start ≤ t < end in which somebody asked."""
        for begin, until in self.asked[key]:
            yield from self.slots(key, max(start, begin), min(end, until))

    def _troubles(self, monitor: Monitor) -> list[Trouble]:
        told = sorted(_told(monitor.id, self.beginning))
        return sorted([*told, *_by_chance(monitor, self.beginning, told)])


def _asked(id_: str, beginning: Beginning) -> list[tuple[int, int]]:
    start, end = beginning.start, beginning.now
    if id_ == story.NEW[0]:
        start = max(start, beginning.at(-story.NEW[1], story.NEW[2]))
    if id_ == story.PAUSED[0]:
        end = max(start, beginning.at(-story.PAUSED[1], story.PAUSED[2]))
    missing = gap(beginning)
    if id_ == story.GAP[0] and missing[0] > start:
        return [(start, missing[0]), (missing[1], end)]
    return [(start, end)]


def gap(beginning: Beginning) -> tuple[int, int]:
    """When nobody asked `story.GAP`."""
    start = beginning.at(-story.GAP[1], story.GAP[2])
    return start, start + story.GAP[3] * MINUTE


class Shown(NamedTuple):
    """What happens while the demo is watched."""

    monitor: str
    start: int
    end: int
    ailment: Ailment


@lru_cache(64)
def on_show(seed: int, turn: int) -> Shown:
    """What happens in that stretch."""
    random = dice(seed, "show", turn)
    start = turn * SHOW + random.randrange(30, 90) * MICROS
    ailment = SLOW if random.random() < 0.6 else random.choice((TIMEOUT, UNAVAILABLE))
    return Shown(random.choice(_SHOWN), start, start + random.randrange(125, 240) * MICROS, ailment)


def _told(id_: str, beginning: Beginning) -> Iterable[Trouble]:
    """Troubles that belong to a story."""
    cases = [(beginning.at(-case.days, case.clock), case.parts) for case in story.CASES]
    cases.append((began(beginning), story.OPEN.parts))
    cases += [(begin_of(work, beginning), work.parts) for work in story.WORKS]
    cases += [
        (beginning.at(-note.days, note.clock), (Part(note.monitor, 0, note.lasts, note.ailment),))
        for note in story.NOTES
    ]
    for start, parts in cases:
        if start < beginning.start:
            continue
        for part in parts:
            if part.monitor == id_:
                first = start + round(part.after * MINUTE)
                yield Trouble(first, first + round(part.lasts * MINUTE), part.ailment)


def began(beginning: Beginning) -> int:
    """When the incident began that is open at the beginning."""
    return beginning.now // MINUTE * MINUTE - story.BEGAN * MINUTE


def begin_of(work: story.Planned, beginning: Beginning) -> int:
    """When work begins, for the first time."""
    if isinstance(work.at, tuple):
        return beginning.at(*work.at)
    return (beginning.now + round(work.at * MINUTE)) // (5 * MINUTE) * (5 * MINUTE)


def _by_chance(monitor: Monitor, beginning: Beginning, told: Sequence[Trouble]) -> list[Trouble]:
    """Troubles that nobody wrote about. They end before today's, and keep away from each other."""
    random = dice(beginning.seed, monitor.id, "troubles")
    character = CHARACTERS.get(monitor.id, Character())
    found: list[Trouble] = []
    for rate, kind in ((character.outages, "outage"), (character.slowdowns, "slow"), (character.blips, "blip")):
        at = float(beginning.start)
        while rate and (at := at + random.expovariate(rate / _MONTH) * DAY) < beginning.now - 3 * 60 * MINUTE:
            trouble = _trouble(random, kind, int(at), monitor)
            if all(trouble.end + _APART < other.start or other.end + _APART < trouble.start
                   for other in (*told, *found)):  # fmt: skip
                found.append(trouble)
    return found


def _trouble(random: Random, kind: str, at: int, monitor: Monitor) -> Trouble:
    if kind == "blip":
        step = monitor.every * MICROS
        slot = at // step * step + place(monitor.key, monitor.every) * MICROS
        return Trouble(slot, slot + _BLIP, random.choice((TIMEOUT, *COMMON)))
    middle = 5.5 if kind == "outage" else 14.0
    lasts = min(240.0, max(2.0, middle * random.lognormvariate(0, 0.9)))
    return Trouble(at, at + round(lasts * MINUTE), SLOW if kind == "slow" else random.choice(COMMON))

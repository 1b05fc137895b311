"""Uptime by another road: one cell for each unit of time, painted over in the order in which things count.

Slow, simple, and sharing nothing with the product's own arithmetic but the shape of what goes in.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from random import Random
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.signals import Reason, Verdict
from signalbox.uptime.days import day, month
from signalbox.uptime.pieces import Annotation, History, Saying, Spell, Work

ABSENT, UP, DEGRADED, DOWN, UNKNOWN, PAUSED = range(6)  # what a cell of the record holds
NONE, AS_WORK, AS_UP, AS_UNKNOWN = range(4)  # what a cell of the annotations holds
CLASSES = ("up", "degraded", "down", "maintenance", "unknown", "paused", "not_expected")

_HELD = {Verdict.UP: UP, Verdict.DEGRADED: DEGRADED, Verdict.DOWN: DOWN, Verdict.UNKNOWN: UNKNOWN}
_SAID = {Saying.MAINTENANCE: AS_WORK, Saying.FALSE_POSITIVE: AS_UP, Saying.OUR_SIDE: AS_UNKNOWN}
ZONES = ("Europe/Budapest", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "UTC")
CHANGES = (date(2018, 2, 18), date(2018, 11, 4), date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5),
           date(2026, 10, 4), date(2026, 10, 25), date(2026, 11, 1))  # fmt: skip


def _class(held: int, said: int, work: bool) -> int:
    """The rules in the order of the guide: docs/guide/uptime.md."""
    if held == ABSENT:
        return 6
    if held == PAUSED:
        return 5
    if work or said == AS_WORK:
        return 3
    if held == UNKNOWN or said == AS_UNKNOWN:
        return 4
    if held == UP or said == AS_UP:
        return 0
    return 1 if held == DEGRADED else 2


# a cell of all three layers is one byte: held + 8 × said + 32 × work
_TABLE = bytes(
    _class(cell % 8, cell // 8 % 4, cell >= 32) if cell % 8 < 6 and cell < 64 else 255 for cell in range(256)
)


class Case(NamedTuple):
    """One history and one window; every moment is a whole number of `unit` microseconds from `start`."""

    history: History
    start: int
    end: int
    now: int
    unit: int


def simulate(case: Case) -> dict[str, int]:
    """How long it was what, in microseconds."""
    cells = (case.end - case.start) // case.unit

    def paint(layer: bytearray, start: int, end: int, code: int) -> None:
        first = min(max((start - case.start) // case.unit, 0), cells)
        last = min(max((end - case.start) // case.unit, first), cells)
        layer[first:last] = bytes((code,)) * (last - first)

    record, said, work = bytearray(cells), bytearray(cells), bytearray(cells)
    for spell in case.history.spells:
        end = case.now if spell.end is None else spell.end
        paint(record, spell.start, end, PAUSED if spell.paused else _HELD[spell.verdict])
    paint(record, case.now, max(case.now, case.end), ABSENT)
    for one in case.history.annotations:
        paint(said, one.start, one.end, 8 * _SAID[one.what])
    for window in case.history.works:
        paint(work, window.start, window.end, 32)
    together = sum(int.from_bytes(layer, "big") for layer in (record, said, work)).to_bytes(cells, "big")
    classes = together.translate(_TABLE)
    return {name: classes.count(place) * case.unit for place, name in enumerate(CLASSES)}


def percent(sums: dict[str, int], length: int) -> tuple[str, str]:
    """Uptime and coverage as shown."""
    digits = Decimal("0.001") if length >= (30 * 24 - 1) * 3_600 * MICROS else Decimal("0.01")
    known = sums["up"] + sums["degraded"] + sums["down"]
    observed = known + sums["maintenance"]
    return _shown(known - sums["down"], known, digits), _shown(observed, observed + sums["unknown"], digits)


def _shown(part: int, whole: int, digits: Decimal) -> str:
    if not whole:
        return "—"
    with localcontext() as context:
        context.prec, context.rounding = 60, ROUND_DOWN
        return str((Decimal(100 * part) / Decimal(whole)).quantize(digits))


def random_case(random: Random) -> Case:
    """Anything the record can hold: all verdicts, pauses, gaps, clocks set back and ahead, what people said, work."""
    start, end, unit = _window(random)
    length = (end - start) // unit
    now = start + unit * random.choice((length, length, random.randint(0, length), length + random.randint(0, length)))

    def moment() -> int:
        return start + unit * random.randint(-length // 4, length + length // 4)

    def reach(longest: int) -> tuple[int, int]:
        first = moment()
        return first, first + unit * random.randint(-1, max(1, longest))

    works = [Work(*reach(length // 3), f"work {number}") for number in range(random.choice((0, 0, 1, 2, 5)))]
    said = [
        Annotation(*reach(length // 2), random.choice(list(Saying)), id=number)
        for number in range(random.choice((0, 0, 1, 2, 4)))
    ]
    return Case(History(_spells(random, start, length, unit), works, said), start, end, now, unit)


def _window(random: Random) -> tuple[int, int, int]:
    """Local days and months around changes of the clocks, and spans of any length in units from 1 µs to 20 min."""
    zone, near = random.choice(ZONES), random.choice(CHANGES)
    kind = random.randrange(10)
    if kind == 0:
        start, end = month(zone, near.year, near.month)
        return start, end, 600 * MICROS
    if kind <= 3:
        start, end = day(zone, near + timedelta(days=random.randint(-1, 1)))
        return start, end, random.choice((1, 10, 60)) * MICROS
    unit = random.choice((1, 997, MICROS, 60 * MICROS, 1_200 * MICROS))
    start = day("UTC", near)[0] + random.randint(0, 86_400 * MICROS)
    return start, start + unit * random.randint(1, random.choice((5, 300, 20_000))), unit


def _spells(random: Random, start: int, length: int, unit: int) -> list[Spell]:
    at = random.choice((-length // 5, 0, random.randint(0, length)))
    spells = []
    count = random.choice((0, 1, 2, 6, 25, 60))
    for number in range(count):
        last = number == count - 1
        took = random.randint(0, max(1, 3 * length // (2 * count)))
        # rarely, down for a single unit in all that time: what must not be rounded away
        took = 1 if random.random() < 0.2 else took
        ends = None if last and random.random() < 0.8 else start + unit * (at + took)
        verdict = random.choice((Verdict.UP, Verdict.UP, *Verdict))
        paused = verdict is Verdict.UNKNOWN and random.random() < 0.5
        spells.append(Spell(start + unit * at, ends, verdict, Reason.OK, paused, number))
        at += took
        if random.random() < 0.06:
            at += random.randint(-length // 4, length // 8)  # the clock is set, mostly back
    return spells

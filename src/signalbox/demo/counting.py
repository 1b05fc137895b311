"""What did a day of the demo's signals amount to? Counted from what the checks would have seen, signal by signal."""

from __future__ import annotations

from collections.abc import Mapping

from signalbox.demo.judging import Course
from signalbox.demo.world import World
from signalbox.stores.base import Rollup
from signalbox.stores.tally import Tally


def rollups(world: World, courses: Mapping[str, Course], start: int, end: int) -> dict[str, Rollup]:
    """All monitors' signals of start ≤ t < end, by key; those without any are left out."""
    tallies = {key: _tally(world, key, one, start, end) for key, one in courses.items()}
    return {key: tally.rollup() for key, tally in tallies.items() if tally.counts}


def _tally(world: World, key: str, one: Course, start: int, end: int) -> Tally:
    tally, ill = Tally(), set[int]()
    for signal in one.telling:
        if start <= signal.moment < end:
            ill.add(signal.moment)
            tally.add((key, signal.moment, signal.verdict, signal.total, *signal[10:14]))
    well = world.answering[key].observed(slot for slot in world.asked_at(key, start, end) if slot not in ill)
    for observation in well:
        tally.add(observation)
    return tally

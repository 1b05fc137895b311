"""How did the demo's monitors stand in its past? The judge that judges real signals says so, of those that it could not
pass over: a healthy signal of a monitor that is up and at rest changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.demo.world import World
from signalbox.monitors.flapping import STEPS
from signalbox.monitors.judge import Change, Standing, judge
from signalbox.signals import Signal

_AFTER = STEPS + 5  # slots after a trouble until nothing of it is left


class Course(NamedTuple):
    """What a monitor's past came to."""

    changes: list[Change]
    standing: Standing
    telling: list[Signal]  # every signal in and after troubles, rechecks among them, in order


def course(world: World, key: str) -> Course:
    """Judge a monitor's signals of all the time that anybody asked."""
    rules = world.answering[key].monitor.rules
    standing, changes, telling = Standing(), list[Change](), list[Signal]()
    for slot in _telling_slots(world, key):
        signal: Signal | None = world.signal(key, slot)
        while signal is not None:
            telling.append(signal)
            judged = judge(standing, signal, rules)
            standing = judged.standing
            if judged.change:
                changes.append(judged.change)
            signal = world.signal(key, recheck_of(signal, rules.recheck)) if judged.recheck else None
    return Course(changes, standing, telling)


def recheck_of(signal: Signal, delay: float) -> int:
    """When it is asked again after a failure: never on a whole second, which names slots."""
    moment = signal.observed + round(delay * MICROS)
    return moment + (moment % MICROS == 0)


def _telling_slots(world: World, key: str) -> Iterator[int]:
    """The first slot, and those in and after troubles, each once."""
    span = _AFTER * world.answering[key].monitor.every * MICROS
    after = 0
    for start, end in world.asked[key]:
        stretches = [(slot, slot + 1) for slot in world.slots(key, start, end)[:1]]
        stretches += [(max(start, one.start), one.end + span) for one in world.troubles[key]]
        for begin, until in stretches:
            yield from world.slots(key, max(begin, after), min(until, end))
            after = max(after, min(until, end))

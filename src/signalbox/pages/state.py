"""In which state is a monitor, a group, the whole page? Pure; the one place where this is decided.

The table (first line that is true):

    nothing is on the page                                        empty        no-data
    no monitor has a signal yet                                   waiting      no-data
    newest signal older than 3 × the fastest interval, ≥ 3 min    stale        no-data
    no monitor has a known verdict                                stale        no-data
    every monitor is down                                         major-all    major
    some are down                                                 major        major
    some are down at some locations only                          partial      partial
    some are degraded                                             degraded     degraded
    else, `no_data` telling how many are without                  operational  operational
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.pages.document import Headline, State
from signalbox.signals import Verdict

SOONEST_STALE = 180
"""Seconds below which nothing is called stale, however fast it is checked."""

_NAMES = 5
_ORDER = {state: rank for rank, state in enumerate(State)}


class Service(NamedTuple):
    """What the banner needs to know of one monitor."""

    name: str
    state: State
    newest: int | None  # slot of its newest signal, UTC microseconds


def stale_after(intervals: Iterable[float]) -> int:
    """Age in seconds from which the newest of these monitors' signals confirms nothing any more."""
    return max(SOONEST_STALE, math.ceil(3 * min(intervals, default=0)))


def item_state(verdicts: Collection[Verdict], newest: int | None, interval: float, now: int) -> State:
    """A monitor's state, from the newest verdict of each location (empty: none yet) and the newest signal's slot."""
    if newest is None or now - newest > stale_after([interval]) * MICROS:
        return State.NO_DATA
    known = {verdict for verdict in verdicts if verdict is not Verdict.UNKNOWN}
    if not known:
        return State.NO_DATA
    if Verdict.DOWN in known:
        return State.MAJOR if known == {Verdict.DOWN} else State.PARTIAL
    return State.DEGRADED if Verdict.DEGRADED in known else State.OPERATIONAL


def group_state(states: Sequence[State]) -> State:
    """The worst of its members' states; partial where only some members are down."""
    if not states:
        return State.NO_DATA
    if State.MAJOR in states:
        return State.MAJOR if set(states) == {State.MAJOR} else State.PARTIAL
    return max(states, key=_ORDER.__getitem__)


def headline(services: Sequence[Service], stale_after_s: int, now: int) -> Headline:
    """What the banner says, from the state of everything on the page. `now` is UTC microseconds."""
    newest = max((service.newest for service in services if service.newest is not None), default=None)
    without = sum(service.state is State.NO_DATA for service in services)

    def says(code: str, state: State, affected: Sequence[Service] = ()) -> Headline:
        return Headline.model_validate({
            "code": code, "state": state, "affected": len(affected), "total": len(services), "no_data": without,
            "names": [service.name for service in affected[:_NAMES]],
        })  # fmt: skip

    if not services:
        return says("empty", State.NO_DATA)
    if newest is None:
        return says("waiting", State.NO_DATA)
    if now - newest > stale_after_s * MICROS or without == len(services):
        return says("stale", State.NO_DATA)
    for state in (State.MAJOR, State.PARTIAL, State.DEGRADED):
        affected = [service for service in services if service.state is state]
        if affected:
            everything = state is State.MAJOR and len(affected) == len(services)
            return says("major-all" if everything else state.value, state, affected)
    return says("operational", State.OPERATIONAL)

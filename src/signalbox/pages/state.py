"""In which state is a monitor, a group, the whole page? Pure; the one place where this is decided, for banner, tab,
icon and all that reads the document.

A monitor's state is the worst of its verdict and of what open incidents say of it. Its verdict is the confirmed one,
and none at all once its newest signal is too old; a monitor that was never judged is taken by its newest signals. Where
signals go on and nobody judges them, the confirmed verdict holds only as long as they say the same. Work
that was announced shows where the verdict is operational, or where it is expected to be down.

The banner (first line that is true):

    nothing is on the page                                        empty        no-data
    nothing on it is asked at present                             paused       no-data
    no monitor has a signal yet                                   waiting      no-data
    newest signal older than 3 × the fastest interval, ≥ 3 min    stale        no-data
    nothing is known of any monitor without work                  stale        no-data
    all without work are down                                     major-all    major
    some are down                                                 major        major
    some are down at some locations only                          partial      partial
    some are degraded                                             degraded     degraded
    an incident is open                                           incident     degraded
    work goes on at some                                          maintenance  maintenance
    else, `no_data` telling how many are without                  operational  operational
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.pages.document import Headline, Recent, State
from signalbox.signals import Verdict

SOONEST_STALE = 180
"""Seconds below which nothing is called stale, however fast it is checked."""

_NAMES = 5
_ORDER = {state: rank for rank, state in enumerate(State)}
_OF_VERDICT = {
    Verdict.UP: State.OPERATIONAL,
    Verdict.DEGRADED: State.DEGRADED,
    Verdict.DOWN: State.MAJOR,
    Verdict.UNKNOWN: State.NO_DATA,
}
_RANK = {Verdict.UP: 0, Verdict.DEGRADED: 1, Verdict.DOWN: 2}


class Told(NamedTuple):
    """What is known of a monitor beside its signals."""

    verdict: Verdict | None = None  # the confirmed one; None: not judged yet
    judged: bool = False  # somebody judges here: what is not judged yet is no outage yet
    behind: bool = False  # judging has stopped: its newest signals are much newer than anything that was judged
    partly: bool = False  # down, but not as all locations see it
    paused: bool = False
    impact: State | None = None  # that open incidents say
    work: bool = False  # that was announced is going on
    expected_down: bool = False  # by that work


NOTHING = Told()


class Shown(NamedTuple):
    """How a monitor is shown."""

    state: State
    checking: bool = False
    quiet: bool = False


class Service(NamedTuple):
    """What the banner needs to know of one monitor."""

    name: str
    state: State
    newest: int | None  # slot of its newest signal, UTC microseconds
    paused: bool = False


def stale_after(intervals: Iterable[float]) -> int:
    """Age in seconds from which the newest of these monitors' signals confirms nothing any more."""
    return max(SOONEST_STALE, math.ceil(3 * min(intervals, default=0)))


def worst(states: Iterable[State]) -> State:
    """The worst of these, and there is one."""
    return max(states, key=_ORDER.__getitem__)


def shown(verdicts: Collection[Verdict], newest: int | None, interval: float, now: int, told: Told = NOTHING) -> Shown:
    """A monitor, from the newest verdict of each location (empty: none yet), the newest signal's slot, and what is
    known beside."""
    quiet = newest is not None and now - newest > stale_after([interval]) * MICROS
    blind = newest is None or quiet or told.paused
    state = State.NO_DATA if blind else _seen(verdicts, told)
    if told.work and (state is State.OPERATIONAL or (told.expected_down and not blind)):
        state = State.MAINTENANCE
    if told.impact is not None:
        state = worst((state, told.impact))
    checking = not blind and not told.behind and _is_checking(verdicts, told)
    return Shown(state, checking, quiet and not told.paused)


def _seen(verdicts: Collection[Verdict], told: Told) -> State:
    found = _by_signals(verdicts)
    if told.verdict is None:
        return State.NO_DATA if told.judged and found is not State.OPERATIONAL else found
    confirmed = State.PARTIAL if told.verdict is Verdict.DOWN and told.partly else _OF_VERDICT[told.verdict]
    return State.NO_DATA if told.behind and found is not confirmed else confirmed


def _by_signals(verdicts: Collection[Verdict]) -> State:
    known = {verdict for verdict in verdicts if verdict is not Verdict.UNKNOWN}
    if not known:
        return State.NO_DATA
    if Verdict.DOWN in known:
        return State.MAJOR if known == {Verdict.DOWN} else State.PARTIAL
    return State.DEGRADED if Verdict.DEGRADED in known else State.OPERATIONAL


def _is_checking(verdicts: Collection[Verdict], told: Told) -> bool:
    """Does some location's newest signal say worse than what is confirmed?"""
    if told.verdict is None and not told.judged:
        return False
    return max((_RANK.get(verdict, -1) for verdict in verdicts), default=-1) > _RANK.get(told.verdict or Verdict.UP, 0)


def group_state(states: Sequence[State]) -> State:
    """The worst of its members' states; partial where only some members without work are down."""
    if not states:
        return State.NO_DATA
    if State.MAJOR in states:
        return State.MAJOR if set(states) <= {State.MAJOR, State.MAINTENANCE} else State.PARTIAL
    return worst(states)


def headline(
    services: Sequence[Service],
    stale_after_s: int,
    now: int,
    incidents: Sequence[str] = (),
    recent: Recent | None = None,
) -> Headline:
    """What the banner says, from the state of everything on the page, the titles of open incidents and what is known
    of the last 24 hours. `now` is UTC microseconds."""

    def says(code: str, state: State, names: Sequence[str] = (), recent: Recent | None = None) -> Headline:
        return Headline.model_validate({
            "code": code, "state": state, "affected": len(names), "total": len(services), "names": names[:_NAMES],
            "no_data": sum(service.state is State.NO_DATA for service in services), "recent": recent,
        })  # fmt: skip

    blind = _cannot_tell(services, stale_after_s, now)
    if blind is not None:
        return says(blind, State.NO_DATA)
    untouched = sum(service.state is not State.MAINTENANCE for service in services)
    for state in (State.MAJOR, State.PARTIAL, State.DEGRADED):
        names = [service.name for service in services if service.state is state]
        if names:
            everything = state is State.MAJOR and len(names) == untouched
            return says("major-all" if everything else state.value, state, names)
    if incidents:
        return says("incident", State.DEGRADED, incidents)
    names = [service.name for service in services if service.state is State.MAINTENANCE]
    if names:
        return says("maintenance", State.MAINTENANCE, names)
    return says("operational", State.OPERATIONAL, recent=recent)


def _cannot_tell(services: Sequence[Service], stale_after_s: int, now: int) -> str | None:
    """Why nothing can be said of the whole page; None when something can."""
    if not services:
        return "empty"
    asked = [service for service in services if not service.paused]
    if not asked:
        return "paused"
    newest = max((service.newest for service in asked if service.newest is not None), default=None)
    if newest is None:
        return "waiting"
    if now - newest > stale_after_s * MICROS:
        return "stale"
    untouched = [service for service in services if service.state is not State.MAINTENANCE]
    return "stale" if untouched and all(service.state is State.NO_DATA for service in untouched) else None

"""What does a signal mean for its monitor? A pure state machine: standing + signal → standing, perhaps a change.

A verdict is confirmed when enough signals in a row speak for it (`failures` for worse, `recoveries` for better). The
first signal that speaks for worse makes the monitor *suspect*, and asks for a recheck; nobody is told of it.
Nothing here knows the clock or a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from signalbox.signals import Reason, Signal, Verdict


class Rules(NamedTuple):
    """How one monitor is judged. Durations are seconds."""

    failures: int = 2  # signals in a row, the recheck among them, that confirm something worse
    recoveries: int = 2  # signals in a row that confirm something better
    recheck: float = 3.0  # from the first failure to the recheck; 0: none
    flapping: bool = True
    every: float = 60.0


DEFAULT_RULES = Rules()


class Place(NamedTuple):
    """What one location says: its confirmed verdict, and the two runs of signals that lead away from it."""

    seen: int  # newest moment judged, UTC microseconds
    known: Verdict | None = None


class Standing(NamedTuple):
    """How a monitor stands. Times are UTC microseconds."""

    verdict: Verdict = Verdict.UNKNOWN  # as people see it; unknown while nobody could look
    known: Verdict | None = None  # the last one that was confirmed; None: none yet
    reason: Reason = Reason.OK
    message: str = ""
    since: int = 0  # when the spell of this verdict began
    trouble: int | None = None  # when the trouble began that is not over yet; what it is told under
    flapping: bool = False
    paused: bool = False
    flips: tuple[int, ...] = ()  # moments of the latest confirmed changes between up and not up
    places: Mapping[str, Place] = {}  # by location


class Change(NamedTuple):
    """A standing that flipped: one spell ends, the next begins at `after.since`."""

    monitor: str
    before: Standing
    after: Standing
    confirmed: int  # when we were sure, UTC microseconds
    location: str


class Judgement(NamedTuple):
    """What a signal led to. `standing` is the same object as before when nothing has to be written."""

    standing: Standing
    change: Change | None = None
    recheck: bool = False  # ask again, soon, afresh


def judge(standing: Standing, signal: Signal, rules: Rules) -> Judgement:
    """Judge one signal. Signals not newer than what their location has seen leave everything as it is."""
    raise NotImplementedError

"""How long did services take to answer, hour by hour and day by day? What a process that serves pages remembers of it.

Hours that are over come from the signal store, days from the rows that outlive it, read by a thread of its own every
ten minutes, since an hour changes until late signals are in, and when another hour is over. Of the hour that goes on
the window tells. While the store is away what was read is kept.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from signalbox import clock
from signalbox.db import Database
from signalbox.errors import SignalboxError
from signalbox.history import service as history
from signalbox.pages.lane import Lane
from signalbox.pages.past import DAY, HOUR, LOOK, Monitors
from signalbox.rounds import Rounds
from signalbox.stores.base import Store

log = structlog.get_logger(__name__)

EVERY = 600.0  # seconds between two readings
AGAIN = 30.0  # seconds after one that failed
HOURS = 24
DAYS = 91
_AT_ONCE = 500  # monitors in one question to the store

Times = Mapping[int, tuple[int, int]]
"""p50 and p95 in milliseconds, by number of the hour since 1970 (in UTC)."""
Slow = Mapping[int, int]
"""p95 in milliseconds, by number of the day since 1970 (in UTC)."""


@dataclass(frozen=True)
class Answers:
    """Answer times by the keys of monitors."""

    hours: Mapping[str, Times] = field(default_factory=dict)
    days: Mapping[str, Slow] = field(default_factory=dict)

    def of_hours(self, key: str) -> Times:
        """A monitor's last hours."""
        return self.hours.get(key, {})

    def of_days(self, key: str) -> Slow:
        """A monitor's last days; today is not among them yet."""
        return self.days.get(key, {})


class Latencies:
    """Knows what was read last. `version` grows when something new was."""

    def __init__(self, database: Database, store: Store, shown: Monitors) -> None:
        self.answers = Answers()
        self.version = 0
        self._database, self._store, self._shown = database, store, shown
        self._read_of: Sequence[object] = ()
        self._hour, self._due = 0, 0.0
        self._lane = Lane("latencies-hours")
        self._rounds = Rounds("latencies", self._look, LOOK, first=0.0, trouble=_old)

    def start(self) -> None:
        """Read now and from now on; returns at once."""
        self._rounds.start()

    def close(self) -> None:
        """Stop; returns when the thread has ended, or after 2 s if its store hangs."""
        self._rounds.close()
        self._lane.close()

    def _look(self) -> None:
        if time.monotonic() >= self._due or self._is_old():
            self._due = time.monotonic() + AGAIN
            self.look(clock.now())
            self._due = time.monotonic() + EVERY

    def _is_old(self) -> bool:
        """Was something read that others are shown than, or that another hour has followed?"""
        return bool(self._read_of) and (self._shown() is not self._read_of or clock.now() // HOUR != self._hour)

    def look(self, now: int) -> None:
        """Read both, side by side. What could be read is kept even if the other could not; raises what went wrong."""
        shown, self._hour = self._shown(), now // HOUR
        asked = self._lane.submit(lambda: self._hours([monitor.key for monitor in shown], self._hour * HOUR))
        with self._database.read() as session:
            found = history.slow_days(session, now // DAY - DAYS + 1, now // DAY)
        days = {key: {day: coarse(p95) for day, p95 in of.items()} for key, of in found.items()}
        self._keep(replace(self.answers, days=days))
        self._read_of = shown
        self._keep(replace(self.answers, hours=asked.result()))

    def _hours(self, keys: Sequence[str], end: int) -> dict[str, Times]:
        """Of the hours before that moment, from the store."""
        hours: dict[str, Times] = {}
        for first in range(0, len(keys), _AT_ONCE):
            found = self._store.times(keys[first : first + _AT_ONCE], end - (HOURS - 1) * HOUR, end)
            for key, of in found.items():
                hours[key] = {start // HOUR: (coarse(p50), coarse(p95)) for start, (p50, p95) in of.items()}
        return hours

    def _keep(self, answers: Answers) -> None:
        if answers != self.answers:
            self.answers = answers
            self.version += 1


def _old(error: SignalboxError) -> None:
    log.warning("latencies.old", error=str(error), still="pages show the answer times from before")


def coarse(milliseconds: float) -> int:
    """Two digits that tell: the percentiles are no more exact than that, and a page of many is a good deal shorter."""
    whole = round(milliseconds)
    if whole < 100:
        return whole
    unit = 10
    while whole >= 100 * unit:
        unit *= 10
    return round(whole / unit) * unit

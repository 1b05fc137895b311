"""What does one ping mean for its monitor? Pure: the newest before and a ping in, the newest after it out."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.signals import Reason, Verdict

LONGEST_RUN = 31 * 86_400 * MICROS
"""A run that began longer ago tells no duration."""


class Sort(StrEnum):
    """What a ping says. The first four come from jobs, the others are verdicts that people set."""

    SUCCESS = "success"
    FAIL = "fail"
    START = "start"
    LOG = "log"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


_VERDICTS = {
    Sort.SUCCESS: Verdict.UP, Sort.FAIL: Verdict.DOWN, Sort.UP: Verdict.UP, Sort.DEGRADED: Verdict.DEGRADED,
    Sort.DOWN: Verdict.DOWN, Sort.UNKNOWN: Verdict.UNKNOWN,
}  # fmt: skip
_REASONS = {Verdict.UP: Reason.OK, Verdict.UNKNOWN: Reason.MISSED}


class Ping(NamedTuple):
    """One thing that was told. `at` is UTC microseconds, `took` milliseconds."""

    monitor: str  # its key
    at: int
    sort: Sort
    status: int | None = None
    run: str | None = None
    took: float | None = None
    method: str = ""
    source: str = ""
    agent: str = ""
    said: str = ""
    body: bytes | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that it is; None: it is none."""
        return _VERDICTS.get(self.sort)

    @property
    def reason(self) -> Reason:
        """Why."""
        return _REASONS.get(self.verdict or Verdict.UP, Reason.STATUS)

    @property
    def message(self) -> str:
        """What people are told. What a job said may be anything, and is no part of it; what people said is."""
        if self.sort is Sort.FAIL:
            return f"exit status {self.status}" if self.status is not None else "the job said that it failed"
        return "" if self.sort is Sort.SUCCESS else self.said


class Newest(NamedTuple):
    """What of a monitor's pings decides how it stands."""

    at: int
    verdict: Verdict
    reason: Reason
    message: str
    took: float | None
    heard: int | None
    started: int | None
    run: str | None


def took(before: Newest | None, ping: Ping) -> float | None:
    """How long the run took that a ping ends: as it says, or since it began. Milliseconds."""
    if ping.took is not None or before is None or before.started is None or ping.verdict is None:
        return ping.took
    passed = ping.at - before.started
    return passed / 1_000 if ping.run == before.run and 0 <= passed <= LONGEST_RUN else None


def after(before: Newest | None, ping: Ping) -> Newest | None:
    """The newest after a ping. One that comes late, behind others, changes nothing that they said."""
    if ping.sort is Sort.LOG:
        return before
    if ping.sort is Sort.START:
        if before is None:
            return Newest(ping.at, Verdict.UNKNOWN, Reason.MISSED, "", None, None, ping.at, ping.run)
        return before._replace(started=ping.at, run=ping.run) if ping.at >= before.at else before
    if before is not None and ping.at < before.at:
        return before
    verdict = ping.verdict
    assert verdict is not None
    heard, started, run = (before.heard, before.started, before.run) if before is not None else (None, None, None)
    if ping.run is None or ping.run == run:  # another run's end does not end this one
        started, run = None, None
    heard = ping.at if verdict is Verdict.UP else heard
    return Newest(ping.at, verdict, ping.reason, ping.message, took(before, ping), heard, started, run)

"""Does a job say in time that it ran? It sends heartbeats; one that does not come by its deadline is down.

The deadline is `interval` (or the next turn of `cron`) and `grace` after the last good heartbeat. A new monitor waits
for its first one. Turns of cron follow the zone's clock as cron does: a time that summer time leaves out is made up for
at once, one that comes twice runs once.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from signalbox.checks.base import Outcome, Told, ToldCheck
from signalbox.clock import MICROS, iso, to_datetime, to_micros
from signalbox.durations import Duration, words
from signalbox.signals import Reason, Verdict
from signalbox.zones import Zone

DAY = 86_400.0
CATCH_UP = 60.0
"""Seconds, at the most, that senders have after a time in which nobody listened: those that try again get through."""
STALE = 30.0
"""Seconds by which what we know of heartbeats may be old; beyond, we know nothing."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{10,128}")
_HIDDEN = "***"  # what people see in place of a token: stands for the one that is kept
_SLUG = r"^[a-z0-9_-]{1,100}$"


def _unguessable(token: str) -> str:
    if token != _HIDDEN and not _TOKEN.fullmatch(token):
        raise ValueError("a token has 10 to 128 letters, digits, hyphens and underscores; best are 32 random ones")
    return token


def _lasting(value: float) -> float:
    if not 1 <= value <= 366 * DAY:
        raise ValueError("write a duration from 1s to 366d")
    return value


def _existing(cron: str) -> str:
    from cronsim import CronSim, CronSimError

    try:
        next(CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        raise ValueError(
            'not a cron expression: write five fields such as "30 2 * * *" (minute hour day month weekday)'
        ) from None
    return cron


Token = Annotated[str, AfterValidator(_unguessable)]
Lasting = Annotated[Duration, AfterValidator(_lasting)]


class PushCheck(ToldCheck):
    """A job that sends heartbeats. It is down when one is late, when it says so, or when a run does not end."""

    examples = (
        {"kind": "push", "token": "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A", "interval": "1h", "grace": "10m"},
        {
            "kind": "push", "token": "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A", "cron": "30 2 * * 1-5",
            "timezone": "Europe/Budapest", "grace": "2h", "slug": "nightly-backup",
        },
    )  # fmt: skip

    kind: Literal["push"] = "push"
    token: Token | None = Field(
        None, description="Who knows it may send heartbeats: part of the URL. Made where the API is given none."
    )
    more_tokens: tuple[Token, ...] = Field(
        (), max_length=20, description="Others that are taken as well, such as those of the tool you come from."
    )
    slug: str | None = Field(
        None, pattern=_SLUG, description="Its name in URLs with the installation's ping key. Default: the monitor's id."
    )
    interval: Lasting | None = Field(None, description="Time from one heartbeat to the next. Default: 1d without cron.")
    cron: Annotated[str, AfterValidator(_existing)] | None = Field(
        None, max_length=200, description="Or when the job runs: five fields, minute hour day month weekday."
    )
    timezone: Zone = Field("UTC", description="Zone that cron is meant in.")
    grace: Lasting | None = Field(
        None,
        description="How much later a heartbeat may come, and how long a run may take from /start to its end. "
        "Default: a fifth of the interval, at least 5s and at most 1h; 1h with cron.",
    )

    @model_validator(mode="after")
    def _one_rhythm(self) -> PushCheck:
        if self.cron is not None and self.interval is not None:
            raise ValueError("write either  interval:  or  cron:")
        return self

    @property
    def tokens(self) -> tuple[str, ...]:
        """All that are taken."""
        return (*([self.token] if self.token else []), *self.more_tokens)

    @property
    def leeway(self) -> float:
        """Seconds of grace."""
        if self.grace is not None:
            return self.grace
        return 3_600.0 if self.cron is not None else min(max(5.0, (self.interval or DAY) / 5), 3_600.0)

    @property
    def target(self) -> str:
        """`push:` and its rhythm."""
        return f"push:{self.slug or self.cron or words(self.interval or DAY)}"

    def deadline(self, heard: int) -> int:
        """By when the next one is to come after a good one at that moment. UTC microseconds."""
        due = heard + round((self.interval or DAY) * MICROS)
        if self.cron is not None:
            due = _turn(self.cron, self.timezone, heard // MICROS) * MICROS
        return due + round(self.leeway * MICROS)

    def answer(self, told: Told | None, since: int, now: int) -> Outcome:
        """What the newest heartbeat means now."""
        if told is None:
            return Outcome(Verdict.UNKNOWN, Reason.MISSED, "no heartbeat yet")
        if told.as_of is not None:
            if now - told.as_of > STALE * MICROS:
                return Outcome(Verdict.UNKNOWN, Reason.MISSED, "which heartbeats came cannot be read now")
            now = min(now, told.as_of)
        stands = self._stands(told)
        if stands is Verdict.DOWN:
            return Outcome(Verdict.DOWN, told.reason, told.message, total=told.took)
        late = self._late(told, now)
        if late is not None:
            return late
        if stands is Verdict.UNKNOWN:
            text = "no heartbeat yet since it was resumed" if told.heard else "no heartbeat yet"
            return Outcome(Verdict.UNKNOWN, Reason.MISSED, text)
        return Outcome(Verdict.UP, Reason.OK, told.message, available=True, total=told.took)

    def turns(self, told: Told) -> int | None:
        """When it will be late."""
        if self._stands(told) is Verdict.DOWN:
            return None
        return min((self._heeding(due, told) for due, _ in self._due(told)), default=None)

    def _stands(self, told: Told) -> Verdict:
        return told.verdict if told.at > told.resumed else Verdict.UNKNOWN

    def _due(self, told: Told) -> list[tuple[int, str]]:
        """What is waited for, by when, and what to say when it does not come."""
        found = []
        if told.started is not None and told.started > told.resumed:
            text = f"a run that began at {_time(told.started)} has not ended within {words(self.leeway)}"
            found.append((told.started + round(self.leeway * MICROS), text))
        if told.heard is not None:
            due = self.deadline(max(told.heard, told.resumed))
            found.append((due, f"no heartbeat since {_time(told.heard)}; one was due by {_time(due)}"))
        return found

    def _late(self, told: Told, now: int) -> Outcome | None:
        for due, text in sorted(self._due(told)):
            if now < due:
                continue
            if now < self._heeding(due, told):
                return Outcome(Verdict.UNKNOWN, Reason.MISSED, f"{text}, but nobody listened for a while before")
            reason = Reason.TIMEOUT if text.startswith("a run") else Reason.SILENT
            return Outcome(Verdict.DOWN, reason, text)
        return None

    def _heeding(self, due: int, told: Told) -> int:
        """A deadline, put off where one may have come and nobody listened: senders may try again for a moment."""
        if told.deaf is None or due < told.deaf[0] or (told.heard or 0) >= told.deaf[1]:
            return due
        period = CATCH_UP if self.cron is not None else (self.interval or DAY) + self.leeway
        return max(due, told.deaf[1] + round(min(CATCH_UP, period) * MICROS))


def _time(moment: int) -> str:
    return f"{iso(moment)[:19]}Z"


@lru_cache(4_096)
def _turn(cron: str, zone: str, second: int) -> int:
    """The first second after that one in which a cron expression is due."""
    from cronsim import CronSim

    here = to_datetime(second * MICROS).astimezone(ZoneInfo(zone))
    return to_micros(next(CronSim(cron, here))) // MICROS

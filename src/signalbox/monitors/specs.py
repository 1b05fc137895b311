"""What does a person write to have something watched? One class for YAML, API and importers."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from signalbox.checks import AnyCheck
from signalbox.durations import Duration
from signalbox.slugs import PATTERN

_MONTH = 31 * 86_400  # seconds


def _whole_seconds(every: float) -> float:
    if not 1 <= every <= _MONTH:
        raise ValueError("a check runs at most once a second and at least once in 31 days: write 1s to 31d")
    if every != int(every):
        raise ValueError(f"checks start on whole seconds: write {int(every)}s or {int(every) + 1}s")
    return every


def _bounded(timeout: float) -> float:
    if not 0 < timeout <= 300:
        raise ValueError("a check may take more than nothing and at most 5 minutes: write a duration such as 10s")
    return timeout


def _soon(recheck: float) -> float:
    if not 0 <= recheck <= 300:
        raise ValueError("a recheck comes within 5 minutes: write a duration such as 3s, or 0s for none")
    return recheck


def _some_time(value: float | None) -> float | None:
    if value is not None and value <= 0:
        raise ValueError("write a duration that is more than nothing, or leave the key out")
    return value


Every = Annotated[Duration, AfterValidator(_whole_seconds)]
Timeout = Annotated[Duration, AfterValidator(_bounded)]
Recheck = Annotated[Duration, AfterValidator(_soon)]
Threshold = Annotated[Duration | None, AfterValidator(_some_time)]
Streak = Annotated[int, Field(ge=1, le=20)]


class Defaults(BaseModel):
    """What monitors have that do not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: Every = Field(60.0, description="Time from one check to the next.")
    timeout: Timeout = Field(10.0, description="A check that takes longer has failed.")
    failures: Streak = Field(2, description="Failures in a row, the recheck among them, that confirm an outage.")
    recoveries: Streak = Field(2, description="Good answers in a row that end an outage.")
    recheck: Recheck = Field(3.0, description="Time from a first failure to the recheck; 0s for none.")
    slow: Threshold = Field(None, description="An answer that takes longer is degraded.")
    certificate: Threshold = Field(
        3 * 86_400.0, description="A certificate that expires within this time is degraded; null for never."
    )
    flapping: bool = Field(True, description="Tell once that it comes and goes, instead of each time.")
    incident: bool = Field(False, description="Open an incident when it goes down, and resolve it at its recovery.")


class MonitorSpec(Defaults):
    """Something watched: a check, an interval, how it is called, where it is shown and how it is judged."""

    id: str = Field(pattern=PATTERN, description="Short, lasting name in URLs and storage. Default: slug of the name.")
    name: str = Field(min_length=1, max_length=200, description="What people call it.")
    group: str | None = Field(None, max_length=200, description="Heading that it is listed under.")
    tags: tuple[str, ...] = Field((), description="Words to pick monitors by.")
    check: AnyCheck = Field(description="How it is asked: `kind:` and the options of that kind.")
    paused: bool = Field(False, description="Ask nothing until this is taken out again.")
    depends_on: tuple[str, ...] = Field(
        (), description="Ids of monitors that it cannot work without: while one is down, nobody is told of this one."
    )
    was: str | None = Field(None, pattern=PATTERN, description="The id it had before; its history comes along.")

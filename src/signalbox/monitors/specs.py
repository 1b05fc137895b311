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


Every = Annotated[Duration, AfterValidator(_whole_seconds)]
Timeout = Annotated[Duration, AfterValidator(_bounded)]


class Defaults(BaseModel):
    """What monitors have that do not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: Every = Field(60.0, description="Time from one check to the next.")
    timeout: Timeout = Field(10.0, description="A check that takes longer has failed.")


class MonitorSpec(BaseModel):
    """Something watched: a check, an interval, how it is called and where it is shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=PATTERN, description="Short, lasting name in URLs and storage. Default: slug of the name.")
    name: str = Field(min_length=1, max_length=200, description="What people call it.")
    group: str | None = Field(None, max_length=200, description="Heading that it is listed under.")
    tags: tuple[str, ...] = Field((), description="Words to pick monitors by.")
    check: AnyCheck
    every: Every = 60.0
    timeout: Timeout = 10.0
    was: str | None = Field(None, pattern=PATTERN, description="The id it had before; its history comes along.")

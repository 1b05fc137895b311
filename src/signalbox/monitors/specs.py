"""What does a person write to have something watched? One class for YAML, API and importers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from signalbox.checks import AnyCheck
from signalbox.durations import Duration
from signalbox.slugs import PATTERN, name_of_url, slug

Every = Annotated[Duration, Field(ge=1, le=31 * 86_400)]
Timeout = Annotated[Duration, Field(gt=0, le=300)]


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

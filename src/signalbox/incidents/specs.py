"""What does a person write to tell people of trouble? One class for YAML, API, command line and importers."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from signalbox.clock import to_micros
from signalbox.incidents import markdown, templates
from signalbox.slugs import PATTERN

_LATEST = to_micros(datetime(2100, 1, 1, tzinfo=UTC))


class Impact(StrEnum):
    """How bad an incident is for those who read of it."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Status(StrEnum):
    """How far those who work on it have come."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class Affected(StrEnum):
    """The state that an update gives a monitor on the page."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    PARTIAL = "partial"
    MAJOR = "major"
    MAINTENANCE = "maintenance"


def _moment(value: object) -> object:
    """An RFC 3339 text with its offset as UTC microseconds."""
    if isinstance(value, str):
        try:
            return to_micros(datetime.fromisoformat(value))
        except ValueError:
            raise ValueError("write a moment with its offset, such as 2026-11-24T14:30:00Z") from None
    return value


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    Field(ge=0, le=_LATEST),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "RFC 3339 with its offset."}),
]
"""UTC microseconds; read from a text such as `2026-11-24T14:30:00Z`."""
Markdown = Annotated[str, AfterValidator(markdown.checked)]
Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(markdown.one_line)]
Monitors = Annotated[dict[str, Affected], Field(max_length=2_000)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UpdateSpec(_Written):
    """One thing to say of an incident."""

    status: Status | None = Field(None, description="How far it has come; as before when left out.")
    body: Markdown = Field("", description="What to say, in Markdown.")
    template: str | None = Field(None, pattern=PATTERN, description="Id of a template: its words where none are here.")
    monitors: Monitors = Field({}, description="Ids of monitors and the state each is shown in; others stay as said.")
    happened_at: Moment | None = Field(None, description="When it happened, if not now: it may be backdated.")
    next_update_by: Moment | None = Field(None, description="When people can expect to hear more.")
    notify: bool = Field(True, description="Tell operators' channels.")
    draft: bool = Field(False, description="Keep it for later; nobody sees it yet.")


class IncidentSpec(UpdateSpec):
    """An incident and the first thing to say of it."""

    title: Title | None = Field(None, description="What it is called; without, as the template says.")
    impact: Impact = Field(Impact.MINOR, description="How bad it is: none, minor, major or critical.")
    pages: tuple[str, ...] = Field((), max_length=100, description="Slugs of the pages that show it; none: all do.")
    started_at: Moment | None = Field(None, description="When it began, if not now.")

    @model_validator(mode="after")
    def _is_called_something(self) -> Self:
        if self.title is None and self.template is None:
            raise ValueError("write a title, or name a template")
        return self


class EditSpec(_Written):
    """What to change of an incident's head. What is left out stays."""

    title: Title | None = None
    impact: Impact | None = None
    pages: tuple[str, ...] | None = Field(None, max_length=100)
    started_at: Moment | None = None


class UpdateEditSpec(_Written):
    """What to change of an update. What is left out stays; what was published before is kept."""

    body: Markdown | None = None
    happened_at: Moment | None = None
    status: Status | None = Field(None, description="Of a draft.")
    monitors: Monitors | None = Field(None, description="Of a draft.")
    next_update_by: Moment | None = Field(None, description="Of a draft.")
    notify: bool | None = Field(None, description="Of a draft.")
    publish: bool = Field(False, description="Publish a draft.")


class PostmortemSpec(_Written):
    """What was learnt, when it is over."""

    body: Markdown = Field(min_length=1, description="Markdown.")


class When(StrEnum):
    """What a template is for."""

    OPENED = "opened"
    UPDATE = "update"
    RESOLVED = "resolved"


class IncidentTemplateSpec(_Written):
    """Words kept for later, with placeholders such as `{monitor}`."""

    id: str = Field(pattern=PATTERN, description="Short, lasting name. Default: slug of the title.")
    title: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(templates.checked)] = Field(
        description="Title of an incident that is opened with it."
    )
    body: Annotated[Markdown, AfterValidator(templates.checked)] = Field("", description="What is said, in Markdown.")
    when: When = Field(When.OPENED, description="opened, update or resolved.")
    automatic: bool = Field(False, description="Used where a change opens or ends an incident by itself.")
    was: str | None = Field(None, pattern=PATTERN, description="The id it had before.")

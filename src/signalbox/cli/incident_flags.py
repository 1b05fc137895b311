"""What can be said of an incident on a command line, and what do the flags amount to?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from signalbox.cli.flags import seconds
from signalbox.clock import MICROS, to_micros
from signalbox.durations import parse
from signalbox.errors import ConfigurationError

S = TypeVar("S", bound=BaseModel)

Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `signalbox incident list` shows it.")]
Title = Annotated[str | None, typer.Option(help="What it is called.")]
Impact = Annotated[str | None, typer.Option(help="none, minor, major or critical.")]
OfPage = Annotated[list[str] | None, typer.Option("--page", metavar="SLUG", help="Only there; may be repeated.")]
Message = Annotated[str | None, typer.Option("--message", "-m", help="What to say, in Markdown; - reads it.")]
Template = Annotated[str | None, typer.Option(metavar="ID", help="Say what this template says.")]
Monitors = Annotated[
    list[str] | None,
    typer.Option("--monitor", metavar="ID=STATE", help="operational, degraded, partial, major or maintenance."),
]
Status = Annotated[str | None, typer.Option(help="investigating, identified or monitoring.")]
At = Annotated[str | None, typer.Option(metavar="TIME", help="When it happened, if not now.")]
Started = Annotated[str | None, typer.Option(metavar="TIME", help="When it began: 2026-11-24 14:30, or 20m ago.")]
Next = Annotated[str | None, typer.Option("--next-update", metavar="IN", help="When to expect more, such as 30m.")]
Notify = Annotated[bool, typer.Option("--notify/--no-notify", help="Tell operators' channels.")]
Draft = Annotated[bool, typer.Option("--draft", help="Keep it for later; nobody sees it yet.")]
Update = Annotated[int | None, typer.Option("--update", metavar="N", help="One of its updates, by number.")]

_FLAGS = {
    "body": "message", "happened_at": "at", "started_at": "started", "next_update_by": "next-update",
    "monitors": "monitor", "pages": "page",
}  # fmt: skip


def said(
    now: int, *, monitor: Sequence[str] | None, message: str | None, template: str | None = None,
    status: str | None = None, at: str | None = None, next_update: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What an update is to say, by the fields of its spec."""
    return given(
        body=None if message is None else text_of(message), template=template, status=status,
        monitors=_states(monitor) if monitor else None, happened_at=past("--at", at, now),
        next_update_by=None if next_update is None else now + int(seconds("--next-update", next_update) * MICROS),
    )  # fmt: skip


def given(**values: Any) -> dict[str, Any]:
    """Those that were written."""
    return {name: value for name, value in values.items() if value is not None}


def spec_of(model: type[S], values: Mapping[str, Any]) -> S:
    """The spec of what was written. ConfigurationError says what is wrong, at which flag."""
    try:
        return model.model_validate(given(**values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        words = str(first["msg"]).removeprefix("Value error, ")
        at = f"--{flag_of(str(first['loc'][0]))}: " if first["loc"] else ""
        raise ConfigurationError(f"{at}{words}") from None


def flag_of(field: str) -> str:
    """The flag that a field of a spec is written by."""
    return _FLAGS.get(field, field)


def _states(monitors: Sequence[str]) -> dict[str, str]:
    states = {}
    for one in monitors:
        id_, equals, state = one.partition("=")
        if not equals:
            raise ConfigurationError(f"--monitor {one}: write its id and its state, such as {one}=major")
        states[id_] = state
    return states


def text_of(message: str) -> str:
    """What was written, or what comes by the standard input."""
    return typer.get_text_stream("stdin").read() if message == "-" else message


def past(flag: str, text: str | None, now: int) -> int | None:
    """A time of day here, one with its offset, or how long ago."""
    if text is None:
        return None
    try:
        return now - int(parse(text.removesuffix(" ago")) * MICROS)
    except ValueError:
        pass
    try:
        return to_micros(datetime.fromisoformat(text).astimezone())
    except (ValueError, OverflowError, OSError):
        raise ConfigurationError(f"{flag}: write a time such as 2026-11-24 14:30, or how long ago: 20m") from None

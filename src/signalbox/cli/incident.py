"""`signalbox incident`: what are people told of trouble? Opened, updated, mended, resolved, and what was learnt."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.cli.looks import moment
from signalbox.cli.state import actor, opened_database
from signalbox.clock import MICROS, to_micros
from signalbox.durations import parse
from signalbox.errors import ConfigurationError
from signalbox.incidents import service, writing
from signalbox.incidents.document import document, monitor_ids
from signalbox.incidents.service import Incident
from signalbox.incidents.specs import EditSpec, IncidentSpec, PostmortemSpec, UpdateEditSpec, UpdateSpec
from signalbox.pages.service import active_pages

S = TypeVar("S", bound=BaseModel)

Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `signalbox incident list` shows it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
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
_STYLES = {"resolved": "bright_black", "monitoring": "blue", "identified": "yellow", "investigating": "red"}

incident = typer.Typer(help="Tell people of trouble: open, update, edit, publish, resolve.")


@incident.command("open")
def open_(  # noqa: PLR0917 - one flag each
    title: Title = None,
    impact: Impact = None,
    monitor: Monitors = None,
    message: Message = None,
    template: Template = None,
    page: OfPage = None,
    status: Status = None,
    started: Started = None,
    at: At = None,
    next_update: Next = None,
    notify: Notify = True,
    draft: Draft = False,
    json: Json = False,
) -> None:
    """Open an incident and say the first thing of it."""
    now = clock.now()
    head = {"title": title, "impact": impact, "pages": page, "started_at": _moment("--started", started, now)}
    said = _said(now, monitor, message, template, status, at, next_update)
    spec = _spec(IncidentSpec, {**head, **said, "notify": notify, "draft": draft})
    _do(lambda session: writing.open_(session, spec, by=actor(), now=now, pages=_slugs(session)), json)


@incident.command()
def update(  # noqa: PLR0917 - one flag each
    id: Id,
    message: Message = None,
    template: Template = None,
    monitor: Monitors = None,
    status: Status = None,
    at: At = None,
    next_update: Next = None,
    notify: Notify = True,
    draft: Draft = False,
    json: Json = False,
) -> None:
    """Say how it goes."""
    now = clock.now()
    said = _said(now, monitor, message, template, status, at, next_update)
    spec = _spec(UpdateSpec, {**said, "notify": notify, "draft": draft})
    _do(lambda session: writing.update(session, id, spec, by=actor(), now=now), json)


@incident.command()
def resolve(  # noqa: PLR0917 - one flag each
    id: Id,
    message: Message = None,
    template: Template = None,
    monitor: Monitors = None,
    at: At = None,
    notify: Notify = True,
    json: Json = False,
) -> None:
    """Say that it is over. Its monitors are operational again, unless --monitor says otherwise."""
    now = clock.now()
    spec = _spec(UpdateSpec, {**_said(now, monitor, message, template, None, at, None), "notify": notify})
    _do(lambda session: writing.resolve(session, id, spec, by=actor(), now=now), json)


@incident.command()
def edit(  # noqa: PLR0917 - one flag each
    id: Id,
    title: Title = None,
    impact: Impact = None,
    page: OfPage = None,
    started: Started = None,
    number: Update = None,
    message: Message = None,
    at: At = None,
    status: Status = None,
    monitor: Monitors = None,
    next_update: Next = None,
    json: Json = False,
) -> None:
    """Change its head, or with --update N what that update says. What was published is kept beside it."""
    now = clock.now()
    head = _given(title=title, impact=impact, pages=page, started_at=_moment("--started", started, now))
    said = _said(now, monitor, message, None, status, at, next_update)
    if number is None and said:
        raise ConfigurationError(f"--{_flag(next(iter(said)))} is about an update: say which one with --update N")
    if number is not None and head:
        raise ConfigurationError(f"--{_flag(next(iter(head)))} is about the incident: leave --update out")
    if not head and not said:
        raise ConfigurationError("write what to change, such as --title or --update 1 --message")
    if number is None:
        spec = _spec(EditSpec, head)
        _do(lambda session: writing.edit(session, id, spec, by=actor(), now=now, pages=_slugs(session)), json)
    else:
        change = _spec(UpdateEditSpec, said)
        _do(lambda session: writing.edit_update(session, id, number, change, by=actor(), now=now), json)


@incident.command()
def publish(id: Id, number: Update = None, json: Json = False) -> None:
    """Let everybody see a draft: the incident with its first update, or with --update N that update."""
    now, spec = clock.now(), UpdateEditSpec(publish=True)
    if number is None:
        _do(lambda session: writing.publish(session, id, by=actor(), now=now), json)
    else:
        _do(lambda session: writing.edit_update(session, id, number, spec, by=actor(), now=now), json)


@incident.command()
def discard(id: Id, number: Update = None) -> None:
    """Delete a draft: the incident, or with --update N that update. What was published stays."""
    with opened_database() as database, database.begin() as session:
        if number is None:
            writing.discard(session, id, by=actor())
        else:
            writing.discard_update(session, id, number, by=actor())
    typer.echo(f"{id} is discarded" if number is None else f"update {number} of {id} is discarded")


@incident.command()
def postmortem(
    id: Id,
    message: Annotated[str, typer.Option("--message", "-m", help="What was learnt, in Markdown; - reads it.")],
    json: Json = False,
) -> None:
    """Say what was learnt, when it is over."""
    now, spec = clock.now(), _spec(PostmortemSpec, {"body": _text(message)})
    _do(lambda session: writing.write_postmortem(session, id, spec, by=actor(), now=now), json)


@incident.command("list")
def list_(
    resolved: Annotated[bool, typer.Option("--resolved", help="Those that are over, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List incidents and drafts, the newest first."""
    with opened_database() as database, database.read() as session:
        found = service.listing(session, limit=limit, resolved=None if resolved else False)
        ids = monitor_ids(session)
    if json:
        typer.echo(json_module.dumps([document(one, ids).model_dump(mode="json") for one in found], indent=2))
    elif not found:
        typer.echo("No incident is open. Open one:  signalbox incident open --title TITLE --monitor ID=major")
    else:
        Console(highlight=False).print(_table(found, ids))


@incident.command()
def show(id: Id, json: Json = False) -> None:
    """Show one, with all that was said."""
    with opened_database() as database, database.read() as session:
        found, ids = service.find(session, id), monitor_ids(session)
    if json:
        typer.echo(document(found, ids).model_dump_json(indent=2))
    else:
        Console(highlight=False).print(_told(found, ids), soft_wrap=True)


def _do(verb: Callable[[Session], Incident], json: bool) -> None:
    """Do it, and tell how the incident stands."""
    with opened_database() as database, database.begin() as session:
        done, ids = verb(session), monitor_ids(session)
    typer.echo(document(done, ids).model_dump_json(indent=2) if json else f"{done.public} ({done.title}): {_how(done)}")


def _said(  # noqa: PLR0917 - one flag each
    now: int, monitors: Sequence[str] | None, message: str | None, template: str | None, status: str | None,
    at: str | None, next_update: str | None,
) -> dict[str, Any]:  # fmt: skip
    return _given(
        body=None if message is None else _text(message), template=template, status=status,
        monitors=_states(monitors) if monitors else None, happened_at=_moment("--at", at, now),
        next_update_by=None if next_update is None else now + int(_seconds("--next-update", next_update) * MICROS),
    )  # fmt: skip


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _spec(model: type[S], given: Mapping[str, Any]) -> S:
    """ConfigurationError says what is wrong, at which flag."""
    try:
        return model.model_validate(_given(**given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        words = str(first["msg"]).removeprefix("Value error, ")
        at = f"--{_flag(str(first['loc'][0]))}: " if first["loc"] else ""
        raise ConfigurationError(f"{at}{words}") from None


def _flag(field: str) -> str:
    return _FLAGS.get(field, field)


def _states(monitors: Sequence[str]) -> dict[str, str]:
    states = {}
    for one in monitors:
        id_, equals, state = one.partition("=")
        if not equals:
            raise ConfigurationError(f"--monitor {one}: write its id and its state, such as {one}=major")
        states[id_] = state
    return states


def _text(message: str) -> str:
    return typer.get_text_stream("stdin").read() if message == "-" else message


def _moment(flag: str, text: str | None, now: int) -> int | None:
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


def _seconds(flag: str, text: str) -> float:
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigurationError(f"{flag}: {error}") from None


def _slugs(session: Session) -> list[str]:
    return [page.slug for page in active_pages(session)]


def _how(one: Incident) -> str:
    word = "draft" if one.draft else one.status.value
    if one.resolved_at is not None:
        return f"{word}, {moment(one.resolved_at)}"
    return word if one.next_update_by is None else f"{word}, next update by {moment(one.next_update_by)}"


def _affected(monitors: Mapping[str, str], ids: Mapping[str, str]) -> str:
    return ", ".join(f"{ids.get(key, key)}={state}" for key, state in monitors.items())


def _table(found: Sequence[Incident], ids: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("id", "began", "title", "impact", "how", "monitors"):
        table.add_column(heading, overflow="fold")
    for one in found:
        style = "bright_black" if one.draft else _STYLES[one.status]
        cells = (one.public, moment(one.started_at), one.title, one.impact, _how(one), _affected(one.monitors, ids))
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


def _told(one: Incident, ids: Mapping[str, str]) -> Text:
    lines = [f"{one.title}  ({one.impact})", f"{_how(one)}; began {moment(one.started_at)}"]
    if one.monitors:
        lines.append(_affected(one.monitors, ids))
    for update in one.updates:
        marks = ", draft" * update.draft + ", edited" * (update.edited_at is not None)
        states = f"; {_affected(update.monitors, ids)}" if update.monitors else ""
        lines += ["", f"{update.number}. {moment(update.happened_at)}  {update.status}{marks}{states}"]
        lines += [f"   {line}" for line in update.plain.splitlines()]
    if one.postmortem is not None:
        lines += ["", "Postmortem", *(f"   {line}" for line in one.postmortem.splitlines())]
    return Text("\n".join(lines))

"""`signalbox incident`: what are people told of trouble? Opened, updated, mended, resolved, and what was learnt."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.cli.flags import Json
from signalbox.cli.incident_flags import (
    At,
    Draft,
    Id,
    Impact,
    Message,
    Monitors,
    Next,
    Notify,
    OfPage,
    Started,
    Status,
    Template,
    Title,
    Update,
    flag_of,
    given,
    past,
    said,
    spec_of,
    text_of,
)
from signalbox.cli.looks import columns, moment
from signalbox.cli.state import actor, opened_database, page_slugs
from signalbox.errors import ConfigurationError
from signalbox.incidents import service, writing
from signalbox.incidents.document import document, monitor_ids
from signalbox.incidents.service import Incident
from signalbox.incidents.specs import EditSpec, IncidentSpec, PostmortemSpec, UpdateEditSpec, UpdateSpec

_STYLES = {"resolved": "bright_black", "monitoring": "blue", "identified": "yellow", "investigating": "red"}

incident = typer.Typer(help="Tell people of trouble: open, update, edit, publish, resolve.")


@incident.command("open")
def open_(
    *,
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
    head = {"title": title, "impact": impact, "pages": page, "started_at": past("--started", started, now)}
    words = said(
        now, monitor=monitor, message=message, template=template, status=status, at=at, next_update=next_update
    )
    spec = spec_of(IncidentSpec, {**head, **words, "notify": notify, "draft": draft})
    _do(lambda session: writing.open_(session, spec, by=actor(), now=now, pages=page_slugs(session)), json)


@incident.command()
def update(
    id: Id,
    *,
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
    words = said(
        now, monitor=monitor, message=message, template=template, status=status, at=at, next_update=next_update
    )
    spec = spec_of(UpdateSpec, {**words, "notify": notify, "draft": draft})
    _do(lambda session: writing.update(session, id, spec, by=actor(), now=now), json)


@incident.command()
def resolve(
    id: Id,
    *,
    message: Message = None,
    template: Template = None,
    monitor: Monitors = None,
    at: At = None,
    notify: Notify = True,
    json: Json = False,
) -> None:
    """Say that it is over. Its monitors are operational again, unless --monitor says otherwise."""
    now = clock.now()
    words = said(now, monitor=monitor, message=message, template=template, at=at)
    spec = spec_of(UpdateSpec, {**words, "notify": notify})
    _do(lambda session: writing.resolve(session, id, spec, by=actor(), now=now), json)


@incident.command()
def edit(
    id: Id,
    *,
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
    head = given(title=title, impact=impact, pages=page, started_at=past("--started", started, now))
    words = said(now, monitor=monitor, message=message, status=status, at=at, next_update=next_update)
    if number is None and words:
        raise ConfigurationError(f"--{flag_of(next(iter(words)))} is about an update: say which one with --update N")
    if number is not None and head:
        raise ConfigurationError(f"--{flag_of(next(iter(head)))} is about the incident: leave --update out")
    if not head and not words:
        raise ConfigurationError("write what to change, such as --title or --update 1 --message")
    if number is None:
        spec = spec_of(EditSpec, head)
        _do(lambda session: writing.edit(session, id, spec, by=actor(), now=now, pages=page_slugs(session)), json)
    else:
        change = spec_of(UpdateEditSpec, words)
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
    now, spec = clock.now(), spec_of(PostmortemSpec, {"body": text_of(message)})
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


def _how(one: Incident) -> str:
    word = "draft" if one.draft else one.status.value
    if one.resolved_at is not None:
        return f"{word}, {moment(one.resolved_at)}"
    return word if one.next_update_by is None else f"{word}, next update by {moment(one.next_update_by)}"


def _affected(monitors: Mapping[str, str], ids: Mapping[str, str]) -> str:
    return ", ".join(f"{ids.get(key, key)}={state}" for key, state in monitors.items())


def _table(found: Sequence[Incident], ids: Mapping[str, str]) -> Table:
    table = columns("id", "began", "title", "impact", "how", "monitors")
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

"""`signalbox monitor`: what is watched, and more or less of it by hand."""

from __future__ import annotations

import json as json_module
import textwrap
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signalbox import clock
from signalbox.checks import from_url
from signalbox.cli import told
from signalbox.cli.flags import Json, MonitorId, seconds
from signalbox.cli.looks import columns
from signalbox.cli.state import actor, opened_database
from signalbox.clock import iso
from signalbox.durations import words
from signalbox.errors import ConfigurationError
from signalbox.monitors import editing, evidence
from signalbox.monitors.editing import Kept
from signalbox.monitors.specs import MonitorSpec
from signalbox.slugs import name_of_url, slug

monitor = typer.Typer(help="List, add, pause, resume and archive monitors.")
monitor.command("set")(told.set_)
monitor.command("pings")(told.pings)


@monitor.command("list")
def list_(json: Json = False) -> None:
    """List what is watched."""
    with opened_database() as database, database.read() as session:
        found = editing.kept(session)
    if json:
        typer.echo(json_module.dumps([_document(one) for one in found], indent=2))
    else:
        Console(highlight=False).print(_table(found))


@monitor.command()
def show(id: MonitorId) -> None:
    """Print a monitor as JSON, without its secrets."""
    with opened_database() as database, database.read() as session:
        typer.echo(json_module.dumps(_document(editing.find(session, id)), indent=2))


@monitor.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="What to ask: https://…, tcp://host:port, …")],
    *,
    id: Annotated[str | None, typer.Option(help="Default: made from the name.")] = None,
    name: Annotated[str | None, typer.Option(help="Default: host and path of the URL.")] = None,
    group: Annotated[str | None, typer.Option(help="Heading that it is listed under.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A word to pick it by; may be given again.")] = None,
    every: Annotated[str | None, typer.Option(help="Time from one check to the next, such as 30s.")] = None,
    timeout: Annotated[str | None, typer.Option(help="A check that takes longer has failed.")] = None,
    method: Annotated[str | None, typer.Option(help="Over HTTP: HEAD, GET, POST, …")] = None,
) -> None:
    """Watch one more URL. A reload of the manifest leaves it alone; finer settings: manifest or API."""
    check = _written(url)
    called = name or _name(url, check)
    given = {"group": group, "tags": tag, "every": every, "timeout": timeout}
    if method is not None:
        check["method"] = method.upper()
    spec = _spec({
        "id": id or slug(called), "name": called, "check": check,
        **{key: value for key, value in given.items() if value is not None},
    })  # fmt: skip
    with opened_database() as database, database.begin() as session:
        made = editing.create(session, spec, by=actor(), now=clock.now())
    typer.echo(f'"{made.id}" is watched: {made.target} every {words(made.spec["every"])}')


@monitor.command()
def pause(
    id: MonitorId,
    for_: Annotated[str | None, typer.Option("--for", help="How long, such as 2h; else until resumed.")] = None,
) -> None:
    """Ask nothing until it is resumed, or for a while; that time does not count."""
    now = clock.now()
    until = None if for_ is None else now + round(seconds("--for", for_) * clock.MICROS)
    with opened_database() as database, database.begin() as session:
        editing.pause(session, id, by=actor(), now=now, until=until)
    typer.echo(f'"{id}" is paused{"" if until is None else f" until {iso(until)}"}')


@monitor.command()
def check(id: MonitorId) -> None:
    """Have it asked now, out of turn."""
    with opened_database() as database, database.begin() as session:
        editing.want(session, id, by=actor(), now=clock.now())
    typer.echo(f'"{id}" is asked within a second or two, wherever it is watched from')


@monitor.command("evidence")
def evidence_(id: MonitorId, json: Json = False) -> None:
    """Print what was seen when its checks failed, newest first."""
    with opened_database() as database, database.read() as session:
        found = evidence.of(session, editing.find(session, id).key)
    if json:
        typer.echo(json_module.dumps([_seen(one) for one in found], indent=2, ensure_ascii=False))
        return
    if not found:
        typer.echo("None of its checks failed lately, or they left nothing to see.")
    for one in found:
        typer.echo(f"{iso(one.moment)}  {one.verdict} from {one.location}: {one.reason}, {one.message}")
        for name, text in one.entries:
            typer.echo(textwrap.indent(f"{name}: {text}", "    "))


def _seen(one: evidence.Kept) -> dict[str, Any]:
    entries = [{"name": name, "text": text} for name, text in one.entries]
    return {**one._asdict(), "moment": iso(one.moment), "entries": entries}


@monitor.command()
def resume(id: MonitorId) -> None:
    """Ask again."""
    with opened_database() as database, database.begin() as session:
        editing.resume(session, id, by=actor())
    typer.echo(f'"{id}" is watched again')


@monitor.command()
def archive(id: MonitorId) -> None:
    """Watch it no more; its history is kept."""
    with opened_database() as database, database.begin() as session:
        editing.archive(session, id, by=actor(), now=clock.now())
    typer.echo(f'"{id}" is watched no more')


def _written(url: str) -> dict[str, Any]:
    """The check that a URL is short for."""
    try:
        return from_url(url)
    except ValueError as error:
        raise ConfigurationError(f"URL: {error}") from None


def _name(url: str, check: Mapping[str, Any]) -> str:
    if "host" in check:
        return f"{check['host']}:{check['port']}" if "port" in check else str(check["host"])
    try:
        return name_of_url(url)[:200]
    except ValueError:
        return "monitor"  # what is wrong with the URL, its check says


def _spec(given: dict[str, Any]) -> MonitorSpec:
    """ConfigurationError says what is wrong, without repeating the URL."""
    try:
        return MonitorSpec.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        flag = "URL" if first["loc"][-1] == "url" else f"--{first['loc'][-1]}"
        raise ConfigurationError(f"{flag}: {first['msg'].removeprefix('Value error, ')}") from None


def _document(one: Kept) -> dict[str, Any]:
    paused_at = None if one.paused_at is None else iso(one.paused_at)
    until = None if one.paused_until is None else iso(one.paused_until)
    return {"key": one.key, "origin": one.origin, "paused_at": paused_at, "paused_until": until, "spec": one.shown}


def _table(found: list[Kept]) -> Table | Text:
    if not found:
        return Text("Nothing is watched yet: write monitors into signalbox.yaml, or  signalbox monitor add URL")
    table = columns("id", "name", "group", "what", "every", "from")
    for one in found:
        table.add_row(
            one.id, one.spec["name"], one.spec.get("group") or "", one.target,
            "paused" if one.is_paused else words(one.spec["every"]), one.origin,
            style="bright_black" if one.is_paused else "",
        )  # fmt: skip
    return table

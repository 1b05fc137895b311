"""`signalbox maintenance`: what work is announced, and how does some begin, end or last longer?"""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.cli.flags import Json, seconds
from signalbox.cli.looks import columns, moment
from signalbox.cli.state import actor, opened_database, page_slugs
from signalbox.clock import iso, to_datetime
from signalbox.db.configured import as_document
from signalbox.errors import ConfigurationError
from signalbox.maintenance import service
from signalbox.maintenance.calendar import Stand, Work
from signalbox.maintenance.specs import Expected, MaintenanceSpec, What
from signalbox.maintenance.windows import Mark, Preview
from signalbox.maintenance.windows import preview as previewed
from signalbox.pages.service import active_pages

Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `signalbox maintenance list` shows it.")]
Targets = Annotated[
    list[str] | None,
    typer.Argument(metavar="WHAT", help="Ids of monitors, tag:NAME, group:NAME, page:SLUG; any number of them."),
]
All = Annotated[bool, typer.Option("--all", help="Everything that is watched.")]
Expect = Annotated[Expected, typer.Option(help="What readers should expect meanwhile.")]
Start = Annotated[str, typer.Option(help="When it begins: 2026-12-24 22:00, in the time zone.")]
RRule = Annotated[str | None, typer.Option(help="When it comes again, such as FREQ=WEEKLY;BYDAY=SU.")]
Timezone = Annotated[str | None, typer.Option(help="IANA name. Default: the time zone of the first page.")]

_SORTS = {"tag": "tags", "group": "groups", "page": "pages"}
_FLAGS = {"length": "for", "expected": "expect"}
_MARKS = {
    Mark.MOVED: "begins later: clocks skip its time",
    Mark.TWICE: "the first of two such times",
    Mark.SHIFTED: "clocks changed",
    Mark.DURING: "clocks change meanwhile",
}

maintenance = typer.Typer(help="Announce, begin, end and look at maintenance.")


@maintenance.command()
def start(
    *,
    for_: Annotated[str, typer.Option("--for", help="How long, such as 30m.")],
    what: Targets = None,
    all: All = False,
    title: Annotated[str | None, typer.Option(help="What readers see.")] = None,
    expect: Expect = Expected.NONE,
    json: Json = False,
) -> None:
    """Begin maintenance now: meanwhile nobody is woken by what it touches."""
    touched, length, now = _what(what, all), seconds("--for", for_), clock.now()
    with opened_database() as database, database.begin() as session:
        made = service.start_now(
            session, title=title, for_=length, what=touched, by=actor(), now=now, expected=expect,
            pages=page_slugs(session),
        )  # fmt: skip
    _tell(made, now, json)


@maintenance.command()
def schedule(
    *,
    title: Annotated[str, typer.Option(help="What readers see.")],
    start: Start,
    what: Targets = None,
    all: All = False,
    for_: Annotated[str | None, typer.Option("--for", help="How long, such as 1h.")] = None,
    end: Annotated[str | None, typer.Option(help="When it ends, instead of --for.")] = None,
    rrule: RRule = None,
    timezone: Timezone = None,
    expect: Expect = Expected.NONE,
    text: Annotated[str, typer.Option(help="More about it, in Markdown.")] = "",
    id: Annotated[str | None, typer.Option(help="Default: made from the title.")] = None,
    json: Json = False,
) -> None:
    """Announce maintenance, once or again and again."""
    touched, now = _what(what, all), clock.now()
    with opened_database() as database, database.begin() as session:
        spec = _spec({
            **touched.model_dump(), **({"id": id} if id else {}), "title": title, "start": start, "for": for_,
            "end": end, "rrule": rrule, "timezone": timezone or _zone(session), "expected": expect, "text": text,
        })  # fmt: skip
        made = service.schedule(session, spec, by=actor(), now=now, pages=page_slugs(session))
    _tell(made, now, json)


@maintenance.command()
def end(id: Id, json: Json = False) -> None:
    """End the window that is under way. Those to come stay."""
    now = clock.now()
    with opened_database() as database, database.begin() as session:
        service.end(session, id, by=actor(), now=now)
        ended = service.find(session, id)
    _tell(ended, now, json)


@maintenance.command()
def extend(
    id: Id, for_: Annotated[str, typer.Option("--for", help="How much longer, such as 30m.")], json: Json = False
) -> None:
    """Let the window that is under way last longer."""
    now = clock.now()
    with opened_database() as database, database.begin() as session:
        service.extend(session, id, seconds("--for", for_), by=actor(), now=now)
        longer = service.find(session, id)
    _tell(longer, now, json)


@maintenance.command()
def cancel(id: Id) -> None:
    """Take it back: a window under way ends, and none follows."""
    with opened_database() as database, database.begin() as session:
        service.cancel(session, id, by=actor(), now=clock.now())
    typer.echo(f'"{id}" is taken back')


@maintenance.command("list")
def list_(over: Annotated[bool, typer.Option("--over", help="Also what is over.")] = False, json: Json = False) -> None:
    """List what is under way and what is announced."""
    now = clock.now()
    with opened_database() as database, database.read() as session:
        found = service.listing(session, now, over=over)
    if json:
        typer.echo(json_module.dumps([_document(one, now) for one in found], indent=2))
    elif not found:
        typer.echo("No maintenance is announced. Begin some:  signalbox maintenance start --for 30m MONITOR")
    else:
        Console(highlight=False).print(_table(found, now))


@maintenance.command()
def preview(
    id: Annotated[str | None, typer.Argument(metavar="ID", help="What is announced already.")] = None,
    *,
    rrule: RRule = None,
    start: Annotated[str | None, typer.Option(help="When the first may begin. Default: now.")] = None,
    for_: Annotated[str, typer.Option("--for", help="How long each lasts.")] = "1h",
    timezone: Timezone = None,
    json: Json = False,
) -> None:
    """Print the next ten windows, of what is announced or of a rule, and what clocks do to them."""
    if (id is None) == (rrule is None):
        raise ConfigurationError("write either the ID of what is announced, or --rrule")
    now = clock.now()
    with opened_database() as database, database.read() as session:
        zone = timezone or _zone(session)
        spec = service.find(session, id).spec if id else _imagined(rrule, start, for_, zone, now)
    found = previewed(spec.schedule, now)
    if json:
        typer.echo(json_module.dumps([_window(one) for one in found], indent=2))
    else:
        Console(highlight=False).print(_windows(found, spec.timezone))


def _what(targets: Sequence[str] | None, everything: bool) -> What:
    named: dict[str, list[str]] = {"monitors": [], **{key: [] for key in _SORTS.values()}}
    for target in targets or ():
        sort, colon, name = target.partition(":")
        if colon and sort not in _SORTS:
            raise ConfigurationError(f"{target}: write the id of a monitor, tag:NAME, group:NAME or page:SLUG")
        named[_SORTS[sort] if colon else "monitors"].append(name if colon else target)
    if everything == any(named.values()):
        raise ConfigurationError("write what it touches, such as  db api tag:prod group:Core page:main , or --all")
    try:
        return What.model_validate({**named, "all": everything})
    except ValidationError as error:
        raise ConfigurationError(" ".join(service.complaint(error))) from None


def _spec(given: Mapping[str, Any]) -> MaintenanceSpec:
    """ConfigurationError says what is wrong, at which flag."""
    try:
        return MaintenanceSpec.model_validate(given)
    except ValidationError as error:
        where, text = service.complaint(error)
        key = where.rstrip(":")
        raise ConfigurationError(f"--{_FLAGS.get(key, key)}: {text}" if where.endswith(":") else text) from None


def _imagined(rrule: str | None, start: str | None, for_: str, zone: str, now: int) -> MaintenanceSpec:
    first = start or _here(now, zone)
    return _spec({"title": "preview", "all": True, "start": first, "for": for_, "rrule": rrule, "timezone": zone})


def _here(now: int, zone: str) -> str:
    """The present time in a zone; one that there is not is refused with the spec."""
    try:
        return to_datetime(now).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    except (OSError, ValueError, KeyError):
        return to_datetime(now).strftime("%Y-%m-%d %H:%M")


def _zone(session: Session) -> str:
    return next((page.timezone for page in active_pages(session)), "UTC")


def _tell(work: Work, now: int, json: bool) -> None:
    if json:
        typer.echo(json_module.dumps(_document(work, now), indent=2))
        return
    typer.echo(f'"{work.id}" ({work.spec.title}): {_when(work.stand(now))}')


def _when(stand: Stand) -> str:
    if stand.present:
        over = ", longer than planned" if stand.present.end > stand.present.planned else ""
        return f"under way until {moment(stand.present.end)}{over}"
    if stand.following:
        return f"from {moment(stand.following.start)} to {moment(stand.following.end)}"
    return "over"


def _touched(what: What) -> str:
    if what.all:
        return "everything"
    named = [*what.monitors, *(f"{sort}:{name}" for sort, key in _SORTS.items() for name in getattr(what, key))]
    return ", ".join(named)


def _document(work: Work, now: int) -> dict[str, Any]:
    stand = work.stand(now)
    present, following = stand.present, stand.following
    return {
        "id": work.id, "key": work.key, "origin": work.origin, "state": stand.word,
        "window": present and {name: iso(getattr(present, name)) for name in ("start", "end", "planned")},
        "next": following and {"start": iso(following.start), "end": iso(following.end)},
        "spec": as_document(work.spec),
    }  # fmt: skip


def _table(found: Sequence[Work], now: int) -> Table:
    table = columns("id", "title", "what", "when", "again", "from")
    for work in found:
        stand = work.stand(now)
        style = "bright_black" if stand.is_over else "blue" if stand.present else ""
        cells = (work.id, work.spec.title, _touched(work.spec), _when(stand), work.spec.rrule or "", work.origin)
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


def _window(one: Preview) -> dict[str, Any]:
    return {"start": iso(one.window.start), "end": iso(one.window.end), "marks": [*one.marks]}


def _windows(found: Sequence[Preview], zone: str) -> Table | Text:
    if not found:
        return Text("No window is left.")
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("here", zone, "until"):
        table.add_column(heading, no_wrap=True)
    table.add_column("", overflow="fold")
    for window, marks in found:
        there = [to_datetime(edge).astimezone(ZoneInfo(zone)) for edge in window]
        table.add_row(
            moment(window.start), f"{there[0]:%a %Y-%m-%d %H:%M}", f"{there[1]:%a %H:%M %Z}",
            Text("; ".join(_MARKS[mark] for mark in marks), "yellow"),
        )  # fmt: skip
    return table

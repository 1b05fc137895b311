"""`signalbox annotation`: what does somebody say of the past? It changes the sum, never the record."""

from __future__ import annotations

import json as json_module
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from signalbox import clock
from signalbox.cli.flags import Json
from signalbox.cli.looks import columns, moment
from signalbox.cli.state import actor, opened_database
from signalbox.cli.uptime import From, To, Zone, read_window
from signalbox.clock import iso
from signalbox.errors import ConfigurationError
from signalbox.uptime import annotations as verbs
from signalbox.uptime import service
from signalbox.uptime.models import AnnotationRow
from signalbox.uptime.pieces import Saying

_WHAT = "maintenance: work that nobody announced. false-positive: it was up. our-side: nobody can know."

annotation = typer.Typer(help="Say what a time really was, for the sum; the record stays as it is.")


@annotation.command()
def add(
    monitor: Annotated[str, typer.Argument(help="The monitor's id.")],
    what: Annotated[Saying, typer.Argument(help=_WHAT)],
    *,
    spell: Annotated[
        int | None, typer.Option(help="The spell it is about; `signalbox uptime --receipt` numbers them.")
    ] = None,
    start: From = None,
    end: To = None,
    zone: Zone = "UTC",
    note: Annotated[str, typer.Option(help="Why; stands on the receipt.")] = "",
) -> None:
    """Say what a spell, or a time, really was. Where two say different things, the last one counts."""
    now = clock.now()
    if (spell is None) == (start is None):
        raise ConfigurationError("write either --spell, or --from (and --to)")
    with opened_database() as database, database.begin() as session:
        (one,) = service.watched(session, [monitor])
        if spell is not None:
            made = verbs.annotate_spell(session, spell, what, by=actor(), now=now, note=note, monitor=one.key)
        else:
            begun, ended = read_window(now, zone, None, start, end)
            made = verbs.annotate(session, one.key, what, begun, ended, by=actor(), now=now, note=note)
    typer.echo(f'annotation {made.id}: "{monitor}" {what} from {iso(made.start)[:19]}Z to {iso(made.end)[:19]}Z')


@annotation.command("list")
def list_(
    monitor: Annotated[str | None, typer.Argument(help="Only of that monitor.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that were withdrawn, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="As many at most.")] = 100,
    json: Json = False,
) -> None:
    """List annotations, the last made first."""
    with opened_database() as database, database.read() as session:
        key = service.watched(session, [monitor])[0].key if monitor else None
        found = verbs.listing(session, monitor=key, withdrawn=everything, limit=limit)
        ids = service.names(session, {row.monitor for row in found})
    if json:
        typer.echo(json_module.dumps([_document(row, ids) for row in found], indent=2))
    elif not found:
        typer.echo("Nothing is annotated")
    else:
        Console(highlight=False).print(_table(found, ids))


@annotation.command()
def withdraw(number: Annotated[int, typer.Argument(help="Its number.")]) -> None:
    """Take an annotation back: it stays to be read, and counts no more."""
    with opened_database() as database, database.begin() as session:
        verbs.withdraw(session, number, by=actor(), now=clock.now())
    typer.echo(f"annotation {number} counts no more")


def _document(row: AnnotationRow, ids: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id, "monitor": ids[row.monitor], "what": row.what, "start": iso(row.start), "end": iso(row.end),
        "note": row.note, "by": row.by, "created_at": iso(row.created_at),
        "withdrawn_at": None if row.withdrawn_at is None else iso(row.withdrawn_at),
    }  # fmt: skip


def _table(found: list[AnnotationRow], ids: dict[str, str]) -> Table:
    table = columns("number", "monitor", "what", "from", "to", "by", "note")
    for row in found:
        gone = row.withdrawn_at is not None
        table.add_row(
            str(row.id), ids[row.monitor], f"{row.what} (withdrawn)" if gone else row.what, moment(row.start),
            moment(row.end), row.by, row.note, style="bright_black" if gone else "",
        )  # fmt: skip
    return table

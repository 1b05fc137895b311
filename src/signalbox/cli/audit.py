"""`signalbox audit`: who changed what?"""

from __future__ import annotations

import json as json_module
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from signalbox import audit as log
from signalbox.audit import AuditRow
from signalbox.cli.flags import Json
from signalbox.cli.looks import columns, moment
from signalbox.cli.state import opened_database
from signalbox.clock import iso


def audit(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Entries at most, newest first.")] = 50,
    kind: Annotated[str | None, typer.Option(help="Only what was done to these: monitor, incident, …")] = None,
    subject: Annotated[str | None, typer.Option(help="Only what was done to the one with this id.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this one did: cli:USER, token:NAME, manifest, …")] = None,
    json: Json = False,
) -> None:
    """Show who changed what and when. Secrets are never in it."""
    with opened_database() as database, database.read() as session:
        found = log.entries(session, limit=limit, kind=kind, subject=subject, actor=actor)
    if json:
        typer.echo(json_module.dumps([_document(row) for row in found], indent=2))
    elif not found:
        typer.echo("Nothing is written down yet.")
    else:
        Console(highlight=False).print(_table(found))


def _document(row: AuditRow) -> dict[str, Any]:
    return {
        "id": row.id, "at": iso(row.at), "actor": row.actor, "action": row.action, "kind": row.kind,
        "subject": row.subject, "before": row.before, "after": row.after,
    }  # fmt: skip


def _table(found: list[AuditRow]) -> Table:
    table = columns("when", "who", "what", "changed")
    for row in found:
        table.add_row(moment(row.at), row.actor, f"{row.action} {row.kind} {row.subject}", ", ".join(_changed(row)))
    return table


def _changed(row: AuditRow) -> list[str]:
    """Which keys differ, where both sides are known."""
    if row.before is None or row.after is None:
        return []
    before, after = row.before, row.after
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))

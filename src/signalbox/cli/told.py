"""`signalbox monitor set` and `signalbox monitor pings`: say how something stands, and read what monitors were told."""

from __future__ import annotations

import json as json_module
from typing import Annotated, Any

import typer

from signalbox import clock
from signalbox.cli.flags import Json, MonitorId
from signalbox.cli.state import actor, opened_database
from signalbox.clock import iso
from signalbox.heartbeats import service, verdicts
from signalbox.heartbeats.models import PingRow
from signalbox.monitors import editing
from signalbox.signals import Verdict


def set_(
    id: MonitorId,
    verdict: Annotated[Verdict, typer.Argument(metavar="VERDICT", help="up, degraded, down or unknown.")],
    message: Annotated[str, typer.Argument(metavar="[MESSAGE]", help="Why; readers of pages may see it.")] = "",
) -> None:
    """Say how a manual monitor stands, until somebody says otherwise."""
    with opened_database() as database, database.begin() as session:
        verdicts.say(session, id, verdict, message, by=actor(), now=clock.now())
    typer.echo(f'"{id}" is {verdict.value}')


def pings(id: MonitorId, json: Json = False) -> None:
    """Print what a monitor was told, newest first."""
    with opened_database() as database, database.read() as session:
        found = service.listing(session, editing.find(session, id).key)
    if json:
        typer.echo(json_module.dumps([_document(row) for row in found], indent=2, ensure_ascii=False))
        return
    if not found:
        typer.echo("It was not told anything yet.")
    for row in found:
        typer.echo(_line(row))


def _line(row: PingRow) -> str:
    status = "" if row.status is None else f" (exit status {row.status})"
    took = "" if row.took is None else f", took {row.took:.0f} ms"
    body = "" if row.body is None else f", {len(row.body)} bytes"
    said = f": {row.said}" if row.said else ""
    return f"{iso(row.at)}  {row.sort}{status}{took}{body} from {row.source}{said}"


def _document(row: PingRow) -> dict[str, Any]:
    body = None if row.body is None else row.body.decode(errors="replace")
    return {
        "at": iso(row.at), "sort": row.sort, "status": row.status, "run": row.run, "took_ms": row.took,
        "method": row.method, "source": row.source, "agent": row.agent, "said": row.said, "body": body,
    }  # fmt: skip

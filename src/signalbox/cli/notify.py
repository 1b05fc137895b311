"""`signalbox notify`: does a channel work, what was sent, and who looks after it?"""

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
from signalbox.clock import iso
from signalbox.db.configured import Origin
from signalbox.db.vault import Vault
from signalbox.errors import NotFound, Refused
from signalbox.manifest import document
from signalbox.monitors import editing
from signalbox.notifications import channels as kept
from signalbox.notifications import outbox, trial
from signalbox.notifications.channels import Channel
from signalbox.notifications.outbox import Entry
from signalbox.notifications.sending import Sender
from signalbox.settings import Settings, load

notify = typer.Typer(help="Try channels, see what was sent, acknowledge.")


@notify.command()
def test(channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel's id.")]) -> None:
    """Send a test message now, and print what the other side says. Exit code 1 when it does not take it."""
    settings = load()
    found = _written(settings, channel)
    with Sender(settings) as sender:
        result = sender.send(found, trial.letter(found.id, actor(), clock.now()))
    typer.echo(f"{'sent' if result.ok else 'not sent'}: {result.detail}")
    if not result.ok:
        raise typer.Exit(1)


def _written(settings: Settings, id_: str) -> Channel:
    """The channel in force; else the manifest's, so that it can be tried before anything is started."""
    with opened_database(settings) as database, database.read() as session:
        try:
            return kept.find(session, id_)
        except NotFound:
            written = document.load(settings.config).channels if settings.config.exists() else ()
            for spec in written:
                if spec.id == id_:
                    return Channel(id_, id_, spec.name, spec.kind, Origin.MANIFEST, spec)
            raise


@notify.command()
def channels(json: Json = False) -> None:
    """List where operators are told, without secrets."""
    with opened_database() as database, database.read() as session:
        found = kept.active(session)
    if json:
        typer.echo(json_module.dumps([one.spec.masked() | {"origin": one.origin.value} for one in found], indent=2))
    elif not found:
        typer.echo("There is no channel yet: write one under  channels:  in the manifest.")
    else:
        Console(highlight=False).print(_channels_table(found))


@notify.command()
def secret(channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="The id of a webhook.")]) -> None:
    """Print what a webhook is signed with, for whoever receives it."""
    settings = load()
    with opened_database(settings) as database, database.read() as session:
        found = kept.signing_secret(kept.find(session, channel), Vault.of(session))
    if found is None:
        raise Refused(f'the channel "{channel}" is no webhook, and only those are signed')
    typer.echo(found)


@notify.command()
def log(
    channel: Annotated[str | None, typer.Option(help="Only what went to this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Entries at most, newest first.")] = 50,
    json: Json = False,
) -> None:
    """Show what was sent, what waits, and what the other side said."""
    with opened_database() as database, database.read() as session:
        if channel is not None:
            kept.find(session, channel)
        found = outbox.log(session, limit=limit, channel=channel)
    if json:
        typer.echo(json_module.dumps([_document(one) for one in found], indent=2))
    elif not found:
        typer.echo("Nothing was to be told yet.")
    else:
        Console(highlight=False).print(_log_table(found))


@notify.command()
def ack(
    what: Annotated[str, typer.Argument(metavar="MONITOR", help="A monitor's id, or a thread of the log.")],
) -> None:
    """Say that somebody looks after it: no reminders, nobody further is called. Its end is told all the same."""
    by, now = actor(), clock.now()
    with opened_database() as database, database.begin() as session:
        key = next((one.key for one in editing.kept(session) if one.id == what), None)
        names = [one.thread for one in outbox.threads(session) if what == one.thread or (key and key == one.monitor)]
        if not names:
            raise Refused(f'nothing is open under "{what}": there is nothing to acknowledge')
        done = [outbox.acknowledge(session, name, by, now) for name in names]
    typer.echo("acknowledged" if any(done) else "was acknowledged before")


def _document(entry: Entry) -> dict[str, Any]:
    times = {name: getattr(entry, name) for name in ("written_at", "due_at", "sent_at")}
    return entry._asdict() | {name: None if value is None else iso(value) for name, value in times.items()}


def _channels_table(found: list[Channel]) -> Table:
    table = columns("id", "name", "kind", "where", "at most", "from")
    for one in found:
        table.add_row(one.id, one.name, one.kind, _where(one.spec.masked()), one.spec.rate, one.origin.value)
    return table


def _where(masked: dict[str, Any]) -> str:
    return ", ".join(masked["to"]) if "to" in masked else str(masked.get("url") or masked.get("url_file", ""))


def _log_table(found: list[Entry]) -> Table:
    table = columns("when", "channel", "what", "about", "state", "answer")
    for one in found:
        when = moment(one.sent_at or one.written_at)
        what = f"{one.kind.value} (reminder {one.reminder})" if one.reminder else one.kind.value
        state = f"{one.state.value}: {one.why}" if one.why else one.state.value
        table.add_row(when, one.channel, what, one.thread, state, one.detail)
    return table

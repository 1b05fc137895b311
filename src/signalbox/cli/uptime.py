"""`signalbox uptime`: what did the monitors reach, and where does each number come from?"""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from signalbox import clock, zones
from signalbox.cli.flags import Json
from signalbox.cli.looks import STATES, VERDICTS, Look
from signalbox.cli.state import opened_database
from signalbox.errors import ConfigurationError, Refused
from signalbox.maintenance import service as maintenance
from signalbox.pages.document import State
from signalbox.signals import Verdict
from signalbox.uptime import days, service
from signalbox.uptime.percent import NOTHING_KNOWN, Uptime
from signalbox.uptime.pieces import Counted, Piece
from signalbox.uptime.receipt import Receipt, facts, formula, lasted, sentence

_LOOKS = {
    Counted.UP: VERDICTS[Verdict.UP], Counted.DEGRADED: VERDICTS[Verdict.DEGRADED],
    Counted.DOWN: VERDICTS[Verdict.DOWN], Counted.UNKNOWN: VERDICTS[Verdict.UNKNOWN],
    Counted.MAINTENANCE: STATES[State.MAINTENANCE], Counted.PAUSED: Look("‖", "bright_black"),
    Counted.NOT_EXPECTED: Look(" ", "bright_black"),
}  # fmt: skip
_WORDS = {Counted.UNKNOWN: "no data", Counted.NOT_EXPECTED: "not watched"}

From = Annotated[
    str | None, typer.Option("--from", help="When it begins: 2026-10-25, or 2026-10-25T14:30, local in --zone.")
]
To = Annotated[str | None, typer.Option("--to", help="When it ends: up to then and not including it. Default: now.")]
Zone = Annotated[str, typer.Option("--zone", help="IANA name, such as Europe/Budapest: where days begin.")]


def uptime(
    monitors: Annotated[list[str] | None, typer.Argument(metavar="MONITOR", help="Ids. Default: all.")] = None,
    *,
    window: Annotated[
        str | None, typer.Option(help="How far back, such as 24h or 90d; or a month, 2026-10; or a day, 2026-10-25.")
    ] = None,
    start: From = None,
    end: To = None,
    zone: Zone = "UTC",
    receipt: Annotated[bool, typer.Option("--receipt", help="Show the pieces and the sum behind each number.")] = False,
    json: Json = False,
) -> None:
    """Show which part of a time each monitor was up, and how much of that time is known. Default: the last 30 days."""
    now = clock.now()
    begun, ended = read_window(now, zone, window, start, end)
    with opened_database() as database, database.read() as session:
        found = service.watched(session, monitors or ())
        calendar, silent = maintenance.load(session), service.silent_since(session, now)
        if receipt:
            made = [
                service.receipt(session, one, begun, ended, now, zone=zone, calendar=calendar, silent=silent)
                for one in found
            ]
        else:
            reached = service.uptime(session, found, begun, ended, now, calendar=calendar, silent=silent)
    console = Console(highlight=False)
    if silent is not None and silent < ended:
        typer.echo(f"Nobody has asked since {local(silent, zone)} {zone}: no data from then on", err=True)
    if receipt and json:
        typer.echo(json_module.dumps([one.document() for one in made], indent=2))
    elif json:
        documents = [{"monitor": one.id, **facts(reached[one.key], now)} for one in found]
        typer.echo(json_module.dumps(documents, indent=2))
    elif not found:
        console.print("Nothing is watched yet: write monitors into signalbox.yaml, or  signalbox monitor add URL")
    elif receipt:
        console.print(Group(*(Padding(_receipt(one), (0, 0, 1, 0)) for one in made)))
    else:
        console.print(_span(begun, ended, zone))
        console.print(_table(found, reached))


def read_window(now: int, zone: str, back: str | None, since: str | None, until: str | None) -> tuple[int, int]:
    """What the flags mean. ConfigurationError says what is wrong with them."""
    try:
        return days.window(now, read_zone(zone), back=back, since=since, until=until)
    except Refused as error:
        raise ConfigurationError(f"--window, --from, --to: {error}") from None


def read_zone(zone: str) -> str:
    """The zone's name. ConfigurationError when there is none like that."""
    try:
        return zones.existing(zone)
    except ValueError as error:
        raise ConfigurationError(f"--zone: {error}") from None


def local(moment: int, zone: str) -> str:
    """A time in that zone: `2026-10-25 02:30:00`."""
    return clock.to_datetime(moment).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def _span(start: int, end: int, zone: str) -> Text:
    return Text(f"{local(start, zone)} to {local(end, zone)} {zone}", "bright_black")


def _table(found: Sequence[service.Who], reached: Mapping[str, Uptime]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    table.add_column("monitor", overflow="fold")
    table.add_column("uptime", justify="right", no_wrap=True)
    table.add_column("coverage", justify="right", no_wrap=True)
    table.add_column("of which", overflow="fold")
    for one in found:
        own = reached[one.key]
        table.add_row(one.id, _percent(own.text), _percent(own.coverage_text), sentence(own.sums))
    return table


def _percent(text: str) -> str:
    return text if text == NOTHING_KNOWN else f"{text} %"


def _receipt(one: Receipt) -> RenderableType:
    own = one.uptime
    head = Text.assemble((one.monitor, "bold"), "  ", (_percent(own.text), "bold"))
    numbers = formula(own)
    return Group(
        head,
        _span(own.start, own.end, one.zone),
        Text(sentence(own.sums)),
        Padding(_pieces(one), (1, 0, 1, 2)),
        Text(f"uptime = {numbers['uptime']}", "bright_black"),
        Text(f"       = {numbers['uptime_numbers']}"),
        Text(f"coverage = {numbers['coverage']}", "bright_black"),
        Text(f"         = {numbers['coverage_numbers']}"),
    )


def _pieces(one: Receipt) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    table.add_column("from", no_wrap=True)
    table.add_column("lasted", justify="right", no_wrap=True)
    table.add_column("counts as", no_wrap=True)
    table.add_column("spell", justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for piece in one.pieces:
        look, word = _LOOKS[piece.counted], _WORDS.get(piece.counted, piece.counted.value)
        spell = "" if piece.spell is None or piece.spell.id is None else str(piece.spell.id)
        table.add_row(
            local(piece.start, one.zone), lasted(piece.end - piece.start), Text(f"{look.sign} {word}", look.colour),
            spell, _why(piece),
        )  # fmt: skip
    table.add_row(local(one.uptime.end, one.zone), "", "", "", "", style="bright_black")
    return table


def _why(piece: Piece) -> str:
    """What changed the count, and what the record says of it."""
    spell = piece.spell
    if spell is None or spell.paused or spell.verdict is Verdict.UP:
        return piece.why
    judged = ": ".join(filter(None, (spell.reason.value, spell.message)))
    return f"{piece.why} ({spell.verdict}, {judged})" if piece.why else judged

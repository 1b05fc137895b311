"""`signalbox status`: how does everything stand, for a terminal or a script?"""

from __future__ import annotations

import json as json_module
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from signalbox import clock, ledger
from signalbox.cli.flags import Json
from signalbox.cli.looks import STATES, VERDICTS, Look, lasted, moment
from signalbox.cli.state import opened_database
from signalbox.clock import MICROS, iso
from signalbox.db import Database
from signalbox.incidents import service as incidents
from signalbox.incidents.service import Incident
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.calendar import Occasion
from signalbox.monitors import overview
from signalbox.monitors.overview import Overview
from signalbox.pages.document import State
from signalbox.signals import Verdict
from signalbox.uptime import service as uptimes
from signalbox.uptime.percent import Uptime

_MANY = 40  # monitors; of more, only those that are not up are listed
_DAY = 86_400 * MICROS
_PERIOD = 2.0  # seconds from one drawing to the next
_PAUSED, _WORK = Look("‖", "bright_black"), STATES[State.MAINTENANCE]
_WORDS = {Verdict.UP: "up", Verdict.DEGRADED: "degraded", Verdict.DOWN: "down", Verdict.UNKNOWN: "no data"}
_ORDER = ("down", "degraded", "no data", "maintenance", "up", "paused")
_UP = _WORDS[Verdict.UP]


@dataclass(frozen=True, slots=True)
class Status:
    """All that is shown. Times are UTC microseconds."""

    now: int
    monitors: list[Overview]
    asked: int | None  # when somebody was last asked anything; None: never
    is_old: bool  # nobody has asked for so long that nobody can know
    uptimes: Mapping[str, Uptime] = field(default_factory=dict)  # of the past 24 hours, by key
    works: Mapping[str, Occasion] = field(default_factory=dict)  # under way, by the key of a monitor it touches
    incidents: list[Incident] = field(default_factory=list)
    maintenance: tuple[Occasion, ...] = ()

    @property
    def trouble(self) -> bool:
        """Is anything down that nobody works on, or nobody looking?"""
        return self.is_old or any(self.is_down(one) for one in self.monitors)

    def is_down(self, one: Overview) -> bool:
        """Down, and neither paused nor under announced maintenance."""
        return one.verdict is Verdict.DOWN and not one.paused and one.key not in self.works

    def look(self, one: Overview) -> tuple[Look, str]:
        """Its sign and its word."""
        if one.paused:
            return _PAUSED, "paused"
        if one.key in self.works:
            return _WORK, "maintenance"
        return VERDICTS[one.verdict], _WORDS[one.verdict]


def status(
    json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help=f"List more than {_MANY} monitors, too.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Keep drawing until Ctrl-C.")] = False,
) -> None:
    """Show how everything stands. Exit code 1 when a monitor is down outside maintenance, or when nobody watches."""
    with opened_database() as database:
        if watch and not json:
            _draw(database, everything)
            return
        with database.read() as session:
            found = gathered(session, clock.now())
    if json:
        typer.echo(json_module.dumps(document(found), indent=2))
    else:
        Console(highlight=False).print(report(found, everything))
    if found.trouble:
        raise typer.Exit(1)


def gathered(session: Session, now: int) -> Status:
    """What is known now."""
    monitors, watched = overview.overviews(session), uptimes.watched(session)
    asked, silent = ledger.newest(session), uptimes.silent_since(session, now)
    calendar = maintenance.load(session)
    reached = uptimes.uptime(session, watched, now - _DAY, now, now, calendar=calendar, silent=silent)
    works = {one.key: found for one in watched if (found := calendar.covering(one, now)) is not None}
    is_old = silent is not None or (asked is None and any(not one.paused for one in monitors))
    return Status(now, monitors, asked, is_old, reached, works, incidents.active(session), calendar.current(now))


def _draw(database: Database, everything: bool) -> None:
    with Live(console=Console(highlight=False), auto_refresh=False, screen=True) as live:
        try:
            while True:
                with database.read() as session:
                    live.update(report(gathered(session, clock.now()), everything), refresh=True)
                time.sleep(_PERIOD)
        except KeyboardInterrupt:
            return


def report(found: Status, everything: bool = False) -> RenderableType:
    """What was announced, then a line a monitor, under the headings of its groups."""
    if not found.monitors:
        return Text("Nothing is watched yet: write monitors into signalbox.yaml, or  signalbox monitor add URL")
    parts: list[RenderableType] = [_headline(found), Text(), *_announced(found)]
    shown = found.monitors
    if len(shown) > _MANY and not everything:
        shown = [one for one in shown if found.look(one)[1] != _UP]
    for name, members in groupby(shown, lambda one: one.group):
        parts += [Text(name, "bold")] if name else []
        parts += [Padding(_rows(list(members), found), (0, 0, 1, 2 if name else 0))]
    if len(shown) < len(found.monitors):
        parts.append(Text(f"and {len(found.monitors) - len(shown):,} that are up: --all lists them", "bright_black"))
    return Group(*parts)


def _headline(found: Status) -> Text:
    if found.is_old:
        since = "has ever asked" if found.asked is None else f"has asked since {moment(found.asked)}"
        return Text(f"Nobody {since}. What follows is the last we knew: start  signalbox up", "bold yellow")
    counts = Counter(found.look(one)[1] for one in found.monitors)
    colours = {found.look(one)[1]: found.look(one)[0].colour for one in found.monitors}
    return Text(" · ", "bright_black").join(
        Text(f"{counts[word]:,} {word}", f"bold {colours[word]}") for word in _ORDER if counts[word]
    )


def _announced(found: Status) -> list[RenderableType]:
    """What people were told: open incidents, and work under way."""
    lines: list[RenderableType] = []
    for incident in found.incidents:
        said = f"  {incident.status}, {incident.impact} impact, since {moment(incident.started_at)}"
        lines.append(Text.assemble(("! ", "bold dark_orange"), (incident.title, "bold"), said))
    for work in found.maintenance:
        sign = (f"{_WORK.sign} ", f"bold {_WORK.colour}")
        lines.append(Text.assemble(sign, (work.spec.title, "bold"), f"  until {moment(work.end)}"))
    return [*lines, Text()] if lines else []


def _rows(members: list[Overview], found: Status) -> Table:
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(no_wrap=True, min_width=10)
    rows.add_column(overflow="fold", max_width=40)
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(overflow="fold")
    for one in members:
        look, word = found.look(one)
        colour = "bright_black" if found.is_old else look.colour
        since = "" if one.since is None else f"for {lasted((found.now - one.since) / MICROS)}"
        reached = found.uptimes.get(one.key)
        rows.add_row(
            Text(f"{look.sign} {word}", f"bold {colour}"),
            Text(one.name, "bold" if found.is_down(one) and not found.is_old else ""),
            Text(since, "bright_black"),
            Text("" if reached is None or reached.percent is None else f"{reached.text} %"),
            _why(one, colour),
        )
    return rows


def _why(one: Overview, colour: str) -> Text:
    if one.paused:
        return Text()
    if one.since is None:
        return Text("waiting for its first checks", "bright_black")
    words = [] if one.verdict is Verdict.UP else [": ".join(filter(None, (one.reason, one.message)))]
    return Text(", ".join(filter(None, [*words, "comes and goes" if one.flapping else ""])), colour)


def document(found: Status) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "at": iso(found.now),
        "watched": not found.is_old,
        "last_asked": None if found.asked is None else iso(found.asked),
        "monitors": list(_monitors(found)),
        "incidents": [
            {
                "id": one.public, "title": one.title, "status": one.status, "impact": one.impact,
                "since": iso(one.started_at),
            }
            for one in found.incidents
        ],
        "maintenance": [
            {"id": one.work.id, "title": one.spec.title, "start": iso(one.start), "end": iso(one.end)}
            for one in found.maintenance
        ],
    }  # fmt: skip


def _monitors(found: Status) -> Iterator[dict[str, Any]]:
    for one in found.monitors:
        reached = found.uptimes.get(one.key)
        yield {
            "id": one.id, "name": one.name, "group": one.group, "verdict": one.verdict, "reason": one.reason,
            "message": one.message, "since": None if one.since is None else iso(one.since), "flapping": one.flapping,
            "paused": one.paused, "maintenance": one.key in found.works,
            "uptime_24h": None if reached is None else reached.percent,
        }  # fmt: skip

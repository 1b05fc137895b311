"""`signalbox status`: how does everything stand, for a terminal or a script?"""

from __future__ import annotations

import json as json_module
import time
from collections.abc import Iterator
from dataclasses import dataclass
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
from signalbox.cli.looks import VERDICTS, Look, lasted, moment
from signalbox.cli.state import opened_database
from signalbox.clock import MICROS, iso
from signalbox.db import Database
from signalbox.monitors import overview, service
from signalbox.monitors.overview import Overview
from signalbox.signals import Verdict

_MANY = 40  # monitors; of more, only those that are not up are listed
_LATE = 3  # intervals without anybody asking, after which what we know is old
_GRACE = 15 * MICROS
_PERIOD = 2.0  # seconds from one drawing to the next
_PAUSED = Look("‖", "bright_black")
_WORDS = {Verdict.UP: "up", Verdict.DEGRADED: "degraded", Verdict.DOWN: "down", Verdict.UNKNOWN: "no data"}
_ORDER = (Verdict.DOWN, Verdict.DEGRADED, Verdict.UNKNOWN, Verdict.UP)


@dataclass(frozen=True, slots=True)
class Status:
    """All that is shown. Times are UTC microseconds."""

    now: int
    monitors: list[Overview]
    asked: int | None  # when somebody was last asked anything; None: never
    is_old: bool  # nobody has asked for so long that nobody can know

    @property
    def trouble(self) -> bool:
        """Is anything down, or nobody looking?"""
        return self.is_old or any(_is_down(one) for one in self.monitors)


def status(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")] = False,
    everything: Annotated[bool, typer.Option("--all", help=f"List more than {_MANY} monitors, too.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Keep drawing until Ctrl-C.")] = False,
) -> None:
    """Show how everything stands. Exit code 1 when a monitor is down, or when nobody watches."""
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
    intervals = [one.every for one in service.active(session) if not one.paused]
    asked = ledger.newest(session)
    patience = _LATE * min(intervals, default=0) * MICROS + _GRACE
    is_old = bool(intervals) and (asked is None or now - asked > patience)
    return Status(now, overview.overviews(session), asked, is_old)


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
    """A line a monitor, under the headings of its groups."""
    if not found.monitors:
        return Text("Nothing is watched yet: write monitors into signalbox.yaml, or  signalbox monitor add URL")
    parts: list[RenderableType] = [_headline(found), Text()]
    shown = found.monitors
    if len(shown) > _MANY and not everything:
        shown = [one for one in shown if one.verdict is not Verdict.UP or one.paused]
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
    counts = [(verdict, sum(_counts_as(one) is verdict for one in found.monitors)) for verdict in _ORDER]
    parts = [
        Text(f"{count:,} {_WORDS[verdict]}", f"bold {VERDICTS[verdict].colour}") for verdict, count in counts if count
    ]
    paused = sum(one.paused for one in found.monitors)
    if paused:
        parts.append(Text(f"{paused:,} paused", "bright_black"))
    return Text(" · ", "bright_black").join(parts)


def _rows(members: list[Overview], found: Status) -> Table:
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(no_wrap=True, min_width=10)
    rows.add_column(overflow="fold", max_width=40)
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(overflow="fold")
    for one in members:
        look, word = (_PAUSED, "paused") if one.paused else (VERDICTS[one.verdict], _WORDS[one.verdict])
        colour = "bright_black" if found.is_old else look.colour
        since = "" if one.since is None else f"for {lasted((found.now - one.since) / MICROS)}"
        name = Text(one.name, "bold" if _is_down(one) and not found.is_old else "")
        rows.add_row(
            Text(f"{look.sign} {word}", f"bold {colour}"), name, Text(since, "bright_black"), _why(one, colour)
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
        "monitors": list(_documents(found)),
    }


def _documents(found: Status) -> Iterator[dict[str, Any]]:
    for one in found.monitors:
        yield {
            "id": one.id, "name": one.name, "group": one.group, "verdict": one.verdict, "reason": one.reason,
            "message": one.message, "since": None if one.since is None else iso(one.since), "flapping": one.flapping,
            "paused": one.paused,
        }  # fmt: skip


def _counts_as(one: Overview) -> Verdict | None:
    return None if one.paused else one.verdict


def _is_down(one: Overview) -> bool:
    return one.verdict is Verdict.DOWN and not one.paused

"""What does a person at the terminal see while `signalbox up` runs? A few lines that stay in place."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from signalbox import clock
from signalbox.cli.looks import MINUTES, STATES, milliseconds
from signalbox.monitors.service import Monitor
from signalbox.pages import snapshot
from signalbox.pages.document import State
from signalbox.pages.state import shown
from signalbox.pages.track import Hour
from signalbox.pages.window import Window
from signalbox.rounds import Rounds
from signalbox.runner.meter import Meter

SHOWN = 8  # monitors with a line of their own, at the most
_NAME = 28  # characters of a name
_FIXED = 18  # characters of a line that are neither name, bar nor words
_WORDS = 44  # characters of words that the bar makes room for
_FEWEST = 15  # minutes of a bar, however narrow the terminal is


class Summary:
    """Renders the state of the process anew each time it is drawn. Its cost does not grow with the monitors shown."""

    def __init__(self, url: str, meter: Meter, window: Window) -> None:
        self._url, self._meter, self._window = url, meter, window

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        monitors = self._window.monitors
        down = self._down(monitors)
        yield Text()  # apart from log lines above
        yield Text.assemble(("Signalbox", "bold"), "  ", (self._url, "bold blue"), ("  Ctrl-C ends it", "bright_black"))
        yield Text()
        yield self._rows(_first(monitors, down), down, options.max_width)
        if len(monitors) > SHOWN:
            yield Text(f"  and {_rest(monitors, down)}", "bright_black")
        yield Text()
        yield self._facts(len(monitors), len(down))

    def _down(self, monitors: Iterable[Monitor]) -> dict[str, str]:
        found = dict(self._meter.down)
        return {monitor.key: found[monitor.key] for monitor in monitors if monitor.key in found} if found else {}

    def _rows(self, monitors: list[Monitor], down: dict[str, str], width: int) -> Table:
        minutes = _minutes(monitors, down, width)
        rows = Table.grid(padding=(0, 2, 0, 0), expand=True)
        rows.add_column(no_wrap=True)
        rows.add_column(no_wrap=True, max_width=_NAME, overflow="ellipsis")
        rows.add_column(no_wrap=True)
        rows.add_column(no_wrap=True, justify="right")
        rows.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
        now = clock.now()
        for monitor in monitors:
            hour = self._window.hour(monitor.key, now)
            state = shown(hour.verdicts, hour.newest, monitor.every, now).state
            look = STATES[state]
            uptime = snapshot.percent(hour.available, hour.known)
            rows.add_row(
                Text(look.sign, f"bold {look.colour}"),
                Text(monitor.name, "bold" if monitor.key in down else ""),
                Text.assemble(*(MINUTES[minute] for minute in hour.minutes[-minutes:])),
                Text(f"{uptime}%" if uptime else "–"),
                Text(
                    down.get(monitor.key) or _words(state, hour), look.colour if monitor.key in down else "bright_black"
                ),
            )
        return rows

    def _facts(self, monitors: int, down: int) -> Text:
        late = self._meter.lateness()
        parts = [_counted(monitors, down, self._meter.signals)]
        if self._meter.signals:
            parts.append(Text(f"{self._meter.signals:,} signals, {self._meter.rate():.1f}/s"))
            parts.append(Text(f"checks start {_late(late.p50)} late (99 %: {_late(late.p99)})"))
        if self._meter.refused:
            parts.append(Text(f"{self._meter.refused:,} not asked: too late", "yellow"))
        return Text(" · ", "bright_black").join(parts)


def _minutes(monitors: Iterable[Monitor], down: dict[str, str], width: int) -> int:
    """How many minutes the bars show, so that the words beside them have room, too."""
    name = max((min(len(monitor.name), _NAME) for monitor in monitors), default=0)
    words = max((min(len(down.get(monitor.key, "")), _WORDS) for monitor in monitors), default=0)
    return max(_FEWEST, min(60, (width - name - words - _FIXED) // 5 * 5))


def _first(monitors: Iterable[Monitor], down: dict[str, str]) -> list[Monitor]:
    """Those that are down, then the others, in manifest order; as many as are shown."""
    shown: list[Monitor] = []
    fine: list[Monitor] = []
    for monitor in monitors:
        (shown if monitor.key in down else fine if len(fine) < SHOWN else []).append(monitor)
    return (shown + fine)[:SHOWN]


def _rest(monitors: tuple[Monitor, ...], down: dict[str, str]) -> str:
    hidden = f"{len(monitors) - SHOWN:,} more"
    return f"{hidden}, {len(down) - SHOWN:,} of them down" if len(down) > SHOWN else hidden


def _words(state: State, hour: Hour) -> str:
    if hour.newest is None:
        return "waiting for its first check"
    if state is State.NO_DATA:
        return "nobody could ask"
    last = next((value for value in reversed(hour.latency) if value is not None), None)
    return "" if last is None else f"{last:,} ms"


def _late(seconds: float) -> str:
    return milliseconds(seconds * 1000) if seconds < 1 else f"{seconds:.1f} s"


def _counted(monitors: int, down: int, signals: int) -> Text:
    services = "1 monitor" if monitors == 1 else f"{monitors:,} monitors"
    if not signals:
        return Text(f"{services}, waiting for the first checks")
    if down:
        return Text.assemble(f"{services}, ", (f"{down:,} down", "bold red"))
    return Text.assemble(f"{services}, ", ("nothing down", "green"))


class Display:
    """Draws a summary once a second until closed. Log lines written meanwhile appear above it."""

    def __init__(self, summary: Summary, console: Console) -> None:
        self._live = Live(summary, console=console, auto_refresh=False)
        self._rounds = Rounds("live", self._live.refresh, every=1.0)

    def start(self) -> None:
        """Begin to draw."""
        self._live.start()
        self._rounds.start()

    def close(self) -> None:
        """Draw once more and leave the last state on the screen."""
        self._rounds.close(5)
        self._live.stop()

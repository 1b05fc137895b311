"""What does a person at the terminal see while `signalbox up` runs? A few lines that stay in place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from signalbox.monitors.service import Monitor
from signalbox.runner.meter import Meter

SHOWN = 8  # monitors that are down, named at the most


class Summary:
    """Renders the state of the process anew each time it is drawn."""

    def __init__(self, url: str, meter: Meter, monitors: Callable[[], Mapping[str, Monitor]]) -> None:
        self._url, self._meter, self._monitors = url, meter, monitors

    def __rich__(self) -> Group:
        monitors = self._monitors()
        down = {key: words for key, words in list(self._meter.down.items()) if key in monitors}
        late = self._meter.lateness()
        facts = Table.grid(padding=(0, 3))
        facts.add_row("page", Text(self._url, style="bold"))
        facts.add_row("monitors", f"{len(monitors)}")
        facts.add_row("signals", f"{self._meter.signals} · {self._meter.rate():.1f} a second")
        facts.add_row("lateness", f"{_ms(late.p50)} half · {_ms(late.p99)} 99 % · {_ms(late.worst)} worst")
        if self._meter.refused:
            facts.add_row("not asked", Text(f"{self._meter.refused} checks came too late", style="yellow"))
        facts.add_row("down", _down(len(down), self._meter.signals))
        return Group(facts, *_named(down, monitors))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _down(count: int, signals: int) -> Text:
    if not signals:
        return Text("– waiting for the first checks", style="dim")
    return Text(f"✕ {count}", style="bold red") if count else Text("✓ nothing", style="green")


def _named(down: Mapping[str, str], monitors: Mapping[str, Monitor]) -> list[Text]:
    lines = [
        Text.assemble("  ✕ ", (monitors[key].name, "bold"), f"  {words}", style="red")
        for key, words in list(down.items())[:SHOWN]
    ]
    return [*lines, Text(f"  and {len(down) - SHOWN} more", style="red")] if len(down) > SHOWN else lines


class Display:
    """Draws a summary once a second until closed. Log lines written meanwhile appear above it."""

    def __init__(self, summary: Summary, console: Console) -> None:
        self._live = Live(summary, console=console, auto_refresh=False, redirect_stderr=True)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._live.start()
        self._thread.start()

    def close(self) -> None:
        """Draw once more and leave the last state on the screen."""
        self._stop.set()
        self._thread.join(5)
        self._live.stop()

    def _run(self) -> None:
        while not self._stop.wait(1.0):
            self._live.refresh()

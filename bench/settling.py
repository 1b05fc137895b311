"""How long does it take to judge and write down that a thousand monitors fail at once?"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

from bench.judge import START
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.manifest import apply
from signalbox.manifest.document import Manifest
from signalbox.monitors.roster import Roster
from signalbox.monitors.specs import MonitorSpec
from signalbox.notifications.specs import WebhookChannel
from signalbox.pipeline.settling import Settling
from signalbox.signals import Reason, Signal, Verdict

MONITORS = 1_000
RUNS = 3


def main() -> None:
    """Print seconds from signals to a committed transaction, the median of three installations on SQLite."""
    runs = [_run() for _ in range(RUNS)]
    for name, column in zip(
        ("healthy", "first failures", "a thousand outages", "steady outages"), zip(*runs, strict=True), strict=True
    ):
        print(f"{name:20} {MONITORS} signals settled in {median(column) * 1000:8.1f} ms")


def _run() -> tuple[float, ...]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/state.db", data=Path(folder))
        database.migrate()
        check = {"kind": "http", "url": "http://localhost"}
        monitors = [
            MonitorSpec.model_validate({"id": f"m{n}", "name": f"M{n}", "check": check}) for n in range(MONITORS)
        ]
        hook = WebhookChannel.model_validate({"id": "hook", "url": "https://hooks.example", "kind": "webhook"})
        with database.begin() as session:
            apply.apply(session, Manifest(monitors=tuple(monitors), channels=(hook,)))
        roster = Roster(database)
        roster.refresh()
        settling = Settling(roster)
        _settle(database, settling, 0, Verdict.UP)  # the first answers, which everybody's standing begins with
        took = [
            _settle(database, settling, turn, verdict)
            for turn, verdict in enumerate((Verdict.UP, Verdict.DOWN, Verdict.DOWN, Verdict.DOWN), 1)
        ]
        database.close()
        return tuple(took)


def _settle(database: Database, settling: Settling, turn: int, verdict: Verdict) -> float:
    moment = START + turn * 60 * MICROS
    reason = Reason.OK if verdict is Verdict.UP else Reason.CONNECT
    signals = [
        Signal(
            f"m{n}",
            "local",
            moment,
            moment + 1_000,
            "http://localhost",
            "http",
            verdict,
            reason,
            -1,
            verdict is Verdict.UP,
            None,
            None,
            None,
            None,
            1.0,
            "",
            None,
        )
        for n in range(MONITORS)
    ]
    begun = time.perf_counter()
    with database.begin() as session:
        settled = settling.settle(session, Counter(), signals, moment)
    settling.done(settled)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()

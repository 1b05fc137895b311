"""What does the schedule of a million monitors cost? Built once, then handed out second by second; nothing is asked.

    python -m bench.schedule [--monitors 1000000] [--every 60] [--seconds 60]

Each second's batches are noted in the ledger (SQLite in a temporary folder) and handed to nobody, as the ticker does.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from signalbox import clock, ledger
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.monitors.service import Monitor
from signalbox.runner.due import Batch, Schedule
from signalbox.runner.slots import Slots
from signalbox.runner.ticker import Ticker


@dataclass(frozen=True, slots=True)
class Watched:
    """All that a schedule wants to know of a monitor."""

    key: str
    every: int
    created_at: int = 0
    paused: bool = False


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = float(clock.now() // MICROS)

    def read(self) -> float:
        """Seconds since 1970."""
        return self.now


def main() -> None:
    """Build it, and hand out what comes due."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monitors", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    before = _megabytes()
    monitors = [Watched(f"{number:026x}", options.every) for number in range(options.monitors)]
    started = time.process_time()
    schedule = Schedule(cast("list[Monitor]", monitors), 1)
    built = time.process_time() - started
    print(f"{options.monitors:,} monitors every {options.every} s: built in {built:.2f} s of CPU", end=", ")
    print(f"{_megabytes() - before:.0f} MB with what it needs to know of them")
    arithmetic = [_cpu(partial(schedule.batches, "local", second)) for second in range(options.seconds)]
    print(f"who is due: {_told(arithmetic)} of CPU a second")
    with tempfile.TemporaryDirectory() as folder:
        _tick(cast("list[Monitor]", monitors), options.seconds, Path(folder))


def _tick(monitors: list[Monitor], seconds: int, folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'state.db'}", data=folder)
    database.migrate()
    hands, handed = Clock(), list[Batch]()
    ticker = Ticker(database, "local", handed.append, slots=Slots(hands.read, hands.read))
    ticker.replace(monitors, 1)
    spent = []
    for _ in range(seconds):
        hands.now += 1
        spent.append(_cpu(ticker.tick))
    with database.read() as session:
        noted = len(ledger.still_open(session, 0, round(hands.now + 1) * MICROS))
    checks = sum(len(batch.monitors) for batch in handed)
    print(f"with its rows of the ledger: {_told(spent)} of CPU a second ({checks:,} checks, {noted:,} rows)")
    database.close()


def _cpu(run: Callable[[], object]) -> float:
    """Milliseconds of CPU, all threads."""
    started = time.process_time()
    run()
    return (time.process_time() - started) * 1000


def _told(spent: list[float]) -> str:
    return f"{statistics.median(spent):.1f} ms (worst {max(spent):.1f})"


def _megabytes() -> float:
    """The most that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

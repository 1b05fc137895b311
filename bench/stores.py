"""How many signals a second does each store take, and what does one cost?

    python -m bench.stores [--rows 200000] [--batch 500] [--load] [memory sqlite journal questdb]

CPU is of this process (user and system), per row, including the thread that follows the journal; QuestDB's own work
is its server's. `journal` is what a worker waits for; `questdb` runs until the server has acknowledged every row.
`--load` takes the bulk path instead, an hour at a time, which leaves nothing to roll up. The signals lie in the past,
so that rolling up their hours is measured too: CPU per row again, and the time that hours of all monitors take then.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from signalbox.clock import MICROS, now
from signalbox.signals import Reason, Signal, Verdict
from signalbox.stores.base import HOUR, Store
from signalbox.stores.journal import Journal
from signalbox.stores.memory import MemoryStore
from signalbox.stores.questdb import QuestDBStore
from signalbox.stores.sqlite import SQLiteStore
from tests.servers.questdb import QuestDBServer

MONITORS = 5_000
KINDS = ("memory", "sqlite", "journal", "questdb")


class Figures(NamedTuple):
    """What one store showed."""

    kind: str
    rows_a_second: float
    micros_cpu: float  # a row
    latest: float | None = None  # milliseconds for the newest 60 of every monitor
    micros_rolled: float | None = None  # CPU a row to roll all hours up
    hours: float | None = None  # milliseconds for the last 24 hours of every monitor, hour by hour


def batches(rows: int, size: int) -> list[list[Signal]]:
    """Signals of 5 000 monitors a minute, in batches of one location's slot, as a worker appends them."""
    start = (now() - rows // MONITORS * 60 * MICROS) // HOUR * HOUR - HOUR
    return [[_signal(n, start) for n in range(first, min(first + size, rows))] for first in range(0, rows, size)]


def _signal(n: int, start: int) -> Signal:
    minute, monitor = divmod(n, MONITORS)
    moment = start + minute * 60 * MICROS + monitor * 60 // MONITORS * MICROS
    return Signal(
        f"monitor-{monitor:04}", "local", moment, moment + 87_654 + n % 1_000, f"https://host-{monitor}.example/health",
        "http", Verdict.UP, Reason.OK, 200, True, 1.25 + n % 7, 2.5, 10.75, 20.5, 35.5 + n % 90, "",
        moment + 90 * 86_400 * MICROS,
    )  # fmt: skip


def measured(kind: str, append: Callable[[Sequence[Signal]], None], lots: list[list[Signal]]) -> Figures:
    """Append every lot, one after the other."""
    wall, cpu, rows = time.perf_counter(), time.process_time(), sum(map(len, lots))
    for lot in lots:
        append(lot)
    spent = time.process_time() - cpu
    return Figures(kind, rows / (time.perf_counter() - wall), spent / rows * 1e6)


def read(store: Store) -> float:
    """Milliseconds that the newest 60 of every monitor take."""
    began = time.perf_counter()
    store.latest([f"monitor-{n:04}" for n in range(MONITORS)], 60)
    return (time.perf_counter() - began) * 1e3


def rolled(store: Store, rows: int) -> float:
    """Microseconds of CPU a row to roll up what is over."""
    cpu = time.process_time()
    while store.roll(now()):
        pass
    return (time.process_time() - cpu) / rows * 1e6


def read_hours(store: Store) -> float:
    """Milliseconds that the last 24 whole hours of every monitor take."""
    end, began = now() // HOUR * HOUR, time.perf_counter()
    store.buckets([f"monitor-{n:04}" for n in range(MONITORS)], end - 24 * HOUR, end, HOUR)
    return (time.perf_counter() - began) * 1e3


def run(kind: str, lots: list[list[Signal]], folder: Path, *, load: bool = False) -> Figures:
    """Measure one kind in a folder of its own."""
    store: Store
    server: QuestDBServer | None = None
    with ExitStack() as open_now:
        match kind:
            case "journal":
                journal = Journal.made(folder, ["store"])
                open_now.callback(journal.close)
                return measured(kind, journal.append, lots)
            case "questdb":
                server = open_now.enter_context(QuestDBServer(folder).up())
                store = QuestDBStore.at(server.url, folder)
            case "sqlite":
                store = SQLiteStore(folder / "signals.db")
            case _:
                store = MemoryStore()
        store.open()
        open_now.callback(store.close)
        figures, rows = measured(kind, store.load if load else store.append, lots), sum(map(len, lots))
        if server is not None:
            server.await_rows(rows)
        return figures._replace(latest=read(store), micros_rolled=rolled(store, rows), hours=read_hours(store))


def main() -> None:
    """Print one line a store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="STORE", help=f"of {', '.join(KINDS)}; default: all")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--load", action="store_true", help="take the bulk path, an hour at a time")
    wanted = parser.parse_args()
    if unknown := set(wanted.kinds) - set(KINDS):
        parser.error(f"no such store: {', '.join(unknown)}")
    size = MONITORS * 60 if wanted.load else wanted.batch
    lots = batches(wanted.rows, size)
    print(f"{wanted.rows} rows in batches of {size}; {MONITORS} monitors\n")
    print(
        f"{'store':<10}{'rows/s':>12}{'µs CPU/row':>12}{'latest 60 of each, ms':>24}{'µs CPU/row rolled':>20}"
        f"{'24 hours of each, ms':>24}"
    )
    for kind in wanted.kinds or KINDS:
        with tempfile.TemporaryDirectory() as folder:
            found = run(kind, lots, Path(folder), load=wanted.load)
        line = f"{found.kind:<10}{found.rows_a_second:>12,.0f}{found.micros_cpu:>12.2f}"
        if found.latest is not None:
            line += f"{found.latest:>24.0f}{found.micros_rolled:>20.2f}{found.hours:>24.0f}"
        print(line)


if __name__ == "__main__":
    main()

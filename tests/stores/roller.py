"""A child process that keeps signals of past hours, rolls them up, and drops the oldest, until it is killed.

    python -m tests.stores.roller PATH NAME START

Batch `n` holds 20 signals of monitors NAME-0 … NAME-3, in hours that are mostly rolled up already; `n` is printed
once `append` has returned.
"""

from __future__ import annotations

import itertools
import sys
import threading
from pathlib import Path
from random import Random

from signalbox.clock import now
from signalbox.signals import Signal
from signalbox.stores import sqlite
from tests.stores.samples import HOUR, signal

HOURS = 20
DROPPED = 4  # of those hours
ROWS = 20


def batch(name: str, number: int, start: int) -> list[Signal]:
    """The signals of one batch; no two of any batches have the same name."""
    random = Random(f"{name} {number}")
    return [
        signal(
            f"{name}-{n % 4}", start + random.randrange(HOURS) * HOUR + number * 1_000 + n,
            total=random.lognormvariate(3, 1),
        )
        for n in range(ROWS)
    ]  # fmt: skip


def main(path: str, name: str, start: str) -> None:
    """Do all three for ever, in threads of their own."""
    vars(sqlite)["_PRUNED_AT_ONCE"] = 50
    store = sqlite.SQLiteStore(Path(path))
    store.open()

    def roll() -> None:
        while True:
            store.roll(now())

    def prune() -> None:
        while True:
            store.prune(int(start) + DROPPED * HOUR + HOUR // 2)

    for work in (roll, prune):
        threading.Thread(target=work, daemon=True).start()
    for number in itertools.count():
        store.append(batch(name, number, int(start)))
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

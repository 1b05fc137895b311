"""A child process that appends until it is killed, and says on standard output what was acknowledged.

    python -m tests.stores.appender URL DATA NAME

Batch `n` holds 50 signals of monitor NAME; `n` is printed once `append` has returned.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from signalbox.signals import Signal
from signalbox.stores import open_store
from tests.stores.samples import signal

ROWS = 50


def batch(name: str, number: int, start: int) -> list[Signal]:
    """The signals of one batch, a microsecond apart."""
    return [signal(name, start + number * ROWS + n) for n in range(ROWS)]


def main(url: str, data: str, name: str, start: str) -> None:
    """Append for ever."""
    store = open_store(url, data=Path(data))
    store.open()
    for number in itertools.count():
        store.append(batch(name, number, int(start)))
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

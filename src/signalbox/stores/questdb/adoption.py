"""How does a table of the tutorial's become ours, with every row, while the tutorial may still write into it?

It can become neither WAL nor deduplicated where it stands, so a new table takes its place. What is done is told by
the names of tables alone, each step is one statement or may be done twice, and so a start that was cut off anywhere
is taken up by the next:

    signals (the tutorial's)   → copied into signals_adopted, renamed to signals_leaving
    no signals                 → signals_adopted is renamed to signals
    signals_leaving…           → what was written to it meanwhile is copied, then it is kept as signals_tutorial…

The new table gets its time to live only afterwards: rows copied into a table that has one would vanish.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog

from signalbox.clock import MICROS
from signalbox.errors import Refused, SignalboxError
from signalbox.signals import Signal
from signalbox.stores.questdb import schema
from signalbox.stores.questdb.pgwire import Reader
from signalbox.stores.questdb.tutorial import signal_of_tutorial, spread

_log = structlog.get_logger(__name__)

ADOPTED: Final = f"{schema.TABLE}_adopted"
LEAVING: Final = f"{schema.TABLE}_leaving"
KEPT: Final = f"{schema.TABLE}_tutorial"
_HOUR: Final = 3_600 * MICROS
_PATIENCE_S: Final = 60.0

Write = Callable[[list[Signal], str], None]
"""Writes signals into the table of that name; on return the server has them."""


class Adoption:
    """Turns what is there into our table. Run by one process at a time (the migration lock)."""

    def __init__(
        self, reader: Reader, write: Write, identities: Mapping[str, str], told: Callable[[str], None] | None = None
    ) -> None:
        """`told` hears the name of each step once it is done."""
        self._reader, self._write, self._identities = reader, write, identities
        self._told = told or (lambda step: _log.info("adopting the tutorial's table", done=step))
        self._copied: dict[int, int] = {}  # rows copied from each hour
        self._spilled = False  # whether a row had to move on into the next hour

    def run(self) -> None:
        """On return `signals` is ours and holds every row of the tutorial's."""
        there = schema.tables(self._reader)
        if schema.TABLE in there and schema.is_tutorial(self._reader):
            self._replace(there)
        elif schema.TABLE not in there and ADOPTED in there:
            self._take_its_place()
        else:
            schema.create(self._reader)
        for leaving in sorted(name for name in schema.tables(self._reader) if name.startswith(LEAVING)):
            self._catch_up(leaving)

    def _replace(self, there: set[str]) -> None:
        if ADOPTED in there and not any(name.startswith(LEAVING) for name in there):
            self._reader.rows(f"DROP TABLE {ADOPTED}")  # half a copy, maybe under other identities
        schema.create(self._reader, ADOPTED)
        self._told("created")
        self._copy(schema.TABLE, ADOPTED)
        self._told("copied")
        self._rename(schema.TABLE, _free(LEAVING, there))
        self._told("renamed away")
        self._take_its_place()

    def _take_its_place(self) -> None:
        self._rename(ADOPTED, schema.TABLE)
        self._told("renamed in")

    def _catch_up(self, leaving: str) -> None:
        """Copy what was written between the copy and the rename. Nobody can write to it any more."""
        self._copy(leaving, schema.TABLE)
        self._told("caught up")
        self._rename(leaving, _free(KEPT, schema.tables(self._reader)))
        self._told("kept")

    def _copy(self, source: str, target: str) -> None:
        """Copy hour by hour; what this run has copied already, only from the first hour that has changed since."""
        hours: Sequence[Any] = self._reader.rows(
            f"SELECT timestamp_floor('h', received)::long AS hour, count() FROM {source} ORDER BY hour"  # noqa: S608
        )
        last: dict[str, int] = {}
        changed = next((hour for hour, count in hours if self._copied.get(hour) != count), None)
        for hour, _ in hours:
            if changed is not None and (hour >= changed or self._spilled):
                self._copied[hour] = self._copy_hour(source, target, hour, last)
                self._spilled = self._spilled or any(moment >= hour + _HOUR for moment in last.values())

    def _copy_hour(self, source: str, target: str, hour: int, last: dict[str, int]) -> int:
        rows = self._reader.rows(
            f"SELECT url, http_status, received::long, available FROM {source} "  # noqa: S608
            "WHERE received >= cast(:start AS timestamp) AND received < cast(:end AS timestamp)",
            start=hour, end=hour + _HOUR,
        )  # fmt: skip
        self._write(list(spread((signal_of_tutorial(row, self._identities) for row in rows), last)), target)
        return len(rows)

    def _rename(self, old: str, new: str) -> None:
        """Rename, waiting for a writer that is just busy with it. Done twice it is done."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._reader.rows(f"RENAME TABLE {old} TO {new}")
            except Refused as error:
                if time.monotonic() > deadline:
                    raise SignalboxError(f"QuestDB's table {old} cannot be renamed to {new}: {error}") from error
                time.sleep(0.05)
            else:
                return


def _free(name: str, taken: set[str]) -> str:
    """That name, or with the first number that makes it free."""
    return name if name not in taken else next(f"{name}_{n}" for n in range(2, 10_000) if f"{name}_{n}" not in taken)

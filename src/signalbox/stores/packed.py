"""How do many signals become a few columns? From rows that a database has put together as text, and from signals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from signalbox.signals import Signal, Verdict
from signalbox.stores.base import Columns

_VERDICTS = {str(verdict): verdict for verdict in Verdict}


def columns_of_row(row: Sequence[Any], start: int) -> Columns:
    """Of monitor, location and URL, and of moments (counted from `start`), verdicts, statuses, 0 or 1 for available,
    and totals, each of these one text with commas. Verdicts of a newer version read as `unknown`."""
    monitor, location, url, moments, verdicts, statuses, available, totals = row
    found = Columns(
        monitor,
        location,
        url,
        [start + int(since) for since in moments.split(",")],
        [_VERDICTS.get(word, Verdict.UNKNOWN) for word in verdicts.split(",")],
        [int(status) for status in statuses.split(",")],
        [one == "1" for one in available.split(",")],
        [float(ms) if ms else None for ms in totals.split(",")],
    )
    return found if found.moments == sorted(found.moments) else _in_order(found)


def columns_of(signals: Iterable[Signal]) -> list[Columns]:
    """Of signals in any order."""
    ordered = sorted(signals, key=lambda one: (one.monitor, one.location, one.url, one.moment))
    return [
        _packed(*key, list(some)) for key, some in groupby(ordered, lambda one: (one.monitor, one.location, one.url))
    ]


def _packed(monitor: str, location: str, url: str, signals: Sequence[Signal]) -> Columns:
    return Columns(
        monitor,
        location,
        url,
        [one.moment for one in signals],
        [one.verdict for one in signals],
        [one.http_status for one in signals],
        [one.available for one in signals],
        [one.total for one in signals],
    )


def _in_order(columns: Columns) -> Columns:
    rows = sorted(zip(*columns[3:], strict=True), key=lambda row: row[0])
    return Columns(*columns[:3], *(list(column) for column in zip(*rows, strict=True)))

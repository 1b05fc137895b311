"""How does QuestDB count rows, and what do the counts mean? One list of columns, for the hourly view and for raw rows.

How latencies are spread comes as text: one character for each, whose code point is that of `FIRST` and the number of
the histogram's bucket, with blanks between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from signalbox.stores.base import Bucket, Phases, Rollup
from signalbox.stores.histogram import OFFSET, PER_E, Histogram

FIRST: Final = 0x100
"""Code point of bucket 0. No surrogates and no blanks are among those that follow."""

_TIMED: Final = "CASE WHEN verdict IN ('up', 'degraded') THEN total END"
_HAS_LATENCY: Final = "verdict IN ('up', 'degraded') AND total IS NOT NULL"
_BUCKET: Final = (  # least() and greatest() overlook NULL, so none may come to them
    f"cast(floor(ln(CASE WHEN {_HAS_LATENCY} THEN least(greatest(total, 0.001), 1e10) END) * {PER_E}) AS int)"
)
_PHASES: Final = {phase: f"CASE WHEN {_HAS_LATENCY} THEN {phase} END" for phase in Phases._fields}
_COLUMNS: Final = {
    **{
        verdict: f"sum(CASE WHEN verdict = '{verdict}' THEN 1 ELSE 0 END)"
        for verdict in ("up", "degraded", "down", "unknown")
    },
    "timed": f"count({_TIMED})",
    "latency_sum": f"sum(cast({_TIMED} AS double))",
    "latency_max": f"max({_TIMED})",
    **{f"p{share}": f"approx_percentile({_TIMED}, 0.{share}, 2)" for share in (50, 95, 99)},
    **{f"{phase}_sum": f"sum(cast({ms} AS double))" for phase, ms in _PHASES.items()},
    **{f"{phase}_count": f"count({ms})" for phase, ms in _PHASES.items()},
}  # fmt: skip
_SPREAD: Final = f"string_agg(cast({_BUCKET} + {OFFSET + FIRST} AS char), ' ')"

NAMES: Final = ", ".join(_COLUMNS)
"""Columns of the view that make a bucket, in the order that `bucket_of` takes them."""
COUNTED: Final = ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
"""The same counted from rows."""
NAMES_SPREAD: Final = f"{NAMES}, spread"
"""Columns of the view that make a roll-up, in the order that `rollup_of` takes them."""
COUNTED_SPREAD: Final = f"{COUNTED}, {_SPREAD} AS spread"
"""The same counted from rows."""


def bucket_of(start: int, row: Sequence[Any]) -> Bucket:
    """The bucket of one counted row."""
    sums, counts = row[10:14], row[14:18]
    phases = Phases(*(total / n if n else None for total, n in zip(sums, counts, strict=True)))
    return Bucket._make((start, *row[:5], row[5] or 0.0, *row[6:10], phases))


def rollup_of(row: Sequence[Any]) -> Rollup:
    """The roll-up of one counted row."""
    sums, counts = tuple(total or 0.0 for total in row[10:14]), tuple(row[14:18])
    spread = Counter((row[18] or "")[::2])
    histogram = Histogram(counts=((ord(character) - FIRST, count) for character, count in spread.items()))
    return Rollup._make((*row[:5], row[5] or 0.0, row[6], sums, counts, histogram))

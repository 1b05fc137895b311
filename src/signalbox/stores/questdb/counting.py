"""How does QuestDB count rows, and what do the counts mean? One list of columns, for the hourly view and for rows.

The views hold no percentiles: QuestDB needs kilobytes of heap for each of each group while it works one out, and a
view whose refresh runs out of heap is invalid from then on. Nor is the spread put together as text, which is limited
to a megabyte for all groups. So each bucket of the histogram is a row of a view of its own (half of what the raw
rows take), and percentiles are told from these when they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from signalbox.stores.base import Bucket, Phases, Rollup
from signalbox.stores.histogram import OFFSET, PER_E, Histogram, value_of

TIMED: Final = "verdict IN ('up', 'degraded') AND total IS NOT NULL"
"""Rows that have a latency which counts."""
BUCKET: Final = f"cast(floor(ln(least(greatest(total, 0.001), 1e10)) * {PER_E}) AS int) + {OFFSET}"
"""The bucket of the histogram for such a row, at the ends as `histogram.bucket_of` has it."""

_TOTAL: Final = f"CASE WHEN {TIMED} THEN total END"
_PHASES: Final = {phase: f"CASE WHEN {TIMED} THEN {phase} END" for phase in Phases._fields}
_COLUMNS: Final = {
    **{
        verdict: f"sum(CASE WHEN verdict = '{verdict}' THEN 1 ELSE 0 END)"
        for verdict in ("up", "degraded", "down", "unknown")
    },
    "timed": f"count({_TOTAL})",
    "latency_sum": f"sum(cast({_TOTAL} AS double))",
    **{f"{phase}_sum": f"sum(cast({ms} AS double))" for phase, ms in _PHASES.items()},
    **{f"{phase}_count": f"count({ms})" for phase, ms in _PHASES.items()},
    "latency_max": f"max({_TOTAL})",
}  # fmt: skip
_PERCENTILES: Final = ", ".join(f"approx_percentile({_TOTAL}, 0.{share}, 2)" for share in (50, 95, 99))

NAMED: Final = ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
"""What is counted of rows, with the names that it has in the view."""
NAMES: Final = ", ".join(_COLUMNS)
"""These names."""
SUMMED: Final = ", ".join(f"max({name})" if name == "latency_max" else f"sum({name})" for name in _COLUMNS)
"""The same of several hours of the view."""
COUNTED: Final = ", ".join(_COLUMNS.values())
"""The same of rows."""
COUNTED_WHOLE: Final = f"{COUNTED}, {_PERCENTILES}"
"""The same, and percentiles."""


def bucket_of(start: int, row: Sequence[Any]) -> Bucket:
    """The bucket of what was counted and three percentiles."""
    phases = Phases(*(total / n if n else None for total, n in zip(row[6:10], row[10:14], strict=True)))
    return Bucket._make((start, *row[:5], row[5] or 0.0, row[14], *row[15:18], phases))


def hour_of(start: int, row: Sequence[Any], buckets: Sequence[int] | None) -> Bucket:
    """The bucket of what was counted, and of the histogram's buckets that hold its percentiles."""
    most = row[14]
    return bucket_of(start, [*row, *([None] * 3 if buckets is None else [min(most, value_of(n)) for n in buckets])])


def rollup_of(row: Sequence[Any], spread: Mapping[int, int]) -> Rollup:
    """The roll-up of what was counted, and of how many are in each bucket of the histogram."""
    sums, counts = tuple(total or 0.0 for total in row[6:10]), tuple(row[10:14])
    return Rollup._make((*row[:5], row[5] or 0.0, row[14], sums, counts, Histogram(counts=spread.items())))

"""How does QuestDB count rows, and what do the counts mean? One list of columns, for the hourly view and for raw rows.

How latencies are spread comes as text: one character for each, whose code point is that of `FIRST` and the number of
the histogram's bucket, with blanks between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from signalbox.stores.base import Bucket, Phases, Rollup
from signalbox.stores.histogram import OFFSET, PER_E, Histogram, value_of
from signalbox.stores.tally import nearest_rank

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
    **{f"{phase}_sum": f"sum(cast({ms} AS double))" for phase, ms in _PHASES.items()},
    **{f"{phase}_count": f"count({ms})" for phase, ms in _PHASES.items()},
}  # fmt: skip
_SPREAD: Final = f"string_agg(cast({_BUCKET} + {OFFSET + FIRST} AS char), ' ')"

_PERCENTILES: Final = ", ".join(f"approx_percentile({_TIMED}, 0.{share}, 2)" for share in (50, 95, 99))

NAMES_SPREAD: Final = ", ".join([*_COLUMNS, "spread"])
"""Columns of the view, in the order that `rollup_of` takes them."""
COUNTED_SPREAD: Final = ", ".join(f"{sql} AS {name}" for name, sql in [*_COLUMNS.items(), ("spread", _SPREAD)])
"""The same counted from rows. For an hour at most: the text is as long as there are rows, and a server has limits."""
COUNTED: Final = ", ".join([*_COLUMNS.values(), _PERCENTILES])
"""The same with percentiles in place of the spread, in the order that `bucket_of` takes them. Not for a view: each
percentile of each group takes kilobytes of the server's heap at once, and a view without heap is invalid for ever."""


def bucket_of(start: int, row: Sequence[Any]) -> Bucket:
    """The bucket of one row that was counted with percentiles."""
    return Bucket._make((start, *row[:5], row[5] or 0.0, row[6], *row[15:18], _phases(row)))


def hour_of(start: int, row: Sequence[Any]) -> Bucket:
    """The bucket of one row that was counted with its spread."""
    spread, most = sorted((row[15] or "")[::2]), row[6]
    ranks = (nearest_rank(spread, share) for share in (0.50, 0.95, 0.99))
    percentiles = (None if one is None else min(most, value_of(ord(one) - FIRST)) for one in ranks)
    return Bucket._make((start, *row[:5], row[5] or 0.0, most, *percentiles, _phases(row)))


def rollup_of(row: Sequence[Any]) -> Rollup:
    """The roll-up of one row that was counted with its spread."""
    sums, counts = tuple(total or 0.0 for total in row[7:11]), tuple(row[11:15])
    spread = Counter((row[15] or "")[::2])
    histogram = Histogram(counts=((ord(character) - FIRST, count) for character, count in spread.items()))
    return Rollup._make((*row[:5], row[5] or 0.0, row[6], sums, counts, histogram))


def _phases(row: Sequence[Any]) -> Phases:
    return Phases(*(total / n if n else None for total, n in zip(row[7:11], row[11:15], strict=True)))

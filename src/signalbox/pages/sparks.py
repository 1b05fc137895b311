"""How are the answer times of a day drawn, in little? A band from p50 to p95 and a line at p50, hour by hour; nothing
is smoothed, and hours without an answer are gaps. As `web/shared/app/utils/sparks.ts` draws them; `golden/cells.json`
holds both to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from signalbox.pages.document import Spark

_HOUR: Final = 7  # units wide


class Paths(NamedTuple):
    """The band and the line, and the values of the slowest hours in milliseconds: all others kept within them."""

    band: str
    line: str
    p50: int
    p95: int


def paths(spark: Spark) -> Paths | None:
    """None without any answer."""
    half, most = _most(spark.p50), _most(spark.p95)
    top = max(half, most)
    if top < 0:
        return None
    band = line = ""
    for hours in _runs(spark.p50):
        line += f"M{_points(spark.p50, hours, top)}{'h0' if len(hours) == 1 else ''}"
        high = [hour for hour in hours if hour < len(spark.p95) and spark.p95[hour] is not None]
        if len(high) > 1:
            band += f"M{_points(spark.p50, high, top)}L{_points(spark.p95, high[::-1], top)}z"
    return Paths(band, line, half, most)


def _most(values: Sequence[int | None]) -> int:
    return max((value for value in values if value is not None), default=-1)


def _runs(values: Sequence[int | None]) -> Iterator[list[int]]:
    hours: list[int] = []
    for hour, value in enumerate([*values, None]):
        if value is not None:
            hours.append(hour)
        elif hours:
            yield hours
            hours = []


def _points(values: Sequence[int | None], hours: Sequence[int], top: int) -> str:
    """Whole units keep the page small."""
    whole = max(1, top)
    return "L".join([f"{_HOUR * hour} {math.floor(27.5 - 26 * (values[hour] or 0) / whole)}" for hour in hours])

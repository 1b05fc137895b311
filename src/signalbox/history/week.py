"""At which hours of the week is something slow? Pure: hourly buckets in, one figure for each hour of the week out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS
from signalbox.stores.base import Bucket


class HourOfWeek(NamedTuple):
    """What one hour of the week was like in all the weeks looked at. Latencies are milliseconds."""

    weekday: int  # 0: Monday
    hour: int  # by the clocks of the zone
    hours: int  # that something was timed in
    timed: int  # signals
    mean: float
    p95: float  # half of those hours had a 95th percentile of no more; so one bad week alone does not show


def hours_of(buckets: Iterable[Bucket], zone: str) -> list[HourOfWeek]:
    """From Monday's first hour on; hours without latencies are left out.

    Where clocks differ from UTC by half an hour, a bucket counts in the hour in which it begins.
    """
    clocks = ZoneInfo(zone)
    found: dict[tuple[int, int], list[Bucket]] = defaultdict(list)
    for bucket in buckets:
        if bucket.timed:
            local = datetime.fromtimestamp(bucket.start // MICROS, clocks)
            found[local.weekday(), local.hour].append(bucket)
    return [_figure(*when, found[when]) for when in sorted(found)]


def _figure(weekday: int, hour: int, buckets: list[Bucket]) -> HourOfWeek:
    timed = sum(bucket.timed for bucket in buckets)
    mean = sum(bucket.latency_sum for bucket in buckets) / timed
    typical = median(bucket.p95 for bucket in buckets if bucket.p95 is not None)
    return HourOfWeek(weekday, hour, len(buckets), timed, mean, typical)

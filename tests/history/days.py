"""Days of signals for tests: one a minute, each monitor with latencies of its own."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from signalbox.history.zooms import DAY, MINUTE
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict
from tests.stores.samples import signal

TODAY = 20_051
"""2024-11-24, by its number."""
NOON = TODAY * DAY + DAY // 2


def day_of_signals(monitor: str, day: int, every: int = 1, downs: int = 5) -> list[Signal]:
    """A signal each `every` minutes of that day; the first few are down and have no latency that counts."""
    return list(_signals(monitor, day, every, downs))


def _signals(monitor: str, day: int, every: int, downs: int) -> Iterator[Signal]:
    random = Random(f"{monitor} {day}")
    for number in range(0, 1_440, every):
        moment = day * DAY + number * MINUTE
        total = round(random.lognormvariate(4, 0.5), 2)
        if number < downs * every:
            yield signal(
                monitor, moment, verdict=Verdict.DOWN, reason=Reason.TIMEOUT, available=False, http_status=NO_ANSWER,
                dns=None, connect=None, tls=None, ttfb=None, total=10_000.0,
            )  # fmt: skip
        else:
            yield signal(monitor, moment, dns=1.0, connect=2.0, tls=None, ttfb=total - 3, total=total)


def latencies(signals: list[Signal]) -> list[float]:
    """Those that count, ascending."""
    return sorted(one.total for one in signals if one.total is not None and one.available)

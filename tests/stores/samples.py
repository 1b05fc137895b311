"""Signals for tests: all fields set, each its own."""

from __future__ import annotations

from random import Random
from typing import Any

from signalbox.clock import MICROS, now
from signalbox.signals import Reason, Signal, Verdict

MINUTE = 60 * MICROS
HOUR = 60 * MINUTE
START = now() // HOUR * HOUR - 30 * HOUR
"""A full hour more than a day ago: recent enough for the live path of every store."""

HOSTILE = (
    "https://münchen.example/straße?q=日本語&🚦=✓",
    "it's \"quoted\" 'twice' \\ back\\slashed",
    "'); DROP TABLE signals; --",
    '" OR 1=1 --',
    "%s %(x)s :name {table} $1 ?",
    "tab\tnewline\nreturn\rend",
    "a,b=c d",
    "  spaces around  ",
)


def signal(monitor: str = "api", moment: int = START, **changed: Any) -> Signal:
    """A signal that is up, with every phase; `changed` fields differ."""
    made = Signal(
        monitor=monitor, location="local", moment=moment, observed=moment + 87_654,
        url=f"https://{monitor}.example/health", kind="http", verdict=Verdict.UP, reason=Reason.OK, http_status=200,
        available=True, dns=1.25, connect=2.5, tls=10.75, ttfb=20.5, total=35.5, message="fine",
        certificate_expires=moment + 90 * 24 * HOUR,
    )  # fmt: skip
    return made._replace(**changed)


def minutes(monitor: str, count: int, start: int = START) -> list[Signal]:
    """One signal a minute."""
    return [signal(monitor, start + n * MINUTE) for n in range(count)]


def hours_of_signals(monitors: tuple[str, ...] = ("api", "web"), hours: int = 6) -> list[Signal]:
    """Several hours from two locations, every five minutes: all verdicts, phases that are there or not."""
    random = Random(7)
    return [
        signal(
            monitor, START + n * 5 * MINUTE + second, location=location,
            verdict=random.choice([*[Verdict.UP] * 9, *Verdict]),
            total=random.choice([round(random.lognormvariate(4, 1), 2), *[12.5] * 2, None]),
            tls=random.choice([None, 3.25]), ttfb=float(random.randrange(100)),
        )
        for monitor in monitors
        for second, location in enumerate(("local", "fra"))
        for n in range(hours * 12)
    ]  # fmt: skip

"""Monitors, signals and documents to test pages with."""

from __future__ import annotations

from datetime import UTC, datetime

from signalbox import clock
from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS
from signalbox.monitors.service import Monitor, Origin
from signalbox.pages.service import Page
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict

MINUTE = 60 * MICROS
NOW = clock.to_micros(datetime(2026, 11, 24, 3, 0, 30, tzinfo=UTC))
PAGE = Page(slug="main", title="Acme status", timezone="UTC")
_REASONS = {Verdict.UP: Reason.OK, Verdict.DEGRADED: Reason.SLOW, Verdict.DOWN: Reason.CONNECT}


def monitor(
    id: str = "api", *, name: str | None = None, url: str | None = None, group: str | None = None, every: int = 60
) -> Monitor:
    """A monitor whose key is its id."""
    target = url or f"https://{id}.example.com"
    check = HttpCheck(kind="http", url="https://example.com")
    return Monitor(id, id, name or id, group, (), check, target, every, 10.0, 0, Origin.MANIFEST)


def seen(
    of: Monitor,
    moment: int,
    verdict: Verdict = Verdict.UP,
    *,
    status: int | None = None,
    total: float | None = 12.0,
    location: str = "local",
    url: str | None = None,
) -> Signal:
    """What a check of that monitor saw."""
    available = verdict in (Verdict.UP, Verdict.DEGRADED)
    http_status = status if status is not None else 200 if available else NO_ANSWER
    return Signal(
        of.key, location, moment, moment + MICROS, url or of.target, "http", verdict,
        _REASONS.get(verdict, Reason.OFFLINE), http_status, available, 1.0, 2.0, 3.0, 4.0, total, "", None,
    )  # fmt: skip


def every_minute(of: Monitor, verdicts: str, *, last: int = NOW) -> list[Signal]:
    """A signal a minute up to the minute of `last`: `u` up, `g` degraded, `x` down, `?` unknown, `.` none."""
    kinds = {"u": Verdict.UP, "g": Verdict.DEGRADED, "x": Verdict.DOWN, "?": Verdict.UNKNOWN}
    first = last // MINUTE * MINUTE + 7 * MICROS - (len(verdicts) - 1) * MINUTE
    return [seen(of, first + index * MINUTE, kinds[kind]) for index, kind in enumerate(verdicts) if kind != "."]

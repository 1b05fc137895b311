"""What happens to monitors that are due? They are asked, and what was seen is handed on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import structlog

from signalbox import clock, ledger
from signalbox.checks.base import AskedCheck, DerivedCheck, Outcome, ToldCheck
from signalbox.checks.evidence import Evidence
from signalbox.checks.probe import Probe
from signalbox.monitors.judge import graded
from signalbox.monitors.service import Monitor
from signalbox.pipeline.places import Places
from signalbox.signals import Reason, Signal, Verdict

log = structlog.get_logger(__name__)


class Deliver(Protocol):
    """Takes a signal, the batch it was asked for in (None where it was asked out of turn), and what shows why."""

    def __call__(self, batch: ledger.Name | None, signal: Signal, evidence: Evidence | None = None) -> None: ...


SignalName = tuple[str, str, int]
"""What names a signal: monitor, location, moment."""


class Gate(Protocol):
    """What failures pass before they are delivered: it knows whether our own network works."""

    def doubts(self, monitor: Monitor, outcome: Outcome) -> bool:
        """Take note of an outcome. May it be our own network's fault?"""

    async def believe(self, outcome: Outcome, started: float) -> Outcome:
        """The outcome of a check that began at `started` (monotonic clock), or unknown if it was our network's."""


@dataclass(slots=True)
class Slice:
    """Signals that are settled together, and beside each the batch it was asked for in, if it was in turn."""

    signals: list[Signal] = field(default_factory=list)
    batches: list[ledger.Name | None] = field(default_factory=list)
    evidence: dict[SignalName, Evidence] = field(default_factory=dict)  # only of what is not up

    def answered(self) -> Counter[ledger.Name]:
        """How many answers each batch got with this slice."""
        return Counter(name for name in self.batches if name is not None)


class Means(NamedTuple):
    """What monitors are asked with, and where the signals go."""

    probe: Probe
    places: Places
    gate: Gate
    deliver: Deliver


async def ask(batch: ledger.Name, monitors: Sequence[Monitor], means: Means) -> None:
    """Ask every monitor at once; deliver each signal as it comes, so that one hanging target holds up nothing.

    Returns when all have ended. When cancelled, the checks in flight are dropped and deliver nothing.
    """
    start = asyncio.get_running_loop().create_task
    tasks = [start(_ask_one(batch, monitor, means)) for monitor in monitors]
    try:
        ended = await asyncio.gather(*tasks, return_exceptions=True)  # a bug in one must not end the others
    finally:
        for task in tasks:
            task.cancel()
    bugs = [error for error in ended if isinstance(error, Exception)]
    if bugs:
        raise bugs[0]


async def _ask_one(batch: ledger.Name, monitor: Monitor, means: Means) -> None:
    started = time.monotonic()
    outcome = await means.places.answer(monitor, lambda: answer(monitor, means.probe))
    outcome = await _believed(monitor, outcome, started, means.gate)
    means.deliver(batch, seen(monitor, batch.location, batch.moment, outcome), outcome.evidence)


async def ask_again(monitor: Monitor, location: str, means: Means) -> None:
    """Ask one monitor out of turn and afresh. The signal is named by its own start, which is never a whole second, so
    that it cannot overwrite the one that caused it. There is none where a slot has the same answer."""
    moment = clock.now()
    moment += moment % clock.MICROS == 0
    started = time.monotonic()
    outcome = await means.places.answer_again(monitor, lambda: answer(monitor, means.probe, fresh=True))
    if outcome is None:
        return
    outcome = await _believed(monitor, outcome, started, means.gate)
    means.deliver(None, seen(monitor, location, moment, outcome), outcome.evidence)


async def _believed(monitor: Monitor, outcome: Outcome, started: float, gate: Gate) -> Outcome:
    return await gate.believe(outcome, started) if gate.doubts(monitor, outcome) else outcome


async def answer(monitor: Monitor, probe: Probe, *, fresh: bool = False) -> Outcome:
    """The outcome of one check. An exception is a bug of ours: it says nothing about the target, and is logged."""
    try:
        return await _answer(monitor, probe, fresh)
    except Exception as error:
        log.exception("check.bug", monitor=monitor.id, kind=monitor.check.kind)
        words = f"a bug in our own check, please report it: {type(error).__name__}"
        return Outcome(Verdict.UNKNOWN, Reason.INTERNAL, words)


async def _answer(monitor: Monitor, probe: Probe, fresh: bool) -> Outcome:
    """What a check of its sort says."""
    match monitor.check:
        case AskedCheck() as check:
            return await check.ask(probe, monitor.timeout, fresh=fresh)
        case ToldCheck() as check if probe.known is not None:
            return check.answer(await probe.known.told(monitor.key), monitor.created_at, clock.now())
        case DerivedCheck() as check if probe.known is not None:
            return check.answer(await probe.known.members(check.follows))
    raise TypeError(f"{monitor.check.kind} cannot be answered here")


def seen(monitor: Monitor, location: str, moment: int, outcome: Outcome) -> Signal:
    """The signal that an outcome makes of a moment; degraded where the monitor is judged by more than an answer."""
    verdict, reason, message = outcome.verdict, outcome.reason, outcome.message
    worse = graded(
        verdict, outcome.total, outcome.certificate_expires, moment, slow=monitor.slow, certificate=monitor.certificate
    )
    if worse is not None:
        verdict, (reason, message) = Verdict.DEGRADED, worse
    return Signal(
        monitor.key, location, moment, clock.now(), monitor.target, monitor.check.kind,
        verdict, reason, outcome.http_status, outcome.available,
        outcome.dns, outcome.connect, outcome.tls, outcome.ttfb, outcome.total,
        message, outcome.certificate_expires,
    )  # fmt: skip

"""How does a process work off batches? All at once, bounded, and never late.

Lives on one event loop. What cannot be asked in time is not asked at all: its ledger row stays open, and shows as
unknown.
"""

from __future__ import annotations

import asyncio

import structlog

from signalbox import clock, ledger
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.pipeline import Means, Recheck, ask, ask_again
from signalbox.pipeline.places import LATEST
from signalbox.runner.due import Batch
from signalbox.runner.meter import Meter

log = structlog.get_logger(__name__)


class Asker:
    """Works off batches on the running event loop."""

    def __init__(self, roster: Roster, means: Means, meter: Meter, most: int) -> None:
        """At most `most` checks are in flight; what comes beyond is refused."""
        self._roster, self._means, self._meter, self._most = roster, means, meter, most
        self._running: set[asyncio.Task[None]] = set()
        self._again: set[tuple[str, str]] = set()  # monitors and locations whose recheck is to come
        self._in_flight = 0

    def accept(self, batch: Batch) -> None:
        """Start a batch and return at once."""
        task = asyncio.get_running_loop().create_task(self._work_off(batch))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _work_off(self, batch: Batch) -> None:
        monitors = self._in_time(batch, await self._roster.monitors(batch.monitors, batch.revision))
        if self._in_flight + len(monitors) > self._most:
            log.error("batch.refused", checks=len(monitors), in_flight=self._in_flight, most=self._most)
            self._meter.refused += len(monitors)
            return
        self._meter.started(len(monitors), clock.now() - batch.moment)
        name = ledger.Name(batch.location, batch.moment, batch.part)
        self._in_flight += len(monitors)
        try:
            await ask(name, monitors, self._means)
        except Exception:
            log.exception("batch.bug", moment=clock.iso(batch.moment))
        finally:
            self._in_flight -= len(monitors)

    def recheck(self, wanted: Recheck) -> None:
        """Ask one monitor again after its delay. One that is to be asked again already is not asked twice."""
        place = (wanted.monitor, wanted.location)
        if place not in self._again:
            self._again.add(place)
            asyncio.get_running_loop().call_later(wanted.delay, self._start_again, wanted)

    def _start_again(self, wanted: Recheck) -> None:
        self._again.discard((wanted.monitor, wanted.location))
        monitor = self._roster.by_key.get(wanted.monitor)
        if monitor is None or monitor.paused or self._in_flight >= self._most:
            return  # its next slot will tell
        task = asyncio.get_running_loop().create_task(self._ask_again(monitor, wanted.location))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _ask_again(self, monitor: Monitor, location: str) -> None:
        self._in_flight += 1
        try:
            await ask_again(monitor, location, self._means)
        finally:
            self._in_flight -= 1

    def _in_time(self, batch: Batch, monitors: list[Monitor]) -> list[Monitor]:
        late = (clock.now() - batch.moment) / clock.MICROS
        timely = [monitor for monitor in monitors if late <= min(max(monitor.every, 2.0), LATEST)]
        if len(timely) < len(monitors):
            log.warning("checks.late", dropped=len(monitors) - len(timely), late_s=round(late, 1))
            self._meter.refused += len(monitors) - len(timely)
        return timely

    async def drain(self, patience: float) -> None:
        """Wait up to `patience` seconds for the checks in flight, then drop them."""
        running = list(self._running)
        if running:
            await asyncio.wait(running, timeout=patience)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

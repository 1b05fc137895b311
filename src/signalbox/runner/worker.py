"""What does a process that asks stand on? An event loop on a thread of its own, what hangs from it, and the courier
that sends what there is to tell.

`accept` may be called from any thread and returns at once. Celery's tasks and the embedded ticker call the same one.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Sequence

import structlog
import uvloop

from signalbox.checks.curl.polling import in_flight_limit
from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.installation import Installation
from signalbox.monitors.knowledge import Knowledge
from signalbox.monitors.roster import Roster
from signalbox.notifications import outbox
from signalbox.notifications.sending import Sender
from signalbox.pipeline import Means, Places, Recheck
from signalbox.runner.asker import Asker
from signalbox.runner.courier import Courier, Post
from signalbox.runner.due import Batch
from signalbox.runner.hearing import Hearing
from signalbox.runner.meter import Meter
from signalbox.runner.network import Network
from signalbox.runner.settler import Listener, Settler

log = structlog.get_logger(__name__)

PATIENCE = 5.0
"""Seconds that a shutdown takes at the most."""

DRAIN = 2.0
"""Seconds of them in which checks in flight may finish; those that do not are dropped."""


class Worker:
    """Works off batches with the stores and monitors of an installation."""

    def __init__(self, installation: Installation, roster: Roster, listeners: Sequence[Listener] = ()) -> None:
        self.meter = Meter()
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asker", daemon=True)
        settings = installation.settings
        guard = Guard.from_setting(settings.guard)
        self._hearing = Hearing(installation.database, roster, settings.location)
        known = Knowledge(installation.database, self._hearing.told)
        self._probe = Probe(guard, settings.ca_file, known=known)
        self._network = Network(installation.database, settings.location, guard, outbox.announce)
        heard = [self.meter.landed, self._hearing.kept, *listeners]
        self._settler = Settler(installation.store, installation.database, roster, self._again, heard)
        self._sender = Sender(settings)
        post = Post(installation.database, self._sender.send)
        self._courier = Courier(installation.database, post.send, post.rates)
        means = Means(self._probe, Places(settings.most_a_host), self._network, self._settler.deliver)
        most = min(in_flight_limit(), settings.most_checks or sys.maxsize)
        self._asker = Asker(roster, means, self.meter, most)

    def start(self) -> None:
        """Start the threads; from now on batches are accepted."""
        rarer_collections()
        self._settler.start()
        self._probe.open()
        self._thread.start()
        self._loop.call_soon_threadsafe(self._network.open)
        self._hearing.start(self._settler.deliver)
        self._sender.open()
        self._courier.start()

    def accept(self, batch: Batch) -> None:
        """Work off a batch, soon. Never waits."""
        self._loop.call_soon_threadsafe(self._asker.accept, batch)

    def _again(self, wanted: Recheck) -> None:
        self._loop.call_soon_threadsafe(self._asker.recheck, wanted)

    def close(self) -> None:
        """Finish or drop the checks in flight, settle what they saw, and end within about five seconds."""
        deadline = time.monotonic() + PATIENCE
        try:
            asyncio.run_coroutine_threadsafe(self._drain(), self._loop).result(PATIENCE)
        except TimeoutError:
            log.error("worker.undrained", why="checks did not end in time; they were dropped")
        self._probe.close()
        self._hearing.close()
        self._settler.close(max(1.0, deadline - time.monotonic()))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(1.0)
        self._courier.close(max(1.0, deadline - time.monotonic()))
        self._sender.close()

    async def _drain(self) -> None:
        await self._asker.drain(DRAIN)
        await self._network.close()


def rarer_collections() -> None:
    """Let Python look for reference cycles less often, and not among what lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

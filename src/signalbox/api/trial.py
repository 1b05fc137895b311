"""How does the API ask a target itself? For somebody who tries a check before it is kept: few at once, in this
process, under the same guard as all checks."""

from __future__ import annotations

import asyncio
import threading
from math import ceil

from fastapi import HTTPException

from signalbox import clock
from signalbox.api.buckets import Buckets
from signalbox.checks.base import AskedCheck, Outcome
from signalbox.checks.probe import Probe
from signalbox.checks.report import tried
from signalbox.guard import Guard
from signalbox.settings import Settings

AT_ONCE = 8  # checks under way in this process
SIZE, LEAK = 20, 3.0  # checks that one token may try at once, and seconds until it may one more


class Trial:
    """Tries checks. Its probe is opened by the first one: most processes never need it."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._lock = settings, threading.Lock()
        self._probe: Probe | None = None
        self._places = asyncio.Semaphore(AT_ONCE)
        self._buckets = Buckets(SIZE, LEAK)

    async def run(self, check: AskedCheck, timeout: float, by: str) -> Outcome:  # noqa: ASYNC109
        """Ask once. Who asks too often gets a 429, who comes while too many ask waits."""
        now = clock.now()
        wait = self._buckets.wait(by, now)
        if wait:
            seconds = ceil(wait)
            text = f"This token has tried too many checks: try again in {seconds} s."
            raise HTTPException(429, text, {"Retry-After": str(seconds)})
        self._buckets.use(by, now)
        async with self._places:
            return await tried(check, self._opened(), timeout)

    def _opened(self) -> Probe:
        with self._lock:
            if self._probe is None:
                self._probe = Probe(Guard.from_setting(self._settings.guard), self._settings.ca_file)
                self._probe.open()
            return self._probe

    def close(self) -> None:
        """Cancel what is under way."""
        with self._lock:
            if self._probe is not None:
                self._probe.close()

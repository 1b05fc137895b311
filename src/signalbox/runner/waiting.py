"""How does an answer wait until it is known what was told up to its moment? On any event loop, and not for long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress

PATIENCE = 3.0  # seconds


class Waiting:
    """Who waits, and until what moment is known. `release` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    async def until(self, moment: int) -> None:
        """Return when all up to that moment is known, or when it takes too long."""
        waited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append((moment, waited))
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await waited

    def release(self, moment: int) -> None:
        """All up to that moment is known."""
        with self._lock:
            ready = [future for wanted, future in self._waiting if wanted <= moment]
            self._waiting = [one for one in self._waiting if one[0] > moment and not one[1].done()]
        for loop in {future.get_loop() for future in ready}:
            with suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(_go_on, [one for one in ready if one.get_loop() is loop])


def _go_on(ready: Iterable[asyncio.Future[None]]) -> None:
    for future in ready:
        if not future.done():
            future.set_result(None)

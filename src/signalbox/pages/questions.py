"""How long does a view wait for the signal store? Three seconds; and while a question hangs, nobody asks another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from signalbox.errors import Unavailable
from signalbox.pages.lane import Lane
from signalbox.signals import Signal
from signalbox.stores.base import Bucket, Readable, Rollup

PATIENCE = 3.0  # seconds

T = TypeVar("T")


class Questions:
    """Asks a store for readers. If it hangs, that holds one thread here and no reader: they get `Unavailable`."""

    def __init__(self, store: Readable, patience: float = PATIENCE) -> None:
        self._store, self._patience = store, patience
        self._lane = Lane("questions")
        self._lock = threading.Lock()
        self._hanging: Future[Any] | None = None

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """See `Readable.latest`."""
        return self._ask(lambda: self._store.latest(monitors, limit))

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """See `Readable.raw`."""
        return self._ask(lambda: self._store.raw(monitor, start, end))

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Readable.buckets`."""
        return self._ask(lambda: self._store.buckets(monitors, start, end, step))

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """See `Readable.rollups`."""
        return self._ask(lambda: self._store.rollups(start, end))

    def _ask(self, question: Callable[[], T]) -> T:
        with self._lock:
            if self._hanging is not None and not self._hanging.done():
                raise Unavailable("the signal store has not answered an earlier question yet")
            asked = self._lane.submit(question)
        try:
            return asked.result(self._patience)
        except TimeoutError:
            with self._lock:
                self._hanging = asked
            raise Unavailable(f"the signal store did not answer within {self._patience:g} s") from None

    def close(self) -> None:
        """Ask no more; returns when the last answer is there, or after 2 s."""
        self._lane.close()

"""Where is something done that may hang? One after the other in a thread that ends with the process, done or not.

The pools of `concurrent.futures` would keep a process from ending for as long as a frozen database keeps one of their
threads.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

ENDING = 2.0  # seconds that a stop waits for what is being done

T = TypeVar("T")


class Lane:
    """Does what it is given, in order. The thread begins with the first of it."""

    def __init__(self, name: str) -> None:
        self._given: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._closed = False

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """What will become the call's result. Raises RuntimeError once the lane is closed."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self._thread.name} is closed")
            if self._thread.ident is None:
                self._thread.start()
            self._given.put((future, call))
        return future

    def _run(self) -> None:
        while (given := self._given.get()) is not None:
            future, call = given
            if self._closed:
                future.cancel()
            elif future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as error:
                    future.set_exception(error)
            del given, future, call  # nothing is kept alive by a thread that waits

    def close(self) -> None:
        """Cancel what was not begun; returns when the thread has ended, or after 2 s if it hangs."""
        with self._lock:
            self._closed = True
            self._given.put(None)
        if self._thread.is_alive():
            self._thread.join(ENDING)

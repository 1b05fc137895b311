"""Where is something done that may hang? One after the other in a thread that ends with the process, done or not.
Whoever brings work takes turns with the others who do.

The pools of `concurrent.futures` would keep a process from ending for as long as a frozen database keeps one of their
threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from signalbox.pages.turns import Turns

ENDING = 2.0  # seconds that a stop waits for what is being done

T = TypeVar("T")


class Lane:
    """Does what it is given, in the order of turns. The thread begins with the first of it."""

    def __init__(self, name: str) -> None:
        self._given: Turns[tuple[Future[Any], Callable[[], Any]]] = Turns()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._closed = False

    def submit(self, call: Callable[[], T], by: Hashable = None) -> Future[T]:
        """What will become the call's result. `by`: whose turn it takes. RuntimeError once the lane is closed."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self._thread.name} is closed")
            if self._thread.ident is None:
                self._thread.start()
            self._given.put(by, (future, call))
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
            self._given.close()
        if self._thread.is_alive():
            self._thread.join(ENDING)

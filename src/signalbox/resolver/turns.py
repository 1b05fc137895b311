"""What does the resolver's thread do next? Packets that came, calls from other threads, then what is due.

Its clock counts only time in which the thread could have acted. When the process gets no CPU, is stopped, or the
machine sleeps, the clock all but stands still, so that nobody is blamed for an answer that we did not fetch.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import count

_LOOK = 0.1  # seconds a turn waits at most while something is to come
_LATE = 0.05  # seconds a turn may take longer than it wanted to wait, and still counts in full
_IDLE = 60.0


class Turns:
    """Timers, sockets and calls of one thread. `call` and `stop` are for the others."""

    def __init__(self) -> None:
        self.now = 0.0  # seconds on our own clock
        self._last = time.monotonic()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._calls: deque[Callable[[], None]] = deque()
        self._selector = selectors.DefaultSelector()
        self._read, self._write = os.pipe()
        self._woken = self._closed = self.stopping = False
        self._pipe_in_use = threading.Lock()
        self._selector.register(self._read, selectors.EVENT_READ, self._wake_up)

    def call(self, function: Callable[[], None]) -> bool:
        """Have the thread call it soon. From any thread. False when there is no thread any more."""
        self._calls.append(function)
        self._wake()
        return not self._closed

    def stop(self) -> None:
        """Tell the thread that this turn is its last. From any thread."""
        self.stopping = True
        self._wake()

    def at(self, due: float, function: Callable[[], None]) -> None:
        """Have it called when our clock shows `due`."""
        heapq.heappush(self._timers, (due, next(self._numbers), function))

    def watch(self, place: socket.socket, receive: Callable[[], None]) -> None:
        """Have `receive` called when there is something to receive; it has to receive all of it."""
        self._selector.register(place, selectors.EVENT_READ, receive)

    def unwatch(self, place: socket.socket) -> None:
        """The opposite; before the socket is closed."""
        self._selector.unregister(place)

    def turn(self) -> None:
        """Wait for something, and do all there is to do. What has come is seen before anything is too late."""
        wait = min(max(self._timers[0][0] - self.now, 0.0), _LOOK) if self._timers else _IDLE
        ready = self._selector.select(wait)
        now = time.monotonic()
        self.now += min(now - self._last, wait + _LATE)
        self._last = now
        for key, _ in ready:
            key.data()
        while self._timers and self._timers[0][0] <= self.now:
            heapq.heappop(self._timers)[2]()

    def run_calls(self) -> None:
        """Call what other threads wanted to have called until now."""
        for _ in range(len(self._calls)):
            self._calls.popleft()()

    def close(self) -> None:
        """Let go of the kernel's things. Calls that `call` took are to be run once more, later ones are not taken."""
        with self._pipe_in_use:
            self._closed = True
            self._selector.close()
            os.close(self._read)
            os.close(self._write)

    def _wake(self) -> None:
        # The thread clears the flag before it empties the queue, so what is appended before this line is seen.
        if not self._woken:
            with self._pipe_in_use:
                self._woken = True
                if not self._closed:
                    os.write(self._write, b"\0")

    def _wake_up(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._read, 4096)
        self._woken = False
        self.run_calls()

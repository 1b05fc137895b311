"""Whose turn is it? Everybody who waits takes one turn after the other, however much one of them has brought."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue of queues. What the same one brought comes in its order; safe from any thread."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Hashable, deque[T]] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, by: Hashable, one: T) -> None:
        """Let it wait behind what they brought before."""
        with self._changed:
            self._waiting.setdefault(by, deque()).append(one)
            self._changed.notify()

    def get(self) -> T | None:
        """The next one, waiting for it; None when it is closed and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if not self._waiting:
                return None
            by, theirs = self._waiting.popitem(last=False)
            one = theirs.popleft()
            if theirs:
                self._waiting[by] = theirs  # behind all others
            return one

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

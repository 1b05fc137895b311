"""Which of libcurl's sockets are ready, and is its timer due?"""

from __future__ import annotations

import resource
import select
import selectors
import time
from collections.abc import Callable
from typing import Protocol

_IN, _OUT, _ERR = 1, 4, 8 | 16  # EPOLL* and POLL* agree on these
_CURL_IN, _CURL_OUT, _CURL_ERR = 1, 2, 4  # CURL_CSELECT_*
_MASKS = {1: _IN, 2: _OUT, 3: _IN | _OUT}  # CURL_POLL_IN, _OUT, _INOUT
_REMOVE = 4  # CURL_POLL_REMOVE
_FIRED = -1  # CURL_SOCKET_TIMEOUT

_BITS = [
    (_CURL_IN if mask & _IN else 0) | (_CURL_OUT if mask & _OUT else 0) | (_CURL_ERR if mask & _ERR else 0)
    for mask in range(32)
]


class Multi(Protocol):
    """The one method of a multi handle that is called from here."""

    def socket_action(self, descriptor: int, events: int, /) -> object:
        """Let libcurl work on one socket, or on its timer."""


class Poller:
    """Readiness of libcurl's sockets, behind one descriptor that an event loop can watch."""

    def __init__(self, sooner: Callable[[float], None]) -> None:
        """`sooner` is told whenever libcurl wants its timer at a time (time.monotonic()) before `due`."""
        self._epoll, self._sooner = select.epoll() if hasattr(select, "epoll") else Selecting(), sooner
        self._watched: dict[int, int] = {}
        self.due = float("inf")

    def fileno(self) -> int:
        """The descriptor that is readable when a socket is ready."""
        return self._epoll.fileno()

    def watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        """libcurl's M_SOCKETFUNCTION: from now on it waits for that on this socket."""
        if what == _REMOVE:
            if self._watched.pop(descriptor, None) is not None:
                self._epoll.unregister(descriptor)
            return
        mask = _MASKS[what]
        known = self._watched.get(descriptor)
        if known is None:
            self._epoll.register(descriptor, mask)
        elif known != mask:
            self._epoll.modify(descriptor, mask)
        self._watched[descriptor] = mask

    def set_timer(self, milliseconds: int) -> None:
        """libcurl's M_TIMERFUNCTION: it wants to be called after so long; −1: not at all."""
        before, self.due = self.due, float("inf") if milliseconds < 0 else time.monotonic() + milliseconds / 1000
        if self.due < before:
            self._sooner(self.due)

    def turn(self, multi: Multi) -> None:
        """Let `multi` work on what is ready and on its timer, without waiting."""
        for descriptor, mask in self._epoll.poll(0, 512):
            if descriptor in self._watched:  # an earlier one of this round may have closed it
                multi.socket_action(descriptor, _BITS[mask & 31])
        if self.due <= time.monotonic():
            self.due = float("inf")
            multi.socket_action(_FIRED, 0)

    def close(self) -> None:
        """Let go of the kernel's queue."""
        self._epoll.close()


class Selecting:
    """`epoll`'s methods on what this system has instead (`kqueue` on macOS and BSD)."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def fileno(self) -> int:
        """The selector's own descriptor; systems whose selector has none cannot run checks."""
        return int(self._selector.fileno())

    def register(self, descriptor: int, mask: int) -> None:
        """Watch a socket."""
        self._selector.register(descriptor, _events(mask))

    def modify(self, descriptor: int, mask: int) -> None:
        """Watch it for something else."""
        self._selector.modify(descriptor, _events(mask))

    def unregister(self, descriptor: int) -> None:
        """Watch it no more."""
        self._selector.unregister(descriptor)

    def poll(self, timeout: float, _most: int) -> list[tuple[int, int]]:
        """What is ready, with `epoll`'s masks."""
        return [
            (key.fd, (_IN if events & selectors.EVENT_READ else 0) | (_OUT if events & selectors.EVENT_WRITE else 0))
            for key, events in self._selector.select(timeout)
        ]

    def close(self) -> None:
        """Let go of it."""
        self._selector.close()


def _events(mask: int) -> int:
    return (selectors.EVENT_READ if mask & _IN else 0) | (selectors.EVENT_WRITE if mask & _OUT else 0)


def in_flight_limit() -> int:
    """How many requests may be under way: each may hold two sockets, and the rest of the process needs some.

    Raises the soft limit on descriptors to the hard one (at most 65 536) first.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = 65_536 if hard == unlimited else min(hard, 65_536)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return max(64, ((65_536 if soft == unlimited else soft) - 256) // 2)

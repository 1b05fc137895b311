"""Which of libcurl's sockets are ready, and is its timer due? `epoll` on Linux, `poll` elsewhere."""

from __future__ import annotations

import os
import resource
import select
import time
from collections.abc import Callable
from typing import Protocol

_IN, _OUT, _ERR = 1, 4, 8 | 16  # EPOLL* and POLL* agree on these
_CURL_IN, _CURL_OUT, _CURL_ERR = 1, 2, 4  # CURL_CSELECT_*
_MASKS = {1: _IN, 2: _OUT, 3: _IN | _OUT}  # CURL_POLL_IN, _OUT, _INOUT
_REMOVE = 4  # CURL_POLL_REMOVE
_FIRED = -1  # CURL_SOCKET_TIMEOUT
_LONGEST = 60.0  # seconds between looks when nothing happens

_BITS = [
    (_CURL_IN if mask & _IN else 0) | (_CURL_OUT if mask & _OUT else 0) | (_CURL_ERR if mask & _ERR else 0)
    for mask in range(32)
]


class Multi(Protocol):
    """The one method of a multi handle that is called from here."""

    def socket_action(self, descriptor: int, events: int, /) -> object:
        """Let libcurl work on one socket, or on its timer."""


class Poller:
    """Readiness of libcurl's sockets plus one descriptor that other threads wake us by."""

    def __init__(self, wake: int) -> None:
        self._wake, self._timer = wake, float("inf")
        self._watched: dict[int, int] = {}
        self._wait, self._polling = _polling()
        self._polling.register(wake, _IN)

    def watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        """libcurl's M_SOCKETFUNCTION: from now on it waits for that on this socket."""
        if what == _REMOVE:
            if self._watched.pop(descriptor, None) is not None:
                self._polling.unregister(descriptor)
            return
        mask = _MASKS[what]
        known = self._watched.get(descriptor)
        if known is None:
            self._polling.register(descriptor, mask)
        elif known != mask:
            self._polling.modify(descriptor, mask)
        self._watched[descriptor] = mask

    def set_timer(self, milliseconds: int) -> None:
        """libcurl's M_TIMERFUNCTION: it wants to be called after so long; −1: not at all."""
        self._timer = float("inf") if milliseconds < 0 else time.monotonic() + milliseconds / 1000

    def turn(self, multi: Multi, until: float) -> bool:
        """Wait once, until `until` (time.monotonic()) at most, and let `multi` work. Was it a wake-up?"""
        woken = False
        left = min(self._timer, until) - time.monotonic()
        for descriptor, mask in self._wait(min(max(left, 0.0), _LONGEST)):
            if descriptor == self._wake:
                os.read(descriptor, 4096)
                woken = True
            elif descriptor in self._watched:  # an earlier one of this round may have closed it
                multi.socket_action(descriptor, _BITS[mask & 31])
        if self._timer <= time.monotonic():
            self._timer = float("inf")
            multi.socket_action(_FIRED, 0)
        return woken

    def close(self) -> None:
        """Let go of the kernel's queue."""
        if hasattr(self._polling, "close"):
            self._polling.close()


class _Polling(Protocol):
    def register(self, descriptor: int, mask: int, /) -> object: ...
    def modify(self, descriptor: int, mask: int, /) -> object: ...
    def unregister(self, descriptor: int, /) -> object: ...


def _polling() -> tuple[Callable[[float], list[tuple[int, int]]], _Polling]:
    if hasattr(select, "epoll"):
        epoll = select.epoll()
        return lambda seconds: epoll.poll(seconds, 512), epoll
    poll = select.poll()
    return lambda seconds: poll.poll(seconds * 1000), poll


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

"""How does a window learn from the store? Once of the past of each monitor; and in a process that checks nothing
itself, of new signals, by following the store."""

from __future__ import annotations

import threading
import time

import structlog

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.errors import SignalboxError
from signalbox.pages.track import AHEAD, HOUR, MINUTE
from signalbox.pages.window import Window
from signalbox.stores.base import Store

log = structlog.get_logger(__name__)

LOOKS = ((300.0, HOUR), (30.0, 5 * MINUTE), (0.0, 20 * MICROS))
"""Every so many seconds, so far back. A signal is named by its slot and lands when its check ended, mostly within
seconds; slow checks, and what a journal held back while the store was away, come later: hence the longer looks."""

ENDING = 2.0
"""Seconds that a stop waits for a thread whose store hangs."""

_LONGEST_WAIT = 30.0


class Follower:
    """A thread that reads new signals from a store into a window, about every `every` seconds.

    While the store is away the window keeps what it has (and grows stale by itself), `away` says why, and attempts
    become rarer. Reading takes at most about a tenth of the time.
    """

    def __init__(self, store: Store, window: Window, every: float = 2.0) -> None:
        self._store, self._window, self._every = store, window, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._looked = [float("-inf")] * len(LOOKS)
        self.away: str | None = None
        """Why the store could not be read the last time; None when it could."""

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Stop following; returns when the thread has ended, or after 2 s if its store hangs."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(ENDING)

    def _run(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            start = time.monotonic()
            back = self.look()
            took = time.monotonic() - start
            wait = max(self._every, 9 * took) if back else min(_LONGEST_WAIT, max(self._every, 2 * wait))

    def look(self) -> bool:
        """Read once, as far back as is due. False when the store is away."""
        moment = time.monotonic()
        due = next(index for index, (every, _) in enumerate(LOOKS) if moment - self._looked[index] >= every)
        now = clock.now()
        try:
            self._window.catch_up(self._store, now - LOOKS[due][1], now + AHEAD)
        except SignalboxError as error:
            self._lost(str(error))
            return False
        except Exception as error:
            log.exception("follower.bug")
            self._lost(type(error).__name__)
            return False
        self._looked[due:] = [moment] * (len(LOOKS) - due)  # a longer look sees what the shorter ones would
        if self.away is not None:
            log.info("follower.back")
            self.away = None
        return True

    def _lost(self, why: str) -> None:
        if self.away is None:
            log.warning("follower.away", error=why, still="the page keeps what is known, and says how old it is")
        self.away = why
        self._looked = [float("-inf")] * len(LOOKS)  # when it is back, look as far as possible


class Filling:
    """A thread that asks the store for the past of monitors that are new to a window: at the start, which need not
    wait for it, and after a reload. Tries again while the store is away."""

    def __init__(self, store: Store, window: Window, every: float = 1.0) -> None:
        self._store, self._window, self._every = store, window, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="filling", daemon=True)

    def start(self) -> None:
        """Begin to fill."""
        self._thread.start()

    def close(self) -> None:
        """Stop; returns when the thread has ended, or after 2 s if its store hangs."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(ENDING)

    def _run(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            wait = self._every
            if self._window.has_unfilled:
                try:
                    self._window.fill(self._store)
                except SignalboxError as error:
                    log.warning("filling.away", error=str(error))
                    wait = _LONGEST_WAIT / 3
                except Exception:
                    log.exception("filling.bug")
                    wait = _LONGEST_WAIT

"""How does a window learn from the store? Once of the past of each monitor; and in a process that checks nothing
itself, of new signals, by following the store."""

from __future__ import annotations

import time

import structlog

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.errors import SignalboxError
from signalbox.pages.track import AHEAD, HOUR, MINUTE
from signalbox.pages.window import Window
from signalbox.rounds import Rounds
from signalbox.stores.base import Store

log = structlog.get_logger(__name__)

LOOKS = ((300.0, HOUR), (30.0, 5 * MINUTE), (0.0, 20 * MICROS))
"""Every so many seconds, so far back. A signal is named by its slot and lands when its check ended, mostly within
seconds; slow checks, and what a journal held back while the store was away, come later: hence the longer looks."""

_LONGEST_WAIT = 30.0


class Follower:
    """A thread that reads new signals from a store into a window, about every `every` seconds.

    While the store is away the window keeps what it has (and grows stale by itself), `away` says why, and attempts
    become rarer. Reading takes at most about a tenth of the time.
    """

    def __init__(self, store: Store, window: Window, every: float = 2.0) -> None:
        self._store, self._window, self._every, self._wait = store, window, every, 0.0
        self._rounds = Rounds("follower", self._follow, every, first=0.0)
        self._looked = [float("-inf")] * len(LOOKS)
        self.away: str | None = None
        """Why the store could not be read the last time; None when it could."""

    def start(self) -> None:
        """Begin to follow."""
        self._rounds.start()

    def close(self) -> None:
        """Stop following; returns when the thread has ended, or after 2 s if its store hangs."""
        self._rounds.close()

    def _follow(self) -> float:
        begun = time.monotonic()
        if self.look():
            self._wait = max(self._every, 9 * (time.monotonic() - begun))
        else:
            self._wait = min(_LONGEST_WAIT, max(self._every, 2 * self._wait))
        return self._wait

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
        self._store, self._window = store, window
        self._rounds = Rounds("filling", self._fill, every, first=0.0, again=_LONGEST_WAIT / 3, trouble=_away)

    def start(self) -> None:
        """Begin to fill."""
        self._rounds.start()

    def close(self) -> None:
        """Stop; returns when the thread has ended, or after 2 s if its store hangs."""
        self._rounds.close()

    def _fill(self) -> None:
        if self._window.has_unfilled:
            self._window.fill(self._store)


def _away(error: SignalboxError) -> None:
    log.warning("filling.away", error=str(error))

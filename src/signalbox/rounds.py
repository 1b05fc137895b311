"""How is something done again and again beside everything else? In rounds, on a thread of its own until it is closed.

What goes wrong in one round is logged, and the next one comes all the same. The thread is a daemon: one that hangs does
not keep the process from ending.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from signalbox.errors import SignalboxError

log = structlog.get_logger(__name__)

ENDING = 2.0  # seconds that a stop waits as a rule, for a round whose database or store hangs

Round = Callable[[], float | None]
"""Does it once. Returns the seconds until the next round; None: as many as there are as a rule."""


class Rounds:
    """Calls `once` every `every` seconds."""

    def __init__(
        self,
        name: str,
        once: Round,
        every: float,
        *,
        first: float | None = None,
        again: float | None = None,
        rest: float = 0.0,
        trouble: Callable[[SignalboxError], object] | None = None,
    ) -> None:
        """`first`: seconds from the start to the first round, and `again`: those after one that failed, if not `every`.
        `rest`: how many times as long as a round took the pause lasts at the least. `trouble` is told of errors that
        may pass, and by default logs `<name>.waits`; what else a round raises is a bug, logged as `<name>.bug`."""
        self._name, self._once, self._every = name, once, every
        self._first, self._again = (every if one is None else one for one in (first, again))
        self._rest, self._trouble = rest, trouble or self._say
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def close(self, patience: float = ENDING) -> bool:
        """Begin no other round, and wait so many seconds for the one under way. False if it goes on even then."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join(patience)
        return not self._thread.is_alive()

    @property
    def is_going(self) -> bool:
        """Was it started, and has it not ended?"""
        return self._thread.is_alive()

    @property
    def is_closed(self) -> bool:
        """Is it to end? A round that is long may look now and then."""
        return self._closed.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait within a round. True, and at once, when it is to end."""
        return self._closed.wait(seconds)

    def go(self) -> float:
        """One round here and now, in the thread of who calls. Returns the seconds until the next; never raises."""
        begun = time.monotonic()
        try:
            pause = self._once()
        except SignalboxError as error:
            self._trouble(error)
            pause = self._again
        except Exception:
            log.exception(f"{self._name}.bug")
            pause = self._again
        return max(self._every if pause is None else pause, self._rest * (time.monotonic() - begun))

    def _run(self) -> None:
        pause = self._first
        while not self._closed.wait(pause):
            pause = self.go()

    def _say(self, error: SignalboxError) -> None:
        log.error(f"{self._name}.waits", error=str(error))

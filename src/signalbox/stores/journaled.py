"""How are signals safe while the store behind is away? They go to a local journal first, and follow from there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from threading import Condition, Thread
from typing import Final

import structlog

from signalbox.clock import MICROS, iso, now
from signalbox.errors import SignalboxError, Unavailable
from signalbox.signals import Signal
from signalbox.stores.base import Bucket, Columns, Rollup, Store, Times
from signalbox.stores.deadletters import DeadLetters
from signalbox.stores.journal import KEPT_S, Journal

_log = structlog.get_logger(__name__)

CURSOR: Final = "store"
PAST: Final = 7 * 24 * 3_600 * MICROS
FUTURE: Final = 5 * 60 * MICROS
_ROWS_AT_ONCE: Final = 5_000
_LOOK_EVERY_S: Final = 5.0  # for a restarted store, and for segments to remove
_CLAIM_EVERY_S: Final = 30.0
_LONGEST_PAUSE_S: Final = 10.0
_CLOSING_S: Final = 2.0  # what does not arrive in it is safe in the journal
_ENDING_S: Final = 1.0


class JournaledStore:
    """A store behind a journal. `append` returns once the batch is synced to local disk; a thread moves it on.

    Reads go to the inner store. `incarnation` (where given) changes when the inner store was started anew: then the
    last fifteen minutes are sent again, since what it had not synced may be gone.
    """

    def __init__(
        self,
        inner: Store,
        folder: Path,
        *,
        dead_letters: DeadLetters | None = None,
        incarnation: Callable[[], str] | None = None,
        migration_lock: Callable[[], AbstractContextManager[object]] = nullcontext,
        kept_s: float = KEPT_S,
    ) -> None:
        """`migration_lock` is taken to open an inner store that was away when this one was opened."""
        self.inner, self.folder = inner, folder
        self.trouble: str | None = None  # why nothing moves on now, in words
        self._dead_letters = dead_letters or DeadLetters(folder / "refused.jsonl")
        self._incarnation, self._seen = incarnation, ""
        self._migration_lock, self._kept_s = migration_lock, kept_s
        self._state = Condition()
        self._own: Journal | None = None
        self._orphans: list[Journal] = []
        self._thread: Thread | None = None
        self._inner_open = self._closing = self._news = False
        self._looked = self._claimed = float("-inf")

    def open(self) -> None:
        """Open the inner store if it answers, and start following. One that is away is opened when it is back."""
        if self._thread is not None:
            return
        try:
            self.inner.open()
            self._inner_open = True
        except Unavailable as error:
            self._say(error)
        self._closing = False
        self._thread = Thread(target=self._follow, name="journal", daemon=True)
        self._thread.start()

    def append(self, signals: Sequence[Signal]) -> None:
        """See `Store.append`. Moments over 7 days old or 5 minutes ahead cannot be live: they become dead letters."""
        earliest, newest = now() - PAST, now() + FUTURE
        live = [signal for signal in signals if earliest <= signal.moment <= newest]
        if len(live) < len(signals):
            strange = [signal for signal in signals if not earliest <= signal.moment <= newest]
            self._dead_letters.keep(strange, f"its moment is more than 7 days before or 5 minutes after {iso(now())}")
        self.load(live)

    def load(self, signals: Sequence[Signal]) -> None:
        """See `Store.load`: signals of any time, through the journal."""
        if not signals:
            return
        with self._state:
            if self._own is None:
                self._own = Journal.made(self.folder, [CURSOR])
        self._own.append(signals)
        with self._state:
            self._news = True
            self._state.notify_all()

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """See `Store.latest`: what has reached the inner store."""
        return self.inner.latest(monitors, limit)

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """See `Store.raw`: what has reached the inner store."""
        return self.inner.raw(monitor, start, end)

    def columns(self, start: int, end: int) -> list[Columns]:
        """See `Store.columns`: what has reached the inner store."""
        return self.inner.columns(start, end)

    def times(self, monitors: Sequence[str], start: int, end: int) -> dict[str, Times]:
        """See `Store.times`: what has reached the inner store."""
        return self.inner.times(monitors, start, end)

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Store.buckets`: what has reached the inner store."""
        return self.inner.buckets(monitors, start, end, step)

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """See `Store.rollups`: what has reached the inner store."""
        return self.inner.rollups(start, end)

    def roll(self, now: int) -> int:
        """See `Store.roll`."""
        return self.inner.roll(now)

    def prune(self, before: int, *, dry: bool = False) -> int:
        """See `Store.prune`. The journal prunes itself."""
        return self.inner.prune(before, dry=dry)

    def prune_hours(self, before: int, *, dry: bool = False) -> int:
        """See `Store.prune_hours`."""
        return self.inner.prune_hours(before, dry=dry)

    def ping(self) -> None:
        """See `Store.ping`, of the inner store."""
        self.inner.ping()

    def backlog(self) -> int:
        """Bytes in this process's and its claimed journals that have not reached the inner store."""
        return sum(journal.backlog(CURSOR) for journal in self._journals())

    def size(self) -> int:
        """Bytes of disk that these journals take, with what is kept for a while after it has passed."""
        return sum(journal.size() for journal in self._journals())

    def flush(self, timeout: float) -> bool:
        """Wait until everything has reached the inner store, at most so many seconds. False when it has not."""
        deadline = time.monotonic() + timeout
        with self._state:
            while self.backlog():
                if (
                    not self._state.wait(min(0.2, max(0.0, deadline - time.monotonic())))
                    and time.monotonic() > deadline
                ):
                    return False
        return True

    def close(self) -> None:
        """Give the inner store 2 seconds to take the rest, if it answers; what is left, the next process claims.

        A store that keeps a question hanging is left alone with it: the end of this process lets everything go.
        """
        if self._thread is not None:
            if self.trouble is None:
                self.flush(_CLOSING_S)
            with self._state:
                self._closing = True
                self._state.notify_all()
            self._thread.join(_ENDING_S)
            if self._thread.is_alive():
                _log.warning("signals wait in the journal", why="the store does not answer; the next process goes on")
                return
            self._thread = None
        for journal in self._journals():
            journal.close()
        self._own, self._orphans = None, []
        self.inner.close()

    def _journals(self) -> list[Journal]:
        return [*self._orphans] if self._own is None else [self._own, *self._orphans]

    def _follow(self) -> None:
        """The thread: move batches on while there are any; pause ever longer while the store is away."""
        pause = 0.0
        while self._await_news(pause or 1.0, anything=pause == 0.0):
            try:
                self._prepare()
                while self._move() and not self._closing:
                    pass
                pause = 0.0
                self._say(None)
            except SignalboxError as error:
                self._looked = float("-inf")  # it may come back as another
                pause = min(_LONGEST_PAUSE_S, max(0.1, pause * 2))
                self._say(error)
            except Exception:
                pause = _LONGEST_PAUSE_S
                _log.exception("the journal stumbled over a bug; it tries again")

    def _await_news(self, seconds: float, *, anything: bool) -> bool:
        """Sleep so long, or (with `anything`) until there is something to move. False when we are closing."""
        deadline = time.monotonic() + seconds
        with self._state:
            while not self._closing and not (anything and self._news) and (left := deadline - time.monotonic()) > 0:
                self._state.wait(left)
            self._news = False
            return not self._closing

    def _prepare(self) -> None:
        """What has to be seen to now and then, before anything moves."""
        if not self._inner_open:
            with self._migration_lock():
                self.inner.open()
            self._inner_open = True
        moment = time.monotonic()
        if moment - self._looked > _LOOK_EVERY_S:
            self._replay_if_restarted()
            self._sweep()
            self._looked = moment
        if moment - self._claimed > _CLAIM_EVERY_S:
            self._claim()
            self._claimed = moment

    def _replay_if_restarted(self) -> None:
        incarnation = self._incarnation() if self._incarnation else ""
        if self._seen and incarnation != self._seen:
            _log.warning("the signal store was started anew; sending the last minutes again", started=incarnation)
            for journal in self._journals():
                journal.rewind(CURSOR)
        self._seen = incarnation

    def _sweep(self) -> None:
        if self._own is not None:
            self._own.sweep(self._kept_s)
        self._orphans = [journal for journal in self._orphans if not journal.sweep(self._kept_s)]

    def _claim(self) -> None:
        """Take over the journals of the dead. What they had sent lately is sent again: the store may have died too."""
        for journal in Journal.claimed(self.folder, [CURSOR]):
            journal.rewind(CURSOR)
            _log.info(
                "claimed the journal of a process that is gone",
                folder=journal.folder.name,
                bytes=journal.backlog(CURSOR),
            )
            self._orphans = [*self._orphans, journal]

    def _move(self) -> bool:
        """Move one lot of each journal into the inner store. False when there was nothing."""
        moved = False
        for journal in self._journals():
            signals, behind = journal.read(CURSOR, _ROWS_AT_ONCE)
            if signals:
                self.inner.append(signals)
                moved = True
            journal.pass_to(CURSOR, behind)
        with self._state:
            self._state.notify_all()
        return moved

    def _say(self, error: SignalboxError | None) -> None:
        """Log when trouble begins, changes and ends; not each time it is met again."""
        words = str(error) if error else None
        if words and words != self.trouble:
            _log.warning("signals wait in the journal", why=words)
        elif not words and self.trouble:
            with suppress(OSError):
                _log.info("signals reach the store again", journal_bytes=self.size())
        self.trouble = words

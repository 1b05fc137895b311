"""What is done now and then that may take its time? Roll up hours and days, drop what is too old, look how much room
is left. On a thread of its own, so that nothing prompt waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from signalbox import clock, ledger
from signalbox.errors import SignalboxError, Unavailable
from signalbox.heartbeats import service as pings
from signalbox.history import rolling
from signalbox.installation import Installation, files
from signalbox.monitors import evidence
from signalbox.notifications import outbox
from signalbox.rounds import Rounds
from signalbox.runner import disk
from signalbox.settings import Settings

log = structlog.get_logger(__name__)

FIRST = 5.0  # seconds from the start to the first look
EVERY = 60.0  # seconds between two looks
MORE = 2.0  # seconds until the next look while there is more to roll up
BREATH = 0.2  # seconds that others have to write in between two lots of hours
AT_ONCE = 20  # days rolled up in one look
HOURLY = 3_600.0  # seconds between two clean-ups, and between two looks at the disk
LEDGER_DAYS = 8
DELIVERY_DAYS = 90  # that the delivery log goes back
_DAY = 86_400 * clock.MICROS


class _Turn:
    """What comes round every so many seconds."""

    def __init__(self, every: float, first: float) -> None:
        self._every, self._next = every, time.monotonic() + first

    def has_come(self) -> bool:
        """Is it time? Then it comes again after so many seconds."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._every
        return True


class Upkeep:
    """A thread that keeps what is stored small. Only the leading process rolls up and drops; each looks at its disk."""

    def __init__(self, installation: Installation, leads: Callable[[], bool]) -> None:
        self._installation, self._leads = installation, leads
        self._measuring, self._forgetting, self._pruning = (_Turn(HOURLY, EVERY) for _ in range(3))
        self._rounds = Rounds("upkeep", self._look, EVERY, first=FIRST, trouble=_wait)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def close(self) -> None:
        """End; a day that is being rolled up is waited for."""
        self._rounds.close(10)

    def _look(self) -> float:
        """One look; returns the seconds until the next."""
        if self._measuring.has_come():
            warn_of_full_disks(self._installation.settings)
        if not self._leads():
            return EVERY
        if self._forgetting.has_come():
            self._forget()
        pause = self._roll()
        if pause >= EVERY and self._pruning.has_come():  # not before all that may be dropped is counted
            gone = self._installation.prune(clock.now())
            log.info("pruned", signals=gone.signals, hours=gone.hours)
        return pause

    def _roll(self) -> float:
        database, store = self._installation.database, self._installation.store
        while store.roll(clock.now()):
            if self._rounds.pause(BREATH) or not self._leads():
                return MORE
        with database.read() as session:
            due = rolling.due_days(session, clock.now(), AT_ONCE)
        for day in due:
            found = rolling.count(store, day)  # before the transaction: a slow store must not hold up who writes
            if self._rounds.is_closed or not self._leads():
                return MORE
            with database.begin() as session:
                rolling.keep(session, day, found, clock.now())
        if due:
            log.info("days.rolled", days=len(due), newest=rolling.name(max(due)), oldest=rolling.name(min(due)))
        return MORE if len(due) == AT_ONCE else EVERY

    def _forget(self) -> None:
        now = clock.now()
        with self._installation.database.begin() as session:
            ledger.forget(session, now - LEDGER_DAYS * _DAY)
            outbox.forget(session, now - DELIVERY_DAYS * _DAY)
            evidence.forget(session, now - evidence.DAYS * _DAY)
            pings.forget(session, now)


def _wait(error: SignalboxError) -> None:
    say = log.warning if isinstance(error, Unavailable) else log.error
    say("upkeep.waits", error=str(error))


def warn_of_full_disks(settings: Settings) -> None:
    """Say which file systems that this process writes to are nearly full."""
    for room in disk.rooms(files(settings).values()):
        if room.is_short:
            log.warning(
                "disk.nearly_full", left=str(room),
                to_do="make room, move SIGNALBOX_DATA, or shorten SIGNALBOX_RETAIN_RAW and run  signalbox prune",
            )  # fmt: skip

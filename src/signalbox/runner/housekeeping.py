"""What is done now and then? Follow the manifest and the monitors, sweep up what changes by the clock alone, account
for slots that nobody answered. What may take longer is done beside it (`upkeep.py`)."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from signalbox import clock
from signalbox.installation import Installation
from signalbox.monitors import editing
from signalbox.monitors.roster import Roster
from signalbox.pipeline.reaping import Reaping, words
from signalbox.pipeline.sweeping import Sweeping
from signalbox.rounds import Rounds
from signalbox.runner.upkeep import Upkeep

log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks at manifest and monitors, and two sweeps
REAP = 5.0  # seconds between two looks for slots that nobody answered


class Housekeeping:
    """A thread that keeps a scheduling process current. `reload` has it read the manifest, changed or not."""

    def __init__(self, installation: Installation, roster: Roster, leads: Callable[[], bool] = lambda: True) -> None:
        self._installation, self._roster, self._leads = installation, roster, leads
        self._asked = False
        self._reaped = time.monotonic()
        self._sweeping = Sweeping(roster)
        self._reaping = Reaping(roster, installation.store)
        self._upkeep = Upkeep(installation, leads)
        self._rounds = Rounds("housekeeping", self._look, LOOK)

    def start(self) -> None:
        """Begin to look."""
        self._rounds.start()
        self._upkeep.start()

    def reload(self) -> None:
        """Read the manifest at the next look. Safe in a signal handler: it takes no lock."""
        self._asked = True

    def close(self) -> None:
        """End; what is in progress is waited for."""
        self._rounds.close(10)
        self._upkeep.close()

    def _look(self) -> None:
        asked, self._asked = self._asked, False
        self._installation.follow_manifest(asked)
        if self._roster.refresh():
            log.info("monitors.current", monitors=len(self._roster.by_key), revision=self._roster.revision)
        if not self._leads():
            return
        self._resume()
        self._sweep()
        if time.monotonic() - self._reaped > REAP:
            self._reaped = time.monotonic()
            self._reap()

    def _resume(self) -> None:
        """End the pauses whose time is over."""
        database, now = self._installation.database, clock.now()
        with database.read() as session:
            over = editing.is_pause_over(session, now)
        if over:
            with database.begin() as session:
                editing.end_pauses(session, now)

    def _sweep(self) -> None:
        database, now = self._installation.database, clock.now()
        with database.read() as session:
            needed = self._sweeping.is_needed(session, now)
        if needed:
            with database.begin() as session:
                self._sweeping.sweep(session, now)

    def _reap(self) -> None:
        database, now = self._installation.database, clock.now()
        with database.read() as session:
            overdue = self._reaping.overdue(session, now)
        if not overdue:
            return
        found = self._reaping.look(overdue)
        with database.begin() as session:
            self._reaping.reap(session, found, now)
        log.warning("slots.unanswered", **words(found.accounts))

"""May this beat hand out work? Only the holder of the lease may, so that two beats never double the work."""

from __future__ import annotations

import os
import secrets
import socket
import time

import structlog

from signalbox import ledger
from signalbox.db import Database
from signalbox.errors import SignalboxError, Unavailable
from signalbox.rounds import Rounds

log = structlog.get_logger(__name__)

TTL = 6.0  # seconds a lease lives without being renewed: a dead leader is replaced within ten
RENEWAL = 2.0  # seconds between renewals
STAYS = 30.0  # seconds that the leader goes on after each renewal that the database was away for


class Leadership:
    """Takes and renews a lease on a thread of its own, so that a slow tick cannot lose it."""

    def __init__(self, database: Database, name: str) -> None:
        holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._database, self._lease = database, ledger.Lease(name, holder, TTL)
        self._led, self._stays = False, 0.0
        self._rounds = Rounds("lease", self._try, RENEWAL)

    def start(self) -> None:
        """Try for the lease now and from now on."""
        self._rounds.go()
        self._rounds.start()

    def leads(self) -> bool:
        """Is the lease ours at this moment, or was it when the database went away?

        While the database is away nobody can take the lease, and checks are to go on. Two who cannot see each other
        may then hand out the same moment: signals have names, so the second asking changes nothing.
        """
        return self.holds or time.monotonic() < self._stays

    @property
    def holds(self) -> bool:
        """Is the lease itself ours at this moment?"""
        return self._lease.held

    def close(self) -> None:
        """Give the lease back, so that another beat goes on at once."""
        self._rounds.close(TTL)
        try:
            with self._database.begin() as session:
                self._lease.release(session)
        except SignalboxError as error:
            log.warning("lease.kept", error=str(error), until="it runs out")

    def _try(self) -> None:
        before = self._lease.held
        try:
            with self._database.begin() as session:
                leads = self._lease.renew(session) if before else self._lease.acquire(session)
        except Unavailable as error:
            log.error("lease.unreachable", error=str(error))
            if self._led:
                self._stays = time.monotonic() + STAYS
        else:
            self._led, self._stays = leads, 0.0
            if leads != before:
                log.info("lease.taken" if leads else "lease.lost", lease=self._lease.name, fence=self._lease.fence)

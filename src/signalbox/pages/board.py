"""What does a process that serves pages know beside signals? Confirmed standings, incidents, work that is announced.

A thread looks once a second whether any of it changed, which is two reads by primary key, and reads it anew if so.
Reading a page asks no database; while that is away the board keeps what it knows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.installation import changes, revision
from signalbox.errors import SignalboxError
from signalbox.incidents import service as incidents
from signalbox.incidents.service import Incident
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.calendar import Calendar, Occasion
from signalbox.monitors import standings
from signalbox.monitors.judge import Standing
from signalbox.monitors.models import SpellRow
from signalbox.signals import Verdict

log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks
DAY = 86_400 * MICROS
PAST = 14  # days of incidents that are over
ENDING = 2.0  # seconds that a stop waits for a database that hangs


class Outage(NamedTuple):
    """A confirmed outage of the last 24 hours, or one that goes on."""

    monitor: str  # its key
    start: int
    end: int | None


@dataclass(frozen=True)
class Known:
    """All of it as of one moment. Times are UTC microseconds."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    incidents: Sequence[Incident] = ()  # open ones, and those of the past 14 days, newest first
    calendar: Calendar | None = None
    outages: Sequence[Outage] = ()

    @property
    def is_read(self) -> bool:
        """Does it come from a database, where monitors are judged?"""
        return self.calendar is not None


class Board:
    """Knows what the database said last. `version` grows whenever readers may see something else."""

    def __init__(self, database: Database | None = None) -> None:
        self.known = Known()
        self.version = 0
        self._database = database
        self._read: tuple[int, int, int] | None = None
        self._work: tuple[Occasion, ...] = ()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="board", daemon=True)

    def start(self) -> None:
        """Look now and from now on."""
        self._try()
        self._thread.start()

    def close(self) -> None:
        """Stop; returns when the thread has ended, or after 2 s if its database hangs."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(ENDING)

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            self._try()

    def _try(self) -> None:
        try:
            self.look(clock.now())
        except SignalboxError as error:
            log.warning("board.old", error=str(error), still="the page shows what was known before")
        except Exception:
            log.exception("board.bug")

    def look(self, now: int) -> bool:
        """Read anew if anything changed. True if readers may see something else."""
        if self._database is None:
            return False
        with self._database.read() as session:
            stamp = (changes(session), revision(session), now // (3_600 * MICROS))
            if stamp != self._read:
                self.known, self._read = read(session, now), stamp
                self._work = self._under_way(now)
                self.version += 1
                return True
        work = self._under_way(now)
        if work != self._work:  # a window began or ended by the clock
            self._work = work
            self.version += 1
            return True
        return False

    def _under_way(self, now: int) -> tuple[Occasion, ...]:
        return tuple(self.known.calendar.current(now)) if self.known.calendar else ()


def read(session: Session, now: int) -> Known:
    """Everything that a board knows."""
    lately = or_(SpellRow.end.is_(None), SpellRow.end > now - DAY)
    query = select(SpellRow.monitor, SpellRow.start, SpellRow.end).where(SpellRow.verdict == Verdict.DOWN.value, lately)
    return Known(
        standings.everything(session),
        tuple(incidents.recent(session, now - PAST * DAY)),
        maintenance.load(session),
        tuple(Outage(*row) for row in session.execute(query.order_by(SpellRow.end.desc()))),
    )

"""What does a process that serves pages know beside signals? Confirmed standings, incidents, work that is announced.

A thread looks once a second whether any of it changed, which is two reads by primary key, and reads it anew if so.
Every few seconds it also looks in the ledger how far judging has come: while the signal store is away, that is how a
page knows that its monitors are still watched. The past has threads of its own (`past.py`, `latencies.py`).

Reading a page asks no database; while that is away the board keeps what it knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from signalbox import clock, ledger
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
from signalbox.pages.latencies import Answers, Latencies
from signalbox.pages.past import Monitors, Past
from signalbox.rounds import Rounds
from signalbox.signals import Verdict
from signalbox.stores.base import Store

log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks
DAY = 86_400 * MICROS
PAST = 14  # days of incidents that are over
LISTEN = 5 * MICROS  # between two looks how far judging has come
UNDER_WAY = 75 * MICROS  # in which a batch may be answered without being late
RARE = 600.0  # seconds: the batches of monitors asked more rarely are not looked for
_LATELY = round(RARE * MICROS) + 2 * UNDER_WAY


class Outage(NamedTuple):
    """A confirmed outage of the last 24 hours, or one that goes on."""

    monitor: str  # its key
    start: int
    end: int | None


class Course(NamedTuple):
    """How judging goes on at one location: since when without a gap, and how far it has come."""

    since: int
    until: int


@dataclass(frozen=True)
class Known:
    """All of it as of one moment. Times are UTC microseconds."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    incidents: Sequence[Incident] = ()  # open ones, and those of the past 14 days, newest first
    calendar: Calendar | None = None
    outages: Sequence[Outage] = ()
    courses: Mapping[str, Course] = field(default_factory=dict)  # by location
    unanswered: Mapping[str, int] = field(
        default_factory=dict
    )  # slots of monitors in batches that are late, the newest

    @property
    def settled(self) -> int | None:
        """The newest slot that anything was judged of."""
        return max((course.until for course in self.courses.values()), default=None)

    def heard(self, key: str, every: float) -> int | None:
        """A moment that a monitor's newest result is not older than, for all that the ledger tells; None: it does not.

        It tells of batches, not of monitors: one that was judged before and is in no batch that lacks an answer had its
        last slot within an interval of the newest that was settled, or its answer is under way.
        """
        course = self._course(key)
        if course is None or every > RARE:
            return None
        moment = course.until - round(every * MICROS) - UNDER_WAY
        return None if course.since > moment or self.unanswered.get(key, 0) >= moment else moment

    def is_behind(self, key: str, newest: int, seconds: float) -> bool:
        """Has judging stopped: is a monitor's newest result so much newer than all that was judged where it is asked?
        What was confirmed of it is then no longer what is seen."""
        course = self._course(key)
        return course is not None and newest - course.until > seconds * MICROS

    def _course(self, key: str) -> Course | None:
        """How judging goes on where that monitor is asked."""
        standing = self.standings.get(key)
        courses = [self.courses[place] for place in standing.places if place in self.courses] if standing else []
        return max(courses, key=lambda one: one.until, default=None)

    @property
    def is_read(self) -> bool:
        """Does it come from a database, where monitors are judged?"""
        return self.calendar is not None


class Board:
    """Knows what the database said last. `version` grows whenever readers may see something else."""

    def __init__(
        self, database: Database | None = None, store: Store | None = None, shown: Monitors | None = None
    ) -> None:
        """`shown` tells the monitors that pages show; without a store answer times are not known."""
        self.known = Known()
        self.version = 0
        self.past = Past(database, shown)
        self._latencies = Latencies(database, store, shown) if database and store and shown else None
        self._database, self._shown = database, shown
        self._read: tuple[int, int, int] | None = None
        self._listened = 0
        self._work: tuple[Occasion, ...] = ()
        self._rounds = Rounds("board", self._look, LOOK, trouble=_old)

    @property
    def stamp(self) -> tuple[int, ...]:
        """Another one whenever readers may see something else, of the present or of the past."""
        return self.version, self.past.version, self._latencies.version if self._latencies else 0

    @property
    def answers(self) -> Answers:
        """Answer times of hours and days."""
        return self._latencies.answers if self._latencies else Answers()

    def look_for_answers(self, now: int) -> None:
        """Read answer times anew. Raises what database or store raise."""
        if self._latencies:
            self._latencies.look(now)

    def start(self) -> None:
        """Look now and from now on."""
        self._rounds.go()
        self._rounds.start()
        self.past.start()
        if self._latencies:
            self._latencies.start()

    def close(self) -> None:
        """Stop; returns when the threads have ended, or after 2 s each if their database hangs."""
        self._rounds.close()
        self.past.close()
        if self._latencies:
            self._latencies.close()

    def _look(self) -> None:
        self.look(clock.now())

    def look(self, now: int) -> bool:
        """Read anew if anything changed. True if readers may see something else."""
        if self._database is None:
            return False
        with self._database.read() as session:
            stamp = (changes(session), revision(session), now // (3_600 * MICROS))
            if now - self._listened >= LISTEN or now < self._listened:
                self._listen(session, now)
            if stamp != self._read:
                known, self._read = read(session, now), stamp
                self.known = replace(known, courses=self.known.courses, unanswered=self.known.unanswered)
                self._work = self._under_way(now)
                self.version += 1
                return True
        work = self._under_way(now)
        if work != self._work:  # a window began or ended by the clock
            self._work = work
            self.version += 1
            return True
        return False

    def _listen(self, session: Session, now: int) -> None:
        """See how far judging has come. No new version: what follows from it shows with the minute."""
        self._listened = now
        found = ledger.settled_lately(session, now - _LATELY)
        courses = {**self.known.courses, **{place: self._course(place, until) for place, until in found.items()}}
        late = ledger.still_open(session, now - _LATELY, now - UNDER_WAY)
        unanswered = {key: batch.name.moment for batch in late for key in batch.monitors}  # in the order of time
        if (courses, unanswered) != (self.known.courses, self.known.unanswered):
            self.known = replace(self.known, courses=courses, unanswered=unanswered)

    def _course(self, place: str, until: int) -> Course:
        """What goes on, or has begun anew: after a gap nobody knows who was asked since."""
        before = self.known.courses.get(place)
        fastest = min((one.every for one in self._shown() if not one.paused), default=0) if self._shown else 0
        longest = round(max(60.0, 3 * fastest) * MICROS)
        goes_on = before is not None and 0 <= until - before.until <= longest
        return Course(before.since if before and goes_on else until, until)

    def _under_way(self, now: int) -> tuple[Occasion, ...]:
        return tuple(self.known.calendar.current(now)) if self.known.calendar else ()


def _old(error: SignalboxError) -> None:
    log.warning("board.old", error=str(error), still="the page shows what was known before")


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

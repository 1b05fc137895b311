"""What does a process that serves pages know of the past 90 days? Spells and what was said of them, maintenance,
written incidents; and the bars that come of them, each monitor's worked out again only when something of it changed.

A thread of its own reads when something changed. Of spells it reads the last two days again, which is where they
change; all of them once an hour, and when anything changes that reaches further back. It works a tenth of the time at
the most. While the database is away what was known is kept.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signalbox import clock, ledger
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.installation import changes, revision
from signalbox.errors import SignalboxError
from signalbox.incidents import service as incidents
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.calendar import Calendar, Work
from signalbox.monitors import service as monitors
from signalbox.monitors.models import SpellRow
from signalbox.monitors.service import Monitor
from signalbox.pages.bars import Bar, Frame, bar
from signalbox.rounds import Rounds
from signalbox.uptime import service as uptime
from signalbox.uptime.models import AnnotationRow
from signalbox.uptime.pieces import History

log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks
HOUR = 3_600 * MICROS
DAY = 24 * HOUR
REACH = 91 * DAY  # 90 days begin up to a day earlier
LATELY = 2 * DAY  # in which spells change as a rule
AHEAD = 2 * HOUR  # work that is known beforehand: all is read again each hour

Monitors = Callable[[], Sequence[Monitor]]


class Told(NamedTuple):
    """A written incident, as far as bars point at it."""

    public: str
    start: int
    end: int | None
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """All of it as of one moment, by the keys of monitors."""

    histories: Mapping[str, History] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)  # the first moment that anything is known of
    told: Mapping[str, Sequence[Told]] = field(default_factory=dict)  # oldest first


class _Seen(NamedTuple):
    """What all that was read in full depends on."""

    revision: int
    hour: int
    silent: int | None
    works: tuple[Work, ...]
    said: tuple[int, int, int]


class _Done(NamedTuple):
    """The cells of a monitor that are over, and what they were worked out from."""

    history: History
    bar: Bar


class Past:
    """Knows the past 90 days as the database said last. `version` grows when anything of it changed."""

    def __init__(self, database: Database | None = None, shown: Monitors | None = None) -> None:
        self.kept = Kept()
        self.version = 0
        self._database, self._shown = database, shown
        self._stamp: tuple[int, int, int, int | None] | None = None
        self._seen: _Seen | None = None
        self._active: tuple[int, Sequence[Monitor]] = (-1, ())
        self._done: dict[tuple[int, ...], dict[str, _Done]] = {}
        self._read, self._was_awaited = threading.Event(), False
        self._rounds = Rounds("past", self._look, LOOK, first=0.0, rest=9.0, trouble=_old)

    def start(self) -> None:
        """Look now and from now on; returns at once."""
        if self._database is not None:
            self._rounds.start()

    def close(self) -> None:
        """Stop; returns when the thread has ended, or after 2 s if its database hangs."""
        self._rounds.close()

    def await_read(self, seconds: float) -> None:
        """Wait for the first look of the thread, if there is one under way; once, or a database that hangs would hold
        up every page."""
        if self._rounds.is_going and not self._was_awaited:
            self._was_awaited = True
            self._read.wait(seconds)

    def _look(self) -> None:
        try:
            self.look(clock.now())
        finally:
            self._read.set()

    def look(self, now: int) -> bool:
        """Read anew what may have changed. True if anything did."""
        if self._database is None:
            return False
        with self._database.read() as session:
            shown = self._monitors(session)
            fastest = min((one.every for one in shown if not one.paused), default=None)
            silent = uptime.silent(ledger.newest(session), fastest, now)
            stamp = (changes(session), revision(session), now // HOUR, silent)
            if stamp == self._stamp:
                return False
            calendar = maintenance.load(session)
            seen = _Seen(stamp[1], stamp[2], silent, calendar.works, _said(session))
            kept = self._read_anew(session, shown, now, calendar, silent, whole=seen != self._seen)
        self._stamp, self._seen = stamp, seen
        if kept != self.kept:
            self.kept = kept
            self.version += 1
            return True
        return False

    def _monitors(self, session: Session) -> Sequence[Monitor]:
        if self._shown is not None:
            return self._shown()
        current = revision(session)
        if self._active[0] != current:
            self._active = (current, monitors.active(session))
        return self._active[1]

    def _read_anew(
        self,
        session: Session,
        shown: Sequence[Monitor],
        now: int,
        calendar: Calendar,
        silent: int | None,
        *,
        whole: bool,
    ) -> Kept:
        start, before = now - (REACH if whole else LATELY), self.kept.histories
        found = uptime.histories(session, shown, start, now + AHEAD, calendar=calendar, silent=silent)
        if not whole:
            found = {key: _joined(before[key], one, start) if key in before else one for key, one in found.items()}
        found = {
            key: History(tuple(one.spells), tuple(one.works), tuple(one.annotations)) for key, one in found.items()
        }
        same = {key: before[key] if before.get(key) == one else one for key, one in found.items()}
        since = _since(session) if whole else {**_begun(found), **self.kept.since}
        return Kept(same, since, _told(session, now - REACH, now + 1))

    def bar(self, key: str, frame: Frame, now: int) -> Bar:
        """A monitor's bar. Cells that are over are worked out when they or the monitor's history changed."""
        history, edges = self.kept.histories.get(key, _NOTHING), frame.edges
        done = self._done.get(edges)
        if done is None:
            for passed in [one for one in list(self._done) if one[-1] <= now]:
                self._done.pop(passed, None)
            done = self._done[edges] = {}
        over = done.get(key)
        if over is None or over.history is not history:
            over = done[key] = _Done(history, bar(history, edges[:-1], now))
        return over.bar.plus(bar(history, edges[-2:], now, len(edges) - 2))

    def since(self, key: str) -> int | None:
        """The first moment that anything is known of a monitor."""
        return self.kept.since.get(key)

    def told(self, key: str) -> Sequence[Told]:
        """Written incidents that touched a monitor, oldest first."""
        return self.kept.told.get(key, ())


_NOTHING = History()


def _old(error: SignalboxError) -> None:
    log.warning("past.old", error=str(error), still="bars show what was known before")


def _joined(before: History, lately: History, since: int) -> History:
    """What was known before of the time until `since`, and what is known now of the time from there on."""
    earlier = [one for one in before.spells if one.end is not None and one.end <= since]
    spells = sorted([*earlier, *lately.spells], key=lambda one: (one.id is None, one.id))  # as they were written
    return History(spells, before.works, before.annotations)


def _begun(found: Mapping[str, History]) -> dict[str, int]:
    return {key: min(spell.start for spell in one.spells) for key, one in found.items() if one.spells}


def _since(session: Session) -> dict[str, int]:
    query = select(SpellRow.monitor, func.min(SpellRow.start)).group_by(SpellRow.monitor)
    return {row[0]: row[1] for row in session.execute(query)}


def _said(session: Session) -> tuple[int, int, int]:
    """What changes with every annotation that is made or withdrawn."""
    row = AnnotationRow
    query = select(func.count(row.id), func.coalesce(func.max(row.id), 0), func.count(row.withdrawn_at))
    count, newest, withdrawn = session.execute(query).one()
    return count, newest, withdrawn


def _told(session: Session, start: int, end: int) -> dict[str, list[Told]]:
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for one in reversed(incidents.touching(session, start, end)):
        for key in one.monitors:
            found[key].append(Told(one.public, one.started_at, one.resolved_at, one.pages))
    return dict(found)

"""What was told lately, and what was not told in time? Pings become signals within a second, and so does silence.

One thread in each process that settles. Several do the same work: a ping's signal is named by its own moment and a
silence by its deadline, so that doing it twice changes nothing. How far pings have become signals that are kept is
written down now and then; after a restart the last minutes are done once more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.checks.base import Outcome, Told, ToldCheck
from signalbox.checks.evidence import Evidence
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.errors import SignalboxError
from signalbox.heartbeats import listening, service
from signalbox.heartbeats.listening import Listening
from signalbox.heartbeats.pings import Newest, Ping, Sort
from signalbox.heartbeats.service import Numbered
from signalbox.monitors import locations
from signalbox.monitors.models import SpellRow
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.pipeline import Deliver, seen
from signalbox.rounds import Rounds
from signalbox.runner.waiting import Waiting
from signalbox.signals import Signal, Verdict

log = structlog.get_logger(__name__)

LOOK = 0.25  # seconds between two looks
COMMIT = 500_000  # microseconds that a ping may take from its moment until it can be read: silence is told that late
AT_ONCE = 1_000  # pings in one look
LATE = 60 * MICROS  # how long a number that was left out may still become visible
AGAIN = 120 * MICROS  # pings this young are done once more after a restart
FIRST = 300 * MICROS  # how far back the very first look goes
NOTE = 30 * MICROS  # between two times that it is written how far we are
APART = 2 * MICROS  # a silence that we are later for than this is told anew as of now


class Hearing:
    """Follows pings, and answers for checks that are told (`checks.probe.Known.told`)."""

    def __init__(self, database: Database, roster: Roster, location: str) -> None:
        self._database, self._roster, self._location = database, roster, location
        self._deliver: Deliver | None = None
        self._looking, self._waiting = threading.Lock(), Waiting()
        self._revision = -1
        self._monitors: dict[str, Monitor] = {}  # those that are told
        self._newest: dict[str, Newest] = {}
        self._resumed: dict[str, int] = {}
        self._listening: Listening | None = None
        self._offline: int | None = None  # since when our own network is cut off
        self._as_of = 0
        self._turns: dict[str, int] = {}  # when answers change by themselves
        self._deaf: tuple[int, int] | None = None
        self._number: int | None = None  # of the newest ping that was read
        self._missing: dict[int, int] = {}  # numbers that were left out, and when that was seen
        self._unkept: dict[tuple[str, int], int] = {}  # signals delivered and not kept yet, by monitor and moment
        self._marks: list[tuple[int, int]] = []  # when we were how far
        self._rounds = Rounds("hearing", self.look, LOOK, first=0.0, again=1.0, trouble=_unread)

    def start(self, deliver: Deliver) -> None:
        """Begin to follow; signals go to `deliver`."""
        self._deliver = deliver
        self._rounds.start()

    def close(self) -> None:
        """Stop. What was read is delivered."""
        self._rounds.close(10)

    def kept(self, signals: Sequence[Signal]) -> None:
        """The store has these."""
        if self._unkept:
            for signal in signals:
                self._unkept.pop((signal.monitor, signal.moment), None)

    async def told(self, key: str) -> Told | None:
        """The newest that was told for the monitor of that key, as of now or later: what is said of a moment must
        count everything that was told up to it. Waits for that, but not for long."""
        await self._waiting.until(clock.now())
        return self._told(key, self._as_of)

    def look(self) -> None:
        """Read what is new, and deliver what follows from it. What could not be delivered is read again."""
        with self._looking:
            place = self._number, dict(self._missing)
            try:
                self._look()
            except BaseException:
                self._number, self._missing = place
                self._revision = -1
                raise
        self._waiting.release(self._as_of)
        self._note(self._as_of)

    def _look(self) -> None:
        as_of = clock.now() - COMMIT
        changed = self._follow_roster()
        if not self._monitors:
            self._as_of = as_of
            return
        with self._database.read() as session:
            if changed:
                self._load(session)
            pings = self._read(session)
            self._newest.update(service.load(session, {one.ping.monitor for one in pings}))
            self._sense(session)
            bodies = {one.id: service.body(session, one.id) for one in pings if one.ping.sort is Sort.FAIL}
        self._as_of = as_of
        touched = {one.ping.monitor for one in pings}
        self._expect(self._monitors if changed or self._heard_anew() else touched)
        for one in pings:
            self._tell(one, bodies.get(one.id))
        self._tell_silence(as_of)

    # --- what is known ---

    def _follow_roster(self) -> bool:
        revision, by_key = self._roster.revision, self._roster.by_key
        if revision == self._revision:
            return False
        told = {key: one for key, one in by_key.items() if isinstance(one.check, ToldCheck)}
        resumed = [key for key, one in told.items() if not one.paused and self._is_paused(key)]
        self._resumed.update(dict.fromkeys(resumed, clock.now()))
        self._monitors, self._revision = told, revision
        return True

    def _is_paused(self, key: str) -> bool:
        known = self._monitors.get(key)
        return known is not None and known.paused

    def _load(self, session: Session) -> None:
        keys = self._monitors.keys()
        self._newest = service.load(session, keys)
        ended = select(SpellRow.monitor, func.max(SpellRow.end)).where(SpellRow.paused).group_by(SpellRow.monitor)
        for key, end in session.execute(ended):
            if end is not None:
                self._resumed[key] = max(self._resumed.get(key, 0), end)

    def _read(self, session: Session) -> list[Numbered]:
        """New pings. Numbers that were left out are looked for again: their transactions may have taken longer."""
        now = clock.now()
        if self._number is None:
            first = service.number_before(session, now - FIRST)
            followed = listening.followed(session)
            self._number = first if followed is None else followed
        found = service.since(session, self._number, self._missing, AT_ONCE)
        for one in found:
            self._missing.pop(one.id, None)
            if one.id > self._number:
                if one.id - self._number <= AT_ONCE:
                    self._missing.update(dict.fromkeys(range(self._number + 1, one.id), now))
                self._number = one.id
        self._missing = {number: at for number, at in self._missing.items() if now - at < LATE}
        return found

    def _sense(self, session: Session) -> None:
        """Could anybody have told us anything?"""
        self._listening = listening.read(session)
        cut = [one.since for one in locations.offline(session) if one.location == self._location]
        self._offline = min(cut, default=None)

    def _deaf_as_of(self, moment: int) -> tuple[int, int] | None:
        deaf = self._listening.as_of(moment) if self._listening is not None else None
        if self._offline is not None and moment > self._offline:
            return min(self._offline, deaf[0] if deaf and deaf[1] >= self._offline else self._offline), moment
        return deaf

    def _told(self, key: str, as_of: int) -> Told | None:
        newest = self._newest.get(key)
        if newest is None:
            return None
        at, verdict, reason, message, took, heard, started, _ = newest
        return Told(
            at,
            verdict,
            reason,
            message,
            took,
            heard,
            started,
            self._resumed.get(key, 0),
            self._deaf_as_of(as_of),
            as_of,
        )

    # --- what follows ---

    def _heard_anew(self) -> bool:
        """Did the time change in which nobody listened?"""
        before, self._deaf = self._deaf, self._deaf_as_of(self._as_of)
        return before != self._deaf

    def _expect(self, keys: Iterable[str]) -> None:
        """Work out when the answers of these monitors will change by themselves."""
        for key in keys:
            monitor, told = self._monitors.get(key), self._told(key, self._as_of)
            turns = None
            if monitor is not None and told is not None and not monitor.paused:
                assert isinstance(monitor.check, ToldCheck)
                turns = monitor.check.turns(told)
            if turns is None:
                self._turns.pop(key, None)
            else:
                self._turns[key] = turns

    def _tell(self, one: Numbered, body: bytes | None) -> None:
        """The signal of a ping that is a verdict, named by its own moment."""
        ping, monitor = one.ping, self._monitor(one.ping.monitor)
        if monitor is None or ping.verdict is None or monitor.paused:
            return
        outcome = Outcome(
            ping.verdict, ping.reason, ping.message, available=ping.verdict in (Verdict.UP, Verdict.DEGRADED),
            total=ping.took,
        )  # fmt: skip
        evidence = _evidence(ping, body) if ping.verdict is not Verdict.UP else None
        moment = _own(ping.at)
        self._unkept[monitor.key, moment] = one.id
        self._hand_over(monitor, moment, outcome, evidence)

    def _monitor(self, key: str) -> Monitor | None:
        """The monitor of a ping; one that is newer than our copy is looked for."""
        if key not in self._roster.by_key:
            self._roster.refresh()
        found = self._roster.by_key.get(key)
        return found if found is not None and isinstance(found.check, ToldCheck) else None

    def _tell_silence(self, as_of: int) -> None:
        """The signals of what was not told in time, named by its deadline."""
        for key in [key for key, turns in self._turns.items() if turns <= as_of]:
            turns, monitor = self._turns.pop(key), self._monitors.get(key)
            if monitor is None or monitor.paused:
                continue
            assert isinstance(monitor.check, ToldCheck)
            outcome = monitor.check.answer(self._told(key, as_of), monitor.created_at, as_of)
            if outcome.verdict is Verdict.UP:
                continue
            self._hand_over(monitor, _own(turns), outcome)
            if as_of - turns > APART:  # we were not there; somebody may have judged something since
                self._hand_over(monitor, _own(as_of), outcome)

    def _hand_over(self, monitor: Monitor, moment: int, outcome: Outcome, evidence: Evidence | None = None) -> None:
        if self._deliver is not None:
            self._deliver(None, seen(monitor, self._location, moment, outcome), evidence)

    def _note(self, now: int) -> None:
        """Write down now and then how far pings have become signals that are kept."""
        if self._number is None or (self._marks and now - self._marks[-1][0] < NOTE):
            return
        open_ = [number - 1 for number in (*list(self._unkept.values()), *self._missing)]
        self._marks.append((now, min([self._number, *open_])))
        old = [number for at, number in self._marks if at <= now - AGAIN]
        if not old:
            return
        self._marks = self._marks[len(old) - 1 :]
        number = min([old[-1], *open_])
        with self._database.read() as session:
            known = listening.followed(session)
        if known is None or known < number:
            with self._database.begin() as session:
                listening.note_followed(session, number)


def _unread(error: SignalboxError) -> None:
    log.error("pings.unread", error=str(error))


def _own(moment: int) -> int:
    """A moment that no slot has: those are whole seconds."""
    return moment + (moment % MICROS == 0)


def _evidence(ping: Ping, body: bytes | None) -> Evidence:
    """What a job said of its failure."""
    found = Evidence()
    found.note("said", ping.said)
    found.note("body", body or b"")
    return found

"""An installation in small, with a clock that tests turn: monitors, what they are seen to do, and who is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from signalbox import ledger
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.incidents import service as incidents
from signalbox.manifest import apply, document
from signalbox.manifest.source import Source
from signalbox.monitors import standings
from signalbox.monitors.judge import Standing
from signalbox.monitors.roster import Roster
from signalbox.notifications import dispatch, outcomes
from signalbox.notifications.letters import Result
from signalbox.notifications.models import DeliveryRow, NoticeRow
from signalbox.pipeline.reaping import Reaping
from signalbox.pipeline.settling import Recheck, Settled, Settling
from signalbox.pipeline.sweeping import Sweeping
from signalbox.runner.due import Batch
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict
from signalbox.stores.memory import MemoryStore

START = 1_800_000_000 * MICROS
_SIGNS = {"u": (Verdict.UP, Reason.OK), "d": (Verdict.DOWN, Reason.CONNECT), "?": (Verdict.UNKNOWN, Reason.OFFLINE)}


class Stage:
    """Each letter of a story is a signal a minute after the one before: u up, d down, ? unknown."""

    def __init__(self, database: Database, monitors: Sequence[Mapping[str, Any]], **more: Any) -> None:
        self.database, self.store, self.minute = database, MemoryStore(), 0
        self.roster = Roster(database)
        self.configure(monitors, **more)
        self.settling, self.sweeping = Settling(self.roster), Sweeping(self.roster)
        self.reaping = Reaping(self.roster, self.store)

    def configure(self, monitors: Sequence[Mapping[str, Any]], **more: Any) -> None:
        """Apply a manifest of these monitors; each is named by its id."""
        written = [{"name": one["id"].title(), **_asked(one), **one} for one in monitors]
        hook = {"id": "hook", "kind": "webhook", "url": "https://hooks.example"}
        data = {"monitors": written, "channels": [hook], **more}
        manifest = document._Reader(Source("test", data)).manifest()
        with self.database.begin() as session:
            apply.apply(session, manifest)
        self.roster.refresh()

    @property
    def now(self) -> int:
        """The stage's clock, UTC microseconds."""
        return START + self.minute * 60 * MICROS

    def see(self, **stories: str) -> list[Settled]:
        """Let every monitor be seen as its story says, a letter a minute, and sweep after each."""
        turns = max(map(len, stories.values()))
        done = []
        for turn in range(turns):
            signals = [self.signal(key, story[turn]) for key, story in stories.items() if turn < len(story)]
            done.append(self.settle(signals))
            self.minute += 1
            self.sweep()
        return done

    def signal(self, monitor: str, sign: str) -> Signal:
        """What a check sees now."""
        verdict, reason = _SIGNS[sign]
        return Signal(
            monitor, "local", self.now, self.now + 1_000, f"http://{monitor}.example", "http", verdict, reason,
            NO_ANSWER, sign == "u", None, None, None, None, 1.0, "no connection: refused" if sign == "d" else "", None,
        )  # fmt: skip

    def settle(self, signals: Sequence[Signal]) -> Settled:
        """Keep and settle these."""
        self.store.append(signals)
        with self.database.begin() as session:
            settled = self.settling.settle(session, Counter(), signals, self.now)
        self.settling.done(settled)
        return settled

    def sweep(self) -> None:
        """Do what changes by the clock alone."""
        self.roster.refresh()
        with self.database.read() as session:
            needed = self.sweeping.is_needed(session, self.now)
        if needed:
            with self.database.begin() as session:
                self.sweeping.sweep(session, self.now)

    def due(self, *monitors: str) -> ledger.Name:
        """Note that these are due now."""
        with self.database.begin() as session:
            ledger.note(session, [Batch("local", self.now, 0, monitors)])
        return ledger.Name("local", self.now, 0)

    def reap(self) -> None:
        """Account for what nobody answered."""
        with self.database.read() as session:
            overdue = self.reaping.overdue(session, self.now)
        found = self.reaping.look(overdue)
        with self.database.begin() as session:
            self.reaping.reap(session, found, self.now)

    def standing(self, monitor: str) -> Standing:
        """How it stands."""
        with self.database.read() as session:
            return standings.load(session, {monitor})[monitor]

    def told(self) -> list[tuple[str, str]]:
        """Monitor and kind of all that is on its way to the channel or there, in order; nothing held or withdrawn."""
        query = (
            select(NoticeRow.monitor, NoticeRow.kind)
            .join(DeliveryRow, DeliveryRow.notice == NoticeRow.id)
            .where(DeliveryRow.state.not_in(("held", "withdrawn")))
            .order_by(DeliveryRow.id)
        )
        with self.database.read() as session:
            return [(row.monitor, row.kind) for row in session.execute(query)]

    def deliver(self) -> list[str]:
        """Send what is due now; the kinds of notices that left."""
        sent = []
        with self.database.begin() as session:
            claims = dispatch.take(session, self.now + 60 * MICROS, "test")
        for claim in claims:
            with self.database.begin() as session:
                outcomes.finish(session, claim, Result(True, "taken"), "test", self.now)
            sent += [notice.kind.value for notice in claim.letter.notices]
        return sent

    def facts(self, monitor: str, kind: str) -> dict[str, Any]:
        """What the newest notice of that kind says."""
        query = select(NoticeRow.facts).where(NoticeRow.monitor == monitor, NoticeRow.kind == kind)
        with self.database.read() as session:
            return dict(session.scalars(query.order_by(NoticeRow.id.desc()).limit(1)).one())

    def incidents(self) -> list[tuple[str, str]]:
        """Title and status of every incident."""
        with self.database.read() as session:
            return [(one.title, one.status.value) for one in incidents.recent(session, 0)]


def rechecks(done: Sequence[Settled]) -> list[Recheck]:
    """All that was to be asked again."""
    return [one for settled in done for one in settled.rechecks]


def _asked(monitor: Mapping[str, Any]) -> dict[str, str]:
    """What is asked of a monitor that does not say."""
    return {} if "check" in monitor else {"url": f"http://{monitor['id']}.example"}

"""What do kept signals mean? They are counted in the ledger and judged, and whatever changed is reacted to.

All of it in the caller's one transaction. A healthy signal of a monitor that is up and at rest costs nothing here
beyond being looked at: one query a slice says which monitors are restless, and only theirs are loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from signalbox import ledger
from signalbox.checks.evidence import Evidence
from signalbox.monitors import evidence as monitor_evidence
from signalbox.monitors import standings
from signalbox.monitors.judge import Change, Standing, judge
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.pipeline.asking import SignalName, Slice
from signalbox.pipeline.reactions import Reactions
from signalbox.signals import Signal, Verdict
from signalbox.stores.base import Store

log = structlog.get_logger(__name__)


class Recheck(NamedTuple):
    """A monitor to be asked again, out of turn and afresh."""

    monitor: str  # its key
    location: str
    delay: float  # seconds


class Settled(NamedTuple):
    """What came of a slice, once its transaction is committed."""

    unknown: set[ledger.Name]  # batches whose ledger row is not there yet
    rechecks: list[Recheck]
    changes: list[Change]
    newest: dict[tuple[str, str], int]


def keep(store: Store, piece: Slice) -> None:
    """Put the signals where `kill -9` cannot reach them. Raises `Unavailable` when they could not be kept."""
    store.append(piece.signals)


class Settling:
    """Settles slices of one process. Not safe from several threads at once."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._reactions = Reactions(roster)
        self._newest: dict[tuple[str, str], int] = {}  # moment judged last, by monitor and location
        self._judged: set[str] = set()  # monitors that have a standing
        self._revision = -1

    def settle(
        self,
        session: Session,
        answered: Counter[ledger.Name],
        signals: Sequence[Signal],
        now: int,
        evidence: Mapping[SignalName, Evidence] | None = None,
    ) -> Settled:
        """Write what these signals mean, and what shows why for those that something comes of. Tell `done` of the
        result once it is committed."""
        if self._roster.revision != self._revision:  # one that left has no standing any more
            self._judged, self._revision = set(), self._roster.revision
        unknown = ledger.settle(session, answered)
        by_key = self._roster.by_key  # one and the same to the end: it may be replaced meanwhile
        rechecks, changes, newest, telling = self._judge(session, signals, by_key)
        if evidence and telling:
            monitor_evidence.keep(
                session, [(signal, evidence[signal[:3]]) for signal in telling if signal[:3] in evidence]
            )
        if changes:
            self._reactions.react(session, [(by_key[change.monitor], change) for change in changes], now)
        return Settled(unknown, rechecks, changes, newest)

    def done(self, settled: Settled) -> None:
        """The transaction of that result is committed: remember it."""
        self._newest.update(settled.newest)
        self._judged.update(monitor for monitor, _ in settled.newest)
        for change in settled.changes:
            _say(change)

    def _judge(
        self, session: Session, signals: Sequence[Signal], by_key: Mapping[str, Monitor]
    ) -> tuple[list[Recheck], list[Change], dict[tuple[str, str], int], list[Signal]]:
        """What to ask again, what changed, what was seen, and the signals that either came of."""
        fresh, newest = self._fresh(signals, by_key)
        if not fresh:
            return [], [], newest, []
        restless = standings.restless(session)
        telling = [signal for signal in fresh if self._may_tell(signal, restless)]
        if not telling:
            return [], [], newest, []
        before = standings.load(session, {signal.monitor for signal in telling}, hold=True)
        after = dict(before)
        rechecks: list[Recheck] = []
        changes: list[Change] = []
        decisive: list[Signal] = []
        for signal in telling:
            rules = by_key[signal.monitor].rules
            judged = judge(after.get(signal.monitor, _NEW), signal, rules)
            after[signal.monitor] = judged.standing
            if judged.change or judged.recheck:
                decisive.append(signal)
            if judged.change:
                changes.append(judged.change)
                rechecks += [Recheck(key, signal.location, 0.0) for key in self._roster.followers(signal.monitor)]
            if judged.recheck:
                rechecks += self._rechecks(signal, rules.recheck)
        standings.save(session, {key: one for key, one in after.items() if one is not before.get(key)})
        standings.write_spells(session, changes)
        return rechecks, changes, newest, decisive

    def _fresh(
        self, signals: Sequence[Signal], by_key: Mapping[str, Monitor]
    ) -> tuple[list[Signal], dict[tuple[str, str], int]]:
        """The signals that are newer than any judged before, in the order of their moments."""
        newest: dict[tuple[str, str], int] = {}
        fresh = []
        for signal in sorted(signals, key=_moment):
            place = (signal.monitor, signal.location)
            if signal.monitor in by_key and signal.moment > newest.get(place, self._newest.get(place, 0)):
                newest[place] = signal.moment
                fresh.append(signal)
        return fresh, newest

    def _may_tell(self, signal: Signal, restless: set[str]) -> bool:
        return signal.verdict is not Verdict.UP or signal.monitor in restless or signal.monitor not in self._judged

    def _rechecks(self, signal: Signal, delay: float) -> Iterable[Recheck]:
        """The suspect soon, and what it depends on at once: so that a parent's outage is known before its child's."""
        yield Recheck(signal.monitor, signal.location, delay)
        for parent in self._roster.parents(signal.monitor):
            yield Recheck(parent, signal.location, 0.0)


_NEW = Standing()


def _moment(signal: Signal) -> int:
    return signal.moment


def _say(change: Change) -> None:
    before, after = change.before, change.after
    if before.known is None and after.verdict is Verdict.UP:
        return  # its first answer; thousands of them at a first start
    more = {"flapping": True} if after.flapping else {}
    log.info(
        "monitor.changed", monitor=change.monitor, before=before.verdict.value, after=after.verdict.value,
        reason=after.reason.value, **more,
    )  # fmt: skip

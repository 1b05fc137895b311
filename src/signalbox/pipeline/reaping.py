"""What became of slots that nobody answered? They become unknown, visibly: in spells, never in the signal store.

A batch is looked at when none of its checks can still be under way. Signals that arrived in the store all the same
count as answers; the rest is missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from signalbox import clock, ledger
from signalbox.clock import MICROS
from signalbox.db.installation import raise_changes
from signalbox.monitors import standings
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.monitors.standings import Gap
from signalbox.pipeline.settling import Settling
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict
from signalbox.stores.base import Store

log = structlog.get_logger(__name__)

LATEST = 60.0  # seconds after its slot that a check may still start, as `runner/asker.py` has it
SLACK = 15.0  # seconds from a check's end until its signal is settled, at the most
MOST = 2_000  # batches looked at in one go
_SHORTEST = 2.0


class Found(NamedTuple):
    """What became of some open batches."""

    accounts: dict[ledger.Name, tuple[int, int]]  # answered, missed
    missed: dict[tuple[str, str], list[int]]  # moments by monitor and location
    newest: dict[tuple[str, str], int]  # moments of the newest answers of those monitors, as far as they matter


class Reaping:
    """Reaps for one installation."""

    def __init__(self, roster: Roster, store: Store) -> None:
        self._roster, self._store = roster, store
        self._settling = Settling(roster)

    def overdue(self, session: Session, now: int) -> list[ledger.Open]:
        """Batches that can get no answer any more."""
        waiting = ledger.still_open(session, 0, now - int((_SHORTEST + SLACK) * MICROS), MOST)
        return [batch for batch in waiting if batch.name.moment + self._patience(batch) < now]

    def _patience(self, batch: ledger.Open) -> int:
        monitors = [self._roster.by_key[key] for key in batch.monitors if key in self._roster.by_key]
        longest = max((min(max(one.every, _SHORTEST), LATEST) + one.timeout for one in monitors), default=LATEST)
        return int((longest + SLACK) * MICROS)

    def look(self, batches: Iterable[ledger.Open]) -> Found:
        """Look in the store for answers. Raises what the store raises."""
        found = Found({}, defaultdict(list), {})
        for batch in batches:
            location, moment, _ = batch.name
            there = {one.monitor for one in self._store.raw(None, moment, moment + 1) if one.location == location}
            missed = [key for key in batch.monitors if key not in there]
            found.accounts[batch.name] = (batch.due - len(missed), len(missed))
            for key in missed:
                found.missed[key, location].append(moment)
        for signals in self._store.latest(sorted({key for key, _ in found.missed}), 1).values():
            found.newest.update({(one.monitor, one.location): one.moment for one in signals})
        return found

    def reap(self, session: Session, found: Found, now: int) -> None:
        """Write what was missed, and close the batches."""
        ledger.close(session, found.accounts)
        standings.load(session, {key for key, _ in found.missed}, hold=True)  # before their spells, as the judge does
        silent: list[Signal] = []
        for (key, location), moments in sorted(found.missed.items()):
            monitor = self._roster.by_key.get(key)
            if monitor is None:
                continue
            answered = found.newest.get((key, location), 0) > max(moments)
            for gap in gaps(key, moments, monitor.every):
                if gap.end < now and (answered or gap.end <= max(moments)):
                    standings.blank_out(session, gap, now)
                else:
                    silent.append(_silence(monitor, location, gap.start, now))
        if silent:
            self._settling.settle(session, Counter(), silent, now)
        if found.missed:
            raise_changes(session)


def gaps(monitor: str, moments: Sequence[int], every: int) -> list[Gap]:
    """Missed slots (UTC microseconds) as stretches of time; those that follow one another are one."""
    length = every * MICROS
    found: list[Gap] = []
    for moment in sorted(moments):
        if found and moment <= found[-1].end:
            found[-1] = found[-1]._replace(end=moment + length)
        else:
            found.append(Gap(monitor, moment, moment + length))
    return found


def _silence(monitor: Monitor, location: str, moment: int, now: int) -> Signal:
    """What the judge is told of a slot that nobody answered. It is stored nowhere."""
    return Signal(
        monitor.key, location, moment, now, monitor.target, monitor.check.kind, Verdict.UNKNOWN, Reason.MISSED,
        NO_ANSWER, False, None, None, None, None, None, "nobody asked in time", None,
    )  # fmt: skip


def words(accounts: Mapping[ledger.Name, tuple[int, int]]) -> dict[str, object]:
    """What to log of them."""
    first = min((name.moment for name in accounts), default=0)
    return {
        "batches": len(accounts), "missed": sum(missed for _, missed in accounts.values()), "since": clock.iso(first)
    }  # fmt: skip

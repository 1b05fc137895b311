"""What follows from a change? Notices to whoever is to hear of it, and incidents, in the transaction that judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from signalbox.clock import MICROS
from signalbox.db.installation import raise_changes
from signalbox.incidents import automatic as incidents
from signalbox.monitors import standings
from signalbox.monitors.judge import Change
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.notifications import outbox
from signalbox.notifications.notices import CLOSING, Kind, Notice, Severity
from signalbox.pipeline.holding import PARENT, Holding
from signalbox.signals import Verdict

_TROUBLES = {Verdict.DOWN: (Kind.DOWN, Severity.DOWN), Verdict.DEGRADED: (Kind.DEGRADED, Severity.DEGRADED)}


class Reactions:
    """Reacts to the changes of one process."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._holding = Holding(roster)

    def react(self, session: Session, known: Sequence[tuple[Monitor, Change]], now: int) -> None:
        """Write everything that these monitors' changes cause."""
        raise_changes(session)
        notices = [notice for monitor, change in known if (notice := notice_of(monitor, change)) is not None]
        for notice in notices:
            self._name_dependents(notice)
        beginning = {notice.thread: notice.monitor or "" for notice in notices if notice.kind not in CLOSING}
        held = self._holding.reasons(session, beginning, now)
        self._incidents(session, known, held, now)
        outbox.announce(session, notices, now, held)
        self._hold_dependents(session, notices, now)

    def _hold_dependents(self, session: Session, notices: Iterable[Notice], now: int) -> None:
        """A parent that went down after its children: nobody was told of those yet, if they failed a moment ago."""
        parents = {
            child.key: f"{PARENT}{notice.monitor}"
            for notice in notices
            if notice.kind is Kind.DOWN and notice.monitor
            for child in self._roster.dependents(notice.monitor)
        }
        if not parents:
            return
        troubles = {
            key: one.trouble for key, one in standings.load(session, parents).items() if one.trouble is not None
        }
        outbox.hold(session, {thread_of(key, trouble): parents[key] for key, trouble in troubles.items()}, now)

    def _name_dependents(self, notice: Notice) -> None:
        if notice.kind is Kind.DOWN and notice.monitor:
            names = [child.name for child in self._roster.dependents(notice.monitor)]
            if names:
                notice.facts["dependents"] = names

    def _incidents(
        self, session: Session, known: Iterable[tuple[Monitor, Change]], held: dict[str, str], now: int
    ) -> None:
        """Open one for each monitor that is to have one and went down; end what is over, whatever monitors say now."""
        steps = [
            incidents.Step(one, change, one.incident and thread_of(one.key, change.after.trouble) not in held)
            for one, change in known
        ]
        incidents.follow(session, steps, now)


def thread_of(monitor: str, trouble: int | None) -> str:
    """What all notices of one trouble are told under."""
    return f"{monitor}@{trouble}"


def notice_of(monitor: Monitor, change: Change) -> Notice | None:
    """What people are to be told of a change; None where it is nothing to them.

    While a monitor is flapping nothing is told but that it is; at the end, how it stands.
    """
    before, after = change.before, change.after
    if before.flapping and after.flapping:
        return None
    if after.flapping:
        return _notice(monitor, change, Kind.FLAPPING, Severity.DOWN)
    if before.known is after.known and not before.flapping:
        return None  # it could not be seen for a while
    if after.known in _TROUBLES:
        return _notice(monitor, change, *_TROUBLES[after.known])
    if before.trouble is None:
        return None  # its first answer
    severity = Severity.DOWN if before.known is Verdict.DOWN else Severity.DEGRADED
    return _notice(monitor, change, Kind.UP, severity)


def _notice(monitor: Monitor, change: Change, kind: Kind, severity: Severity) -> Notice:
    before, after = change.before, change.after
    trouble = after.trouble if after.trouble is not None else before.trouble
    happened = after.since if before.since != after.since else change.confirmed
    facts: dict[str, object] = {
        "name": monitor.name, "target": monitor.target, "reason": after.reason.value, "message": after.message,
        "since": trouble,
    }  # fmt: skip
    if kind is Kind.UP and trouble is not None:
        facts["down_s"] = max(0, happened - trouble) // MICROS
    return Notice(
        key=f"{thread_of(monitor.key, trouble)}:{kind.value}:{happened}", thread=thread_of(monitor.key, trouble),
        kind=kind, severity=severity, happened=happened, confirmed=change.confirmed, monitor=monitor.key,
        group=monitor.group, tags=monitor.tags, facts=facts,
    )  # fmt: skip

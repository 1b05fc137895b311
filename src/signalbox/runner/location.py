"""What is written down, and told to operators, when a location is cut off and when it sees again?

Every asking process of the location finds out by itself; the one that flips the row tells, and the others change
nothing. Verbs that take a session; times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from signalbox.clock import MICROS
from signalbox.db.installation import raise_changes
from signalbox.monitors.locations import LocationRow, note_offline, note_online
from signalbox.notifications.notices import Kind, Notice, Severity

Announce = Callable[[Session, Sequence[Notice], int], object]


class Cut(NamedTuple):
    """A location that cannot see."""

    good: int  # the last time that a canary answered
    asked: int  # when the one was asked that first did not
    words: str


def cut_off(session: Session, location: str, cut: Cut, now: int, announce: Announce) -> bool:
    """Write that the location is cut off, and tell it if nobody has. False: another process has seen it back since."""
    row = session.get(LocationRow, location, populate_existing=True)
    if row is not None and row.online and row.since >= cut.asked:
        return False
    if note_offline(session, location, cut.good, cut.words, cut.good):
        notice = _notice(Kind.OFFLINE, location, cut.good, happened=cut.good, now=now, facts={"message": cut.words})
        announce(session, [notice], now)
        raise_changes(session)
    return True


def back(session: Session, location: str, seen: int, now: int, announce: Announce) -> None:
    """Write that the location sees again, and tell it if it was written to be cut off."""
    row = session.get(LocationRow, location, populate_existing=True)
    if row is None or row.online:
        return
    since = row.since
    if note_online(session, location, seen):
        facts = {"down_s": max(0, seen - since) // MICROS}
        notice = _notice(Kind.ONLINE, location, since, happened=seen, now=now, facts=facts)
        announce(session, [notice], now)
        raise_changes(session)


def _notice(kind: Kind, location: str, since: int, *, happened: int, now: int, facts: dict[str, Any]) -> Notice:
    thread = f"location:{location}@{since}"
    return Notice(
        key=f"{thread}:{kind.value}", thread=thread, kind=kind, severity=Severity.INFO, happened=happened,
        confirmed=now, facts={"location": location, "since": since, **facts},
    )  # fmt: skip

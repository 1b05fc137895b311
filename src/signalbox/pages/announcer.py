"""When is there something new to be told of a page? At once when something essential changed; when the mere passing of
time moved its bars, once a minute.

`essence` names what a document essentially says, and is the first part of its ETag, so that who was told of a change
can see whether an answer has it. A `Watch` compares it from one look to the next; it keeps nothing else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from signalbox.clock import MICROS
from signalbox.pages.document import PageDocument

MINUTE = 60 * MICROS
_LENGTH = 12  # hexadecimal digits that name an essence


class Kind(StrEnum):
    """Why something is announced."""

    HELLO = "hello"  # to who has just come: how things stand
    CHANGE = "change"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What readers are told: not the news, but that there is some."""

    kind: Kind
    essence: str
    changed: int
    """When that was first seen here, UTC microseconds: a document generated later has it."""
    at: int
    """The moment of the announcement, for readers whose clock is wrong."""

    @property
    def tag(self) -> str:
        """A short name of what there is now; equal in every process that knows the same."""
        return f"{self.essence}-{self.at // MINUTE}"


def essence(document: PageDocument) -> str:
    """A name for what a document says, but for what every signal and every minute change in it."""
    said = document.headline
    told = (
        document.page.model_dump_json(),
        (said.code, said.state, said.affected, said.total, said.no_data, said.names, said.recent and said.recent.down),
        [(group.name, [_item(item) for item in group.items]) for group in document.groups],
        [one.model_dump_json() for one in document.incidents],
        [one.model_dump_json() for one in document.maintenance],
        document.past and [one.model_dump_json() for day in document.past.listed for one in day.incidents],
    )
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:_LENGTH]


def _item(item: object) -> tuple[object, ...]:
    return tuple(getattr(item, name) for name in ("id", "name", "state", "paused", "checking", "quiet"))


class Watch:
    """What was last seen of one page, and what is to be announced when it is seen again. Times are passed in."""

    def __init__(self) -> None:
        self._essence: str | None = None
        self._changed = 0
        self._minute = 0

    def see(self, essence: str, now: int) -> Announcement | None:
        """Look again: what to announce, if anything. The first look only takes note."""
        first, minute = self._essence is None, now // MINUTE
        changed = essence != self._essence
        passed = minute > self._minute
        if changed:
            self._essence, self._changed = essence, now
        if changed or passed:
            self._minute = max(self._minute, minute)
        if first or not (changed or passed):
            return None
        return Announcement(Kind.CHANGE if changed else Kind.MINUTE, essence, self._changed, now)

    def greeting(self, now: int) -> Announcement | None:
        """How things stand, for who has just come; None before the first look."""
        if self._essence is None:
            return None
        return Announcement(Kind.HELLO, self._essence, self._changed, now)

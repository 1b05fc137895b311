"""What has to be told? A notice is one thing that happened; who hears of it, when and how, is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happened. Order within a thread is the order of `happened`."""

    DOWN = "down"
    DEGRADED = "degraded"
    UP = "up"
    FLAPPING = "flapping"  # comes and goes: told once, then no more until it is steady
    OFFLINE = "offline"  # our own network: told to operators once
    ONLINE = "online"
    INCIDENT = "incident"  # somebody opened one
    UPDATE = "update"
    RESOLVED = "resolved"
    TEST = "test"


CLOSING = frozenset({Kind.UP, Kind.ONLINE, Kind.RESOLVED})
"""They end their thread: told only where something of the thread was sent or is queued; what waits is withdrawn."""


class Severity(StrEnum):
    """How bad, for routes to choose by. From worst to least."""

    DOWN = "down"
    DEGRADED = "degraded"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell. Times are UTC microseconds since 1970. `key` makes it happen once, however often it is
    written; notices of one `thread` reach a channel in the order they happened."""

    key: str
    thread: str  # a trouble of a monitor (`KEY@SINCE`), an incident (`incident:ID`), a location (`location:NAME@SINCE`)
    kind: Kind
    severity: Severity
    happened: int  # when it began: the first failed slot
    confirmed: int  # when we were sure
    monitor: str | None = None  # its key
    group: str | None = None
    tags: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    """Plain JSON values that people may see, to word the message from: of a monitor `name`, `target`, `reason`,
    `message`, `since` and, at the end, `down_s`; `cause` (name of what it depends on that is down), `dependents` (names
    held back because of it); of an incident `title`, `body`, `status`, `impact`, `monitors`, `next_update_by`."""

"""What did one check see, at one moment, from one location?"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What an answer means for the people who use the target."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"

    __hash__ = str.__hash__  # Enum's own is written in Python, and verdicts are looked up at every turn


class Reason(StrEnum):
    """Why a verdict is what it is. The list is closed: charts, filters and translations count on it."""

    OK = "ok"
    STATUS = "status"  # an HTTP status outside what was expected
    ASSERTION = "assertion"  # an expectation on the answer's content was not met
    SLOW = "slow"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"  # the handshake failed
    CERTIFICATE = "certificate"  # the chain or the host name is not trusted, or it expires too soon
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"  # the peer broke its protocol, or a limit on size or redirects
    BLOCKED = "blocked"  # our own address guard forbids the target
    SILENT = "silent"  # an expected heartbeat did not come
    OFFLINE = "offline"  # our own network was down
    MISSED = "missed"  # nobody asked in time
    INTERNAL = "internal"  # our own bug


NO_ANSWER = -1
"""`http_status` of a signal whose target gave no HTTP answer."""


class Signal(NamedTuple):
    """One row of the signal store, named by (monitor, location, moment). Times are UTC microseconds since 1970.

    Phases are durations in float milliseconds, `None` where the check did not get that far: name lookup, TCP
    connect, TLS handshake, wait for the first byte after those, and the whole check from start to end.
    """

    monitor: str
    location: str
    moment: int  # the scheduled slot, or an unscheduled check's own start
    observed: int  # when the check ended
    url: str  # the target as people may see it: without credentials
    kind: str
    verdict: Verdict
    reason: Reason
    http_status: int
    available: bool
    dns: float | None
    connect: float | None
    tls: float | None
    ttfb: float | None
    total: float | None
    message: str
    certificate_expires: int | None

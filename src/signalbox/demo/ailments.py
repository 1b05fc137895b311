"""How does a service of the demo answer when something is wrong with it? In the words that a real check would use."""

from __future__ import annotations

from typing import NamedTuple

from signalbox.signals import NO_ANSWER, Reason


class Ailment(NamedTuple):
    """One way to be ill. What is only slow has no reason of its own: how it is judged says so."""

    reason: Reason = Reason.SLOW
    message: str = ""
    http_status: int = NO_ANSWER
    reaches: int = 0  # phases that come to an end: none, dns, connect, tls, ttfb
    takes: float | None = None  # milliseconds in all; None: as long as it usually does

    @property
    def fails(self) -> bool:
        """Is there no usable answer?"""
        return self.reason is not Reason.SLOW


SLOW = Ailment(http_status=200, reaches=4)
BAD_GATEWAY = Ailment(Reason.STATUS, "the server answered 502 Bad Gateway", 502, 4)
UNAVAILABLE = Ailment(Reason.STATUS, "the server answered 503 Service Unavailable", 503, 4)
SERVER_ERROR = Ailment(Reason.STATUS, "the server answered 500 Internal Server Error", 500, 4)
TIMEOUT = Ailment(Reason.TIMEOUT, "no answer within 10 s", reaches=3, takes=10_000.0)
UNREACHABLE = Ailment(Reason.TIMEOUT, "no connection within 10 s", reaches=1, takes=10_000.0)
REFUSED = Ailment(Reason.CONNECT, "no connection: refused", reaches=1)
NO_NAME = Ailment(Reason.DNS, "the name was not found")
EXPIRED = Ailment(Reason.CERTIFICATE, "the certificate has expired", reaches=2)

COMMON = (BAD_GATEWAY, UNAVAILABLE, TIMEOUT, TIMEOUT, REFUSED, SERVER_ERROR, UNREACHABLE)
"""What outages are of that nobody wrote a story about."""

"""Does a time server tell the time? One question in NTP's client mode (RFC 5905), which tells nothing of our clock."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field

from signalbox import clock
from signalbox.checks.base import Outcome
from signalbox.checks.call import Call, Family
from signalbox.checks.datagrams import Server, exchange
from signalbox.checks.evidence import Assertion
from signalbox.checks.hosts import HostCheck, Port
from signalbox.checks.limits import Longest
from signalbox.clock import MICROS
from signalbox.signals import Reason

if TYPE_CHECKING:
    from signalbox.checks.probe import Probe

# Leap, version and mode; stratum, poll, precision; root delay and dispersion; reference; then when the reference was
# set, and origin, receive and transmit timestamps (RFC 5905 section 7.3).
_PACKET = struct.Struct("!BBbbII4s8s8sQQ")
_CLIENT = struct.Struct("!B39x8s")
_CLIENT_MODE, _SERVER_MODE = 0x23, 4  # the first with version 4
_ALARM = 3
_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
_ERA = 1 << 32  # seconds; timestamps begin anew in 2036
_KISSES = {  # RFC 5905 section 7.4
    "RATE": "it wants to be asked less often",
    "DENY": "it refuses us",
    "RSTR": "it refuses us",
    "INIT": "it has no time yet",
    "STEP": "its clock has just been set",
}


class Reply(NamedTuple):
    """What a time server said, and when that was. Times are UTC microseconds."""

    leap: int
    stratum: int
    reference: bytes
    offset: float  # seconds that its clock is ahead of ours
    delay: float  # seconds, there and back


class NtpCheck(HostCheck):
    """A time server. Up when it is synchronised, near enough to the sources of time, and its clock agrees with ours."""

    schemes = ("ntp",)
    examples = (
        {"kind": "ntp", "host": "time.example.com"},
        {"kind": "ntp", "host": "192.0.2.123", "stratum": 3, "offset": {"degraded": "100ms", "down": "5s"}},
    )

    kind: Literal["ntp"] = "ntp"
    port: Port = Field(123, description="Its port.")
    stratum: int = Field(15, ge=1, le=15, description="At most so many steps away from a source of time.")
    offset: Longest = Field(
        Longest(degraded=1.0), description="How far apart its clock and ours may be. Ours may be the one that is wrong."
    )
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask what time it is."""
        call = Call(probe, timeout, fresh=fresh)
        async with call.held_to_time():
            question = _Question()
            servers = [Server(address, self.port) for address in await call.addresses(self.host, self.family)]
            reply, server = await exchange(call, servers, question.packet, question.read)
            call.evidence.note("connected to", f"{server.address} port {server.port}")
            self._judge(call, reply)
        return call.outcome

    def _judge(self, call: Call, reply: Reply) -> None:
        call.evidence.note("reply", _words(reply))
        code = "" if reply.stratum else reply.reference.rstrip(b"\0").decode("ascii", errors="replace")
        call.evidence.note("kiss of death", code)
        call.expect(code not in _KISSES, f"the server gives no time: {_KISSES.get(code)} ({code})", Reason.ASSERTION)
        call.expect(reply.leap != _ALARM, "the server's own clock is not synchronised", Reason.ASSERTION)
        call.expect(reply.stratum, "the server gives no time", Reason.ASSERTION)
        near = reply.stratum <= self.stratum
        call.hold(
            [
                Assertion("stratum", f"at most {self.stratum}", str(reply.stratum), near, is_ours=True),
                *self.offset.held("offset", abs(reply.offset), f"{reply.offset:+.6f} s", _within),
            ]
        )


class _Question:
    """What was sent, each time with a random number for a time of ours, and when."""

    def __init__(self) -> None:
        self._sent: dict[bytes, int] = {}

    def packet(self) -> bytes:
        """The next to be sent."""
        number = os.urandom(8)
        self._sent[number] = clock.now()
        return _CLIENT.pack(_CLIENT_MODE, number)

    def read(self, data: bytes) -> Reply | None:
        """The reply, if it is one to any of what was sent."""
        now = clock.now()
        if len(data) < _PACKET.size or data[0] & 7 != _SERVER_MODE:
            return None
        first, stratum, _, _, _, _, reference, _, origin, received, sent = _PACKET.unpack_from(data)
        begun = self._sent.get(origin)
        if begun is None or (stratum and not sent):
            return None
        there, back = seconds(received, begun) - begun / MICROS, seconds(sent, now) - now / MICROS
        delay = max(0.0, (now - begun) / MICROS - (seconds(sent, now) - seconds(received, now)))
        return Reply(first >> 6, stratum, reference, (there + back) / 2, delay)


def seconds(timestamp: int, now: int) -> float:
    """Seconds since 1970 of a timestamp, in the era that is nearest to now (RFC 5905 section 6)."""
    seconds = timestamp / (1 << 32) - _EPOCH
    return seconds + round((now / MICROS - seconds) / _ERA) * _ERA


def _within(limit: float) -> str:
    return f"within {limit:g} s of our clock"


def _words(reply: Reply) -> list[str]:
    return [f"stratum {reply.stratum}", f"offset {reply.offset:+.6f} s", f"round trip {reply.delay:.6f} s"]

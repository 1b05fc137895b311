"""Does a host answer pings? ICMP echo (RFC 792, RFC 4443), with loss, round trips and jitter.

Where the kernel lets us we use a datagram socket, which needs no privilege and is given its own answers alone; else a
raw one. Each check has random bytes of its own in its packets, so that nobody else's answer counts.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import time
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import SplitResult

from pydantic import Field

from signalbox.checks.base import AskedCheck, Outcome, Peer
from signalbox.checks.call import Call, Family, Trouble, connect_words
from signalbox.checks.datagrams import came
from signalbox.checks.evidence import Assertion
from signalbox.checks.hosts import Host, known_host
from signalbox.checks.limits import Longest, Loss
from signalbox.checks.urls import is_loopback
from signalbox.durations import Duration
from signalbox.signals import Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.probe import Probe

_HEAD = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence number
_NONCE = 16  # bytes of ours behind the head
_FILLING = bytes(range(40))  # 56 bytes of data in all, as everybody's ping has
_LARGEST = 2_048  # bytes of a packet that are read
_MOST_STRAY = 10_000  # packets that answer nothing of ours
_LINGER = 1.0  # seconds to wait for the rest, where some came back
_ICMP_FILTER, _ICMP6_FILTER, _ATTACH_FILTER, _SOL_RAW = 1, 1, 26, 255  # linux/icmp.h, icmpv6.h, asm/socket.h
_ANSWERS_ALONE = struct.pack("8I", *[0xFFFF_FFFF] * 4, ~(1 << 129 % 32) & 0xFFFF_FFFF, *[0xFFFF_FFFF] * 3)
_DENIED = (
    "this process may not send pings: set the sysctl net.ipv4.ping_group_range to include its group, "
    "or give it CAP_NET_RAW"
)


class IcmpCheck(AskedCheck):
    """A host that answers pings. Up when it does, losing fewer than its limit, and as fast as expected."""

    schemes = ("icmp", "ping")
    examples = (
        {"kind": "icmp", "host": "router.example.com"},
        {
            "kind": "icmp", "host": "192.0.2.1", "count": 10, "loss": {"degraded": 20, "down": 60},
            "latency": {"degraded": "80ms"},
        },
    )  # fmt: skip

    kind: Literal["icmp"] = "icmp"
    host: Host = Field(description="Name or address of the host.")
    count: int = Field(3, ge=1, le=10, description="How many packets to send.")
    interval: Duration = Field(0.2, ge=0.01, le=5, description="Time between them; less where there is no room.")
    loss: Loss = Field(Loss(), description="How many percent of them may be lost.")
    latency: Longest = Field(Longest(), description="How long packets may take there and back, on average.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @property
    def target(self) -> str:
        """`icmp://host`."""
        host, _ = known_host(self.host)
        return f"icmp://[{host}]" if ":" in host else f"icmp://{host}"

    @property
    def peer(self) -> Peer:
        """The host; there is no port."""
        return Peer(known_host(self.host)[0], 0)

    @property
    def local(self) -> bool:
        """Is it a loopback address, or `localhost`?"""
        return is_loopback(*known_host(self.host))

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """The host of `icmp://host`."""
        if parts.netloc != parts.netloc.rpartition("@")[2] or parts.path.strip("/") or parts.query or parts.port:
            raise ValueError("write icmp://host and nothing else; options go below `check:`")
        return {"host": parts.hostname or ""}

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Send the packets and wait for those that come back. `ttfb` and `total` are the average round trip."""
        call = Call(probe, timeout, fresh=fresh)
        pings = None
        async with call.held_to_time():
            nonce = os.urandom(_NONCE)
            with _connected(await call.addresses(self.host, self.family), _identifier(nonce)) as place:
                pings = _Pings(place, self.count, nonce)
                await pings.run(call, self.interval)
            self._judge(call, pings)
        if pings is not None and pings.trips:
            call.outcome.ttfb = call.outcome.total = pings.average * 1000
        return call.outcome

    def _judge(self, call: Call, pings: _Pings) -> None:
        if not pings.trips:
            if pings.problem is not None:
                raise Trouble(Reason.CONNECT, connect_words(pings.problem))
            many = "the ping did not come" if self.count == 1 else f"none of {self.count} pings came"
            raise Trouble(Reason.TIMEOUT, f"{many} back within {call.timeout:g} s")
        trips = pings.words
        limits = self.latency.held("round trip", pings.average, trips, _at_most, Reason.SLOW)
        loss = self.loss.held("loss", pings.loss, f"{pings.loss:g} %", _below)
        held = [*loss, *(limits or [Assertion("round trip", "any", trips, True, is_ours=True)])]  # so that it is seen
        if not all(one.passed for one in held):
            call.evidence.note("pings", f"{len(pings.trips)} of {self.count} came back\n{trips}")
        call.hold(held)


def _below(limit: float) -> str:
    return f"below {limit:g} %"


def _at_most(limit: float) -> str:
    return f"at most {limit * 1000:g} ms"


class _Pings:
    """Some packets to one host, and what came back."""

    def __init__(self, place: socket.socket, count: int, nonce: bytes) -> None:
        self._place, self._count, self._nonce = place, count, nonce
        self._sent: list[float] = []
        self.trips: dict[int, float] = {}  # seconds, by number
        self.problem: OSError | None = None
        self._stray = 0

    @property
    def loss(self) -> float:
        """Percent that did not come back."""
        return round(100 * (1 - len(self.trips) / self._count), 1)

    @property
    def average(self) -> float:
        """Seconds there and back."""
        return fmean(self.trips.values())

    @property
    def words(self) -> str:
        """Shortest, average and longest round trip. Jitter is the mean difference between neighbours."""
        trips = [trip * 1000 for _, trip in sorted(self.trips.items())]
        jitter = fmean(abs(a - b) for a, b in pairwise(trips)) if len(trips) > 1 else 0.0
        return f"{min(trips):.3f}/{fmean(trips):.3f}/{max(trips):.3f} ms, jitter {jitter:.3f} ms"

    async def run(self, call: Call, interval: float) -> None:
        """Send all, and wait for them: until the deadline when none comes back, else not long after the last."""
        now = start = time.monotonic()
        end = start + call.left - min(0.05, call.timeout * 0.1)  # so that what came is judged in time
        apart = min(interval, (end - start) / 2 / self._count)
        until = start
        while len(self.trips) < self._count and (len(self._sent) < self._count or now < until):
            if len(self._sent) < self._count and now >= start + len(self._sent) * apart:
                self._send(now)
            until = self._until(start + len(self._sent) * apart, end)
            await self._take(call, until - now)
            now = time.monotonic()

    def _until(self, due: float, end: float) -> float:
        """When to stop waiting: to send the next, or for good."""
        if len(self._sent) < self._count:
            return due
        if self.trips:
            return min(end, self._sent[-1] + max(_LINGER, 2 * max(self.trips.values())))
        return end

    def _send(self, now: float) -> None:
        number = len(self._sent)
        self._sent.append(now)
        try:
            self._place.send(_packet(self._place.family, number, self._nonce))
        except BlockingIOError:  # no room: as good as lost
            pass
        except OSError as error:
            self.problem = error

    async def _take(self, call: Call, wait: float) -> None:
        """Note what comes back by then."""
        try:
            for data in await came(self._place, wait):
                number = _number(self._place.family, data, self._nonce)
                if number is not None and number < len(self._sent) and number not in self.trips:
                    self.trips[number] = time.monotonic() - self._sent[number]
                else:
                    self._stray += 1
        except OSError as error:  # a router said that there is no way
            self.problem = error
            self._stray += 1
        call.expect(self._stray < _MOST_STRAY, "packets come that answer nothing")


def _connected(addresses: Sequence[str], identifier: int) -> socket.socket:
    """A socket for pings to the first address that there is a way to. The caller closes it."""
    problem = OSError()
    for address in addresses:
        place = _socket(address, identifier)
        try:
            place.setblocking(False)
            place.connect((address, 0))
        except OSError as error:
            place.close()
            problem = error
        else:
            return place
    raise problem


def _socket(address: str, identifier: int) -> socket.socket:
    six = ":" in address
    family, protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if six else (socket.AF_INET, socket.IPPROTO_ICMP)
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol)
    except PermissionError:
        pass
    try:
        place = socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError:
        raise Trouble(Reason.INTERNAL, _DENIED, Verdict.UNKNOWN) from None
    with contextlib.suppress(OSError):  # a kernel that cannot: what is not ours is passed over here, then
        _hear_only(place, six, identifier)
    return place


def _hear_only(place: socket.socket, six: bool, identifier: int) -> None:
    """A raw socket is given whatever comes to this machine: let it be answers, and to our identifier only."""
    if six:
        place.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, _ANSWERS_ALONE)
    else:
        place.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("I", ~(1 << 0) & 0xFFFF_FFFF))
    load = [(0x28, 0, 0, 4)] if six else [(0xB1, 0, 0, 0), (0x48, 0, 0, 4)]  # of IPv4 we are given the IP header, too
    program = [*load, (0x15, 0, 1, identifier), (0x06, 0, 0, _LARGEST), (0x06, 0, 0, 0)]  # bpf(4)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    place.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code)))


def _packet(family: int, number: int, nonce: bytes) -> bytes:
    data, six = nonce + _FILLING, family == socket.AF_INET6
    identifier = _identifier(nonce)  # a datagram socket puts its own in its place
    head = _HEAD.pack(128 if six else 8, 0, 0, identifier, number)
    return (
        head + data if six else _HEAD.pack(8, 0, _checksum(head + data), identifier, number) + data
    )  # RFC 4443: the kernel's


def _identifier(nonce: bytes) -> int:
    return int.from_bytes(nonce[:2], "big")


def _checksum(data: bytes) -> int:
    """RFC 1071; the data's length is even."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def _number(family: int, data: bytes, nonce: bytes) -> int | None:
    """Which of ours that packet answers; None for any other."""
    six = family == socket.AF_INET6
    if not six and data[:1] >= b"\x40":  # an IP header before it, on raw sockets
        data = data[(data[0] & 15) * 4 :]
    if len(data) < _HEAD.size + _NONCE or data[_HEAD.size : _HEAD.size + _NONCE] != nonce:
        return None
    type_, _, _, _, number = _HEAD.unpack_from(data)
    return number if type_ == (129 if six else 0) else None

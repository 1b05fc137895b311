"""How is a name server asked? DNS over UDP (RFC 1035), over TCP where the answer did not fit.

All questions share a few sockets, connected and with ports of the kernel's choice. A reply counts when it comes from
the server asked, on the socket asked, with the number and the question asked; sockets are replaced now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

_SEND_AT = (0.0, 0.5, 1.5, 3.0)  # seconds; each time the next server is asked as well, and all are listened to
_SOCKETS = 8  # a server
_QUESTIONS = 500  # a socket, then it is replaced
_PAYLOAD = 1232  # bytes over UDP (DNS flag day 2020)
_FINAL = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})
_ERROR_TTL = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What name servers said: addresses, else the problem; `ttl` seconds it may be remembered."""

    addresses: tuple[str, ...] = ()
    problem: str = ""
    ttl: float = 0.0


_Future = asyncio.Future[dns.message.Message | None]


class _Question:
    """One (name, type) on its way. It keeps its number on every socket it is sent by."""

    def __init__(self, name: str, family: str, future: _Future) -> None:
        self.name, self.family, self.future = dns.name.from_text(name), family, future
        self.wire = _wire(name, family)
        self.sent: list[tuple[_Socket, int]] = []
        self.refusals: list[str] = []

    def settle(self, message: dns.message.Message) -> None:
        """Take a reply: it ends the question, or tells that this server cannot answer it."""
        if message.rcode() in _FINAL:
            self.future.set_result(message)
        else:
            self.refusals.append(dns.rcode.to_text(message.rcode()))
            self.future.set_result(None)


@lru_cache(8192)
def _wire(name: str, family: str) -> bytes:
    """A question but for its number: recursion desired, EDNS with our payload (RFC 1035 section 4, RFC 6891)."""
    labels = (label.encode("ascii") for label in name.rstrip(".").split("."))
    owner = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    asked = struct.pack("!HH", dns.rdatatype.from_text(family), dns.rdataclass.IN)
    edns = struct.pack("!BHHIH", 0, dns.rdatatype.OPT, _PAYLOAD, 0, 0)
    return struct.pack("!HHHHH", dns.flags.RD, 1, 0, 0, 1) + owner + asked + edns


class _Socket:
    """One socket to one server, and the questions asked by it. Made at once, so that many askers share few."""

    def __init__(self, server: tuple[str, int], loop: asyncio.AbstractEventLoop) -> None:
        self.asked: dict[int, _Question] = {}
        self._count, self._loop = 0, loop
        self._socket = socket.socket(socket.AF_INET6 if ":" in server[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.connect(server)
        except OSError:
            self._socket.close()
            raise
        loop.add_reader(self._socket, self._receive)

    @property
    def retired(self) -> bool:
        """Has it asked its share?"""
        return self._count >= _QUESTIONS

    def ask(self, question: _Question) -> None:
        """Send it under a number that is free here."""
        number = secrets.randbelow(65_536)
        while number in self.asked:
            number = secrets.randbelow(65_536)
        self.asked[number] = question
        self._count += 1
        question.sent.append((self, number))
        with contextlib.suppress(OSError):  # refused before, or no room: as good as lost, and asked again
            self._socket.send(number.to_bytes(2, "big") + question.wire)

    def forget(self, number: int) -> None:
        """That question needs no answer any more."""
        self.asked.pop(number, None)
        if self.retired and not self.asked:
            self.close()

    def close(self) -> None:
        """Let go of the socket. A second call changes nothing."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _receive(self) -> None:
        with contextlib.suppress(OSError):  # nothing more, or the server's port is closed
            while self._socket.fileno() >= 0:
                self._take(self._socket.recv(65_535))

    def _take(self, data: bytes) -> None:
        question = self.asked.get(int.from_bytes(data[:2], "big"))
        if question is None or question.future.done():
            return
        try:
            message = dns.message.from_wire(data, ignore_trailing=True)
        except dns.exception.DNSException:
            return
        if _replies(message, question):
            question.settle(message)


def _replies(message: dns.message.Message, question: _Question) -> bool:
    """Is it a reply to that question?"""
    asked = message.question
    return (
        bool(message.flags & dns.flags.QR)
        and len(asked) == 1
        and asked[0].name == question.name
        and asked[0].rdtype == dns.rdatatype.from_text(question.family)
    )


class NameServers:
    """Asks the name servers it is given. Lives on one event loop."""

    def __init__(self) -> None:
        self._sockets: dict[tuple[str, int], list[_Socket]] = {}
        self._turn = 0

    async def ask(self, name: str, family: str, servers: Sequence[tuple[str, int]]) -> Reply:
        """Addresses of one family (`A`, `AAAA`) of a full name. Waits until told to stop when nobody answers."""
        question = _Question(name, family, asyncio.get_running_loop().create_future())
        try:
            message = await self._rounds(question, servers)
            if message is not None and message.flags & dns.flags.TC:
                message = await _by_tcp(name, family, servers)
        finally:
            for each, number in question.sent:
                each.forget(number)
        if message is None:
            return Reply(problem=f"the name server could not tell ({question.refusals[-1]})", ttl=_ERROR_TTL)
        return _read(message)

    async def _rounds(self, question: _Question, servers: Sequence[tuple[str, int]]) -> dns.message.Message | None:
        """The answer; None when every server asked said that it cannot tell."""
        loop = asyncio.get_running_loop()
        start, tries = loop.time(), max(len(_SEND_AT), len(servers))
        for turn in range(tries):
            last = turn == tries - 1
            try:
                self._socket(servers[turn % len(servers)]).ask(question)
            except OSError:  # no way to that server from here
                question.refusals.append("unreachable")
            else:
                pause = None if last else _SEND_AT[min(turn + 1, len(_SEND_AT) - 1)] - (loop.time() - start)
                if (answered := await _wait(question, pause)) is not None:
                    return answered
            if question.refusals and (last or turn + 1 >= len(servers)):
                return None
        return None

    def _socket(self, server: tuple[str, int]) -> _Socket:
        """A socket to that server: of a few, the next one."""
        sockets = self._sockets.setdefault(server, [])
        self._turn = (self._turn + 1) % _SOCKETS
        if len(sockets) < _SOCKETS:
            sockets.append(_Socket(server, asyncio.get_running_loop()))
            return sockets[-1]
        if sockets[self._turn].retired:  # it closes itself with its last question
            sockets[self._turn] = _Socket(server, asyncio.get_running_loop())
        return sockets[self._turn]

    def close(self) -> None:
        """Let go of every socket."""
        for sockets in self._sockets.values():
            for each in sockets:
                each.close()


async def _wait(question: _Question, seconds: float | None) -> dns.message.Message | None:
    """The answer within so long, or None: too late, or a server has just said that it cannot tell."""
    future = question.future
    await asyncio.wait({future}, timeout=None if seconds is None else max(seconds, 0.0))
    if not future.done():
        return None
    if future.result() is None:
        question.future = asyncio.get_running_loop().create_future()
    return future.result()


async def _by_tcp(name: str, family: str, servers: Sequence[tuple[str, int]]) -> dns.message.Message | None:
    query = dns.message.make_query(name, family, use_edns=0)
    for address, port in servers:
        with contextlib.suppress(OSError, EOFError, dns.exception.DNSException):
            message = await dns.asyncquery.tcp(query, address, port=port, timeout=2.0)
            if message.rcode() in _FINAL:
                return message
    return None


def _read(message: dns.message.Message) -> Reply:
    """Addresses at the end of the answer's chain of CNAMEs, and how long they hold."""
    assert isinstance(message, dns.message.QueryMessage)
    try:
        chain = message.resolve_chaining()
    except dns.exception.DNSException:
        return Reply(problem="the name server's answer makes no sense", ttl=_ERROR_TTL)
    if chain.answer is not None:
        return Reply(tuple(record.address for record in chain.answer), ttl=float(chain.minimum_ttl))
    if message.rcode() == dns.rcode.NXDOMAIN:
        return Reply(problem="the name does not exist", ttl=float(chain.minimum_ttl))
    return Reply(problem="the name has no address", ttl=float(chain.minimum_ttl))

"""How do questions reach name servers? By UDP, and by TCP where the answer did not fit.

All questions share a few sockets, connected and with ports of the kernel's choice. A packet counts when it comes from
the server asked, on the socket asked, with the number and the question asked. Numbers are random and never twice under
way on one socket; sockets, and with them ports, are replaced now and then.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Protocol

import dns.exception
import dns.message
import dns.query

from signalbox.resolver import packets
from signalbox.resolver.packets import Answer, Malformed
from signalbox.resolver.turns import Turns

_SOCKETS = 8  # a server
_QUESTIONS = 500  # a socket, then it is replaced
_RECEIVE_BUFFER = 1_000_000  # bytes a socket, as far as the kernel gives them
_MOST_A_TURN = 2_000  # packets a socket; more than its buffer holds
_LARGEST = 4_096  # bytes a packet; three times what we say that we take
_TCP_THREADS, _TCP_PATIENCE = 4, 2.0  # seconds

Server = tuple[str, int]  # address, port


class Asker(Protocol):
    """Who asked, and is told what came. `sent` is where its questions went, to forget them by."""

    __slots__ = ()
    sent: list[tuple[_Socket, int]]

    def take(self, question: bytes, server: Server, answer: Answer) -> None:
        """A server answered."""

    def pass_by(self, server: Server) -> None:
        """Nobody listens at that server."""


class _Socket:
    """One socket to one server, and the questions asked by it."""

    def __init__(self, server: Server, turns: Turns) -> None:
        self.server, self._turns, self.count = server, turns, 0
        self.asked: dict[int, tuple[Asker, bytes]] = {}
        self._socket = socket.socket(socket.AF_INET6 if ":" in server[0] else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            self._socket.connect(server)
            turns.watch(self._socket, self._receive)
        except OSError:
            self._socket.close()
            raise

    def send(self, packet: bytes) -> bool:
        """Send it; False when there is no way to the server."""
        for _ in range(2):
            try:
                self._socket.send(packet)
            except BlockingIOError:  # no room: as good as lost, and asked again
                return True
            except ConnectionRefusedError:  # that was about an earlier question, and this one was not sent
                continue
            except OSError:
                return False
            return True
        return False

    def forget(self, number: int) -> None:
        """That question needs no answer any more."""
        self.asked.pop(number, None)
        if self.count >= _QUESTIONS and not self.asked:
            self.close()

    def close(self) -> None:
        """Let go of the socket. A second call changes nothing."""
        if self._socket.fileno() >= 0:
            self._turns.unwatch(self._socket)
            self._socket.close()

    def _receive(self) -> None:
        try:
            for _ in range(_MOST_A_TURN):
                if self._socket.fileno() < 0:  # closed since, with its last question
                    return
                self._take(self._socket.recv(_LARGEST))
        except BlockingIOError:
            return
        except OSError:  # the server's port is closed, or the way to it
            for asker in {asker for asker, _ in self.asked.values()}:
                asker.pass_by(self.server)

    def _take(self, packet: bytes) -> None:
        number = int.from_bytes(packet[:2], "big")
        asker, question = self.asked.get(number, (None, b""))
        if asker is None or not packets.is_reply(packet, question):
            return
        try:
            answer = packets.read(packet, question)
        except Malformed as error:
            answer = Answer(rcode=packets.SERVFAIL, problem=f"an answer that makes no sense: {error}")
        asker.take(question, self.server, answer)


class Network:
    """The way to all name servers. Lives on the thread of `turns`."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self._sockets: dict[Server, list[_Socket]] = {}
        self._turn = 0
        self._numbers = _random_numbers()
        self._tcp: ThreadPoolExecutor | None = None
        self._quiet: set[Server] = set()

    def heard(self, server: Server) -> None:
        """It answers."""
        self._quiet.discard(server)

    def waited_for(self, server: Server | None) -> None:
        """It kept quiet as long as it had time to answer. Until it is heard again, others are asked first."""
        if server is not None:
            self._quiet.add(server)

    def best_first(self, servers: Sequence[Server]) -> list[Server]:
        """In which order to ask them."""
        return sorted(servers, key=self._quiet.__contains__) if self._quiet else list(servers)

    def ask(self, server: Server, questions: Iterable[bytes], asker: Asker, *, edns: bool = True) -> bool:
        """Send these questions, and tell the asker where they went; False when there is no way to that server."""
        try:
            place = self._socket(server)
        except OSError:
            return False
        asked = place.asked
        for question in questions:
            number = next(self._numbers)
            while number in asked:
                number = next(self._numbers)
            asked[number] = asker, question
            asker.sent.append((place, number))
            place.count += 1
            if not place.send(packets.query(number, question, edns=edns)):
                return False
        return True

    def ask_by_tcp(self, server: Server, question: bytes, asker: Asker) -> None:
        """The same by TCP, for an answer that does not fit; always answered, if only with a problem."""
        if self._tcp is None:
            self._tcp = ThreadPoolExecutor(_TCP_THREADS, "signalbox-resolver-tcp")
        packet = packets.query(next(self._numbers), question)

        def hand_over(done: Future[Answer]) -> None:
            if not done.cancelled():
                self.turns.call(partial(asker.take, question, server, done.result()))

        self._tcp.submit(_by_tcp, server, packet, question).add_done_callback(hand_over)

    def close(self) -> None:
        """Let go of every socket."""
        for place in [place for places in self._sockets.values() for place in places]:
            place.close()
        if self._tcp is not None:
            self._tcp.shutdown(wait=False, cancel_futures=True)

    def _socket(self, server: Server) -> _Socket:
        """A socket to that server: of a few, the next one."""
        self._turn = turn = (self._turn + 1) % _SOCKETS
        sockets = self._sockets.setdefault(server, [])
        if len(sockets) < _SOCKETS:
            sockets.append(_Socket(server, self.turns))
            return sockets[-1]
        old = sockets[turn]
        if old.count < _QUESTIONS:
            return old
        new = sockets[turn] = _Socket(server, self.turns)
        if not old.asked:  # else it closes itself with its last question
            old.close()
        return new


def _random_numbers() -> Iterator[int]:
    while True:
        yield from struct.unpack("!512H", os.urandom(1024))


def _by_tcp(server: Server, packet: bytes, question: bytes) -> Answer:
    with contextlib.suppress(OSError, EOFError, ValueError, dns.exception.DNSException):
        asked = dns.message.from_wire(packet)
        reply = dns.query.tcp(asked, server[0], _TCP_PATIENCE, server[1], ignore_trailing=True)
        wire = reply.to_wire(max_size=65_535)
        if packets.is_reply(wire, question):
            return packets.read(wire, question)
    return Answer(rcode=packets.SERVFAIL, problem="no answer by TCP")

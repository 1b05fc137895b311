"""A name server for tests: real DNS over UDP and TCP on loopback, with names that are never answered for."""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from types import TracebackType
from typing import Self

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, SOA, A, DNSRecord


def _same_port() -> tuple[socket.socket, socket.socket]:
    """A UDP and a listening TCP socket on one port that is free for both."""
    for _ in range(100):
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
        else:
            return udp, tcp
    raise AssertionError("no port is free for both UDP and TCP")


class NameServer:
    """Answers from `zone` ({name: [addresses]}); names in `dead` get no answer, in `failing` SERVFAIL.

    `asked` counts questions by (name, type). `truncated` names fit no UDP packet; nothing that ends in `dead_suffix`
    is answered; `aliases` are CNAMEs. All may be changed while it runs.
    """

    def __init__(self, zone: dict[str, list[str]] | None = None, ttl: int = 60) -> None:
        self.zone, self.ttl = zone or {}, ttl
        self.dead: set[str] = set()
        self.dead_suffix = ""
        self.failing: set[str] = set()
        self.truncated: set[str] = set()
        self.quiet_types: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self._udp, self._tcp = _same_port()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._serve_udp, self._serve_tcp)]

    @property
    def address(self) -> tuple[str, int]:
        """(address, port) as the resolver takes it."""
        host, port = self._udp.getsockname()
        return host, port

    def _answer(self, wire: bytes, *, udp: bool) -> bytes | None:
        if self.dead_suffix and self._suffix() in wire:
            return None  # before the work of reading it: there may be thousands
        query = DNSRecord.parse(wire)
        name, kind = str(query.q.qname).rstrip(".").lower(), QTYPE[query.q.qtype]
        self.asked[name, kind] += 1
        if name in self.dead or kind in self.quiet_types:
            return None
        reply = query.reply()
        if name in self.failing:
            reply.header.rcode = RCODE.SERVFAIL
        elif udp and name in self.truncated:
            reply.header.tc = 1
        else:
            self._fill(reply, name, kind)
        return bytes(reply.pack())

    def _suffix(self) -> bytes:
        labels = self.dead_suffix.strip(".").encode().split(b".")
        return b"".join(bytes([len(label)]) + label for label in labels) + bytes(1)

    def _fill(self, reply: DNSRecord, name: str, kind: str) -> None:
        owner = name
        if owner in self.aliases:
            owner = self.aliases[owner]
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(owner), ttl=self.ttl))
        for address in self.zone.get(owner, []):
            if (":" in address) == (kind == "AAAA"):
                data = AAAA(address) if kind == "AAAA" else A(address)
                reply.add_answer(RR(owner, getattr(QTYPE, kind), rdata=data, ttl=self.ttl))
        if owner not in self.zone:
            reply.header.rcode = RCODE.NXDOMAIN
        if not reply.rr or owner not in self.zone:
            reply.add_auth(RR("test", QTYPE.SOA, rdata=SOA("ns.test", "root.test", (1, 1, 1, 1, 2)), ttl=2))

    def _serve_udp(self) -> None:
        while True:
            try:
                wire, peer = self._udp.recvfrom(4096)
                if not wire:
                    return
                if answer := self._answer(wire, udp=True):
                    self._udp.sendto(answer, peer)
            except OSError:
                return

    def _serve_tcp(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                wire = connection.recv(4096)
                if answer := self._answer(wire[2:], udp=False):
                    connection.sendall(struct.pack("!H", len(answer)) + answer)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._udp.getsockname())
        self._tcp.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

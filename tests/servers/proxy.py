"""Proxies on loopback: one by HTTP's CONNECT, one by SOCKS 5 (RFC 1928, RFC 1929). They keep where they were sent."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

from tests.servers.hostile import Behaviour, Visit


def connecting(asked: list[bytes], refuse: bytes = b"") -> Behaviour:
    """An HTTP proxy. `asked` gets the head of each request; `refuse` is a status line to answer with instead."""

    def behave(visit: Visit) -> None:
        head = visit.request()
        asked.append(head)
        method, to, _ = head.split(b"\r\n")[0].split(b" ")
        if refuse or method != b"CONNECT":
            visit.send(b"HTTP/1.1 " + (refuse or b"405 Method Not Allowed") + b"\r\nContent-Length: 0\r\n\r\n")
            return
        host, port = to.decode().rsplit(":", 1)
        try:
            target = socket.create_connection((host.strip("[]"), int(port)))
        except OSError:
            visit.send(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        visit.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        _join(visit.connection, target)

    return behave


def socks(asked: list[tuple[int, bytes, int]], user: bytes = b"", password: bytes = b"") -> Behaviour:
    """A SOCKS 5 proxy. `asked` gets type of address (1: IPv4, 3: name, 4: IPv6), the address and the port."""

    def behave(visit: Visit) -> None:
        take = _taker(visit.connection)
        methods = take(take(2)[1])
        wanted = 2 if user else 0
        visit.send(bytes([5, wanted if wanted in methods else 255]))
        if wanted == 2:
            name = take(take(2)[1])
            word = take(take(1)[0])
            visit.send(bytes([1, 0 if (name, word) == (user, password) else 1]))
        kind = take(4)[3]
        host = take({1: 4, 4: 16}[kind]) if kind != 3 else take(take(1)[0])
        port = struct.unpack("!H", take(2))[0]
        asked.append((kind, host, port))
        try:
            target = socket.create_connection((socket.inet_ntop(socket.AF_INET, host), port))
        except OSError:
            visit.send(bytes([5, 5, 0, 1]) + bytes(6))
            return
        visit.send(bytes([5, 0, 0, 1]) + bytes(6))
        _join(visit.connection, target)

    return behave


def _taker(connection: socket.socket) -> Callable[[int], bytes]:
    def take(count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise OSError("the client is gone")
            data += more
        return data

    return take


def _join(one: socket.socket, other: socket.socket) -> None:
    """Pass on what comes from either, until both ended."""
    back = threading.Thread(target=_copy, args=(other, one), daemon=True)
    back.start()
    _copy(one, other)
    back.join()
    other.close()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)

"""Databases that take any login, and then do what a behaviour says: what a check that logs in must survive."""

from __future__ import annotations

import ssl
import struct

from tests.servers.hostile import Behaviour, Visit

_MYSQL_TLS = 0x0800
_MYSQL_ALL = 0x0FFF_FFFF
_MYSQL_OK = b"\0\0\0\x02\0\0\0"
_SSL_REQUEST = struct.pack(">I", 80_877_103)
_POSTGRES_READY = b"".join(
    kind + struct.pack(">I", len(body) + 4) + body
    for kind, body in (
        (b"R", struct.pack(">I", 0)), (b"S", b"client_encoding\0UTF8\0"), (b"K", struct.pack(">II", 1, 2)), (b"Z", b"I")
    )
)  # fmt: skip


def mysql(
    then: Behaviour, tls: ssl.SSLContext | None = None, *, plugin: bytes = b"", heard: list[bytes] | None = None
) -> Behaviour:
    """A MySQL that does `then` in place of answering a query. `plugin`: how it wants the password; goes to `heard`."""

    def serve(visit: Visit) -> None:
        visit.send(packet(0, _greeting(tls is not None)))
        number, _ = _mysql_packet(visit)
        if tls is None:
            answer(visit, number)
            return
        with tls.wrap_socket(visit.connection, server_side=True) as visit.connection:
            number, _ = _mysql_packet(visit)
            answer(visit, number)

    def answer(visit: Visit, number: int) -> None:
        if plugin:
            visit.send(packet(number + 1, b"\xfe" + plugin + b"\0"))
            number, told = _mysql_packet(visit)
            if heard is not None:
                heard.append(told)
        visit.send(packet(number + 1, _MYSQL_OK))
        while not _mysql_packet(visit)[1].startswith(b"\x03SELECT"):
            visit.send(packet(1, _MYSQL_OK))
        then(visit)

    return serve


def packet(number: int, body: bytes) -> bytes:
    """A packet of MySQL's."""
    return len(body).to_bytes(3, "little") + bytes([number]) + body


ONE_ROW = (
    packet(1, b"\x01") + packet(2, b"\x03def\0\0\0\x011\0\x0c\x3f\0\x01\0\0\0\x08\x81\0\0\0\0")
    + packet(3, b"\xfe\0\0\x02\0") + packet(4, b"\x011") + packet(5, b"\xfe\0\0\x02\0")
)  # fmt: skip


def _greeting(tls: bool) -> bytes:
    can = _MYSQL_ALL if tls else _MYSQL_ALL & ~_MYSQL_TLS
    head = b"\x0a8.0.0\0" + struct.pack("<I", 1) + b"12345678\0" + struct.pack("<HBHH", can & 0xFFFF, 33, 2, can >> 16)
    return head + bytes([21]) + bytes(10) + b"123456789012\0mysql_native_password\0"


def _mysql_packet(visit: Visit) -> tuple[int, bytes]:
    head = _exactly(visit, 4)
    return head[3], _exactly(visit, int.from_bytes(head[:3], "little"))


def postgres(then: Behaviour, *, heard: list[bytes] | None = None) -> Behaviour:
    """A PostgreSQL that does `then` in place of answering a query. With `heard` it wants to see the password."""

    def serve(visit: Visit) -> None:
        while True:
            told = _exactly(visit, struct.unpack(">I", _exactly(visit, 4))[0] - 4)
            if told[:4] != _SSL_REQUEST:
                break
            visit.send(b"N")
        if heard is not None:
            visit.send(b"R" + struct.pack(">II", 8, 3))
            heard.append(visit.connection.recv(1_000))
        visit.send(_POSTGRES_READY)
        visit.connection.recv(1_000)
        then(visit)

    return serve


def endless_rows(visit: Visit) -> None:
    """A result of PostgreSQL's, 1 MB a row, that never ends."""
    column = b"\0\x01c\0" + struct.pack(">IHIhih", 0, 0, 25, -1, -1, 0)
    visit.send(b"T" + struct.pack(">I", len(column) + 4) + column)
    row = b"\0\x01" + struct.pack(">I", 1_000_000) + b"x" * 1_000_000
    while True:
        visit.send(b"D" + struct.pack(">I", len(row) + 4) + row)


def _exactly(visit: Visit, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = visit.connection.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data

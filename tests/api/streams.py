"""How does a test follow announcements? Over a raw socket, event by event."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

PATIENCE = 30.0


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    kind: str
    id: str
    data: Any


class Stream:
    """An open request for announcements."""

    def __init__(self, port: int, path: str = "/api/events", headers: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        self._file = self.socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers: dict[str, str] = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.lower()] = value.strip()
        self._rest = b""

    def block(self) -> str:
        """The next block of lines: an event, a comment, or `retry`; empty when the stream has ended."""
        while b"\n\n" not in self._rest:
            size = int(self._file.readline().strip() or b"0", 16)
            if size == 0:
                return ""
            self._rest += self._file.read(size)
            self._file.readline()
        block, _, self._rest = self._rest.partition(b"\n\n")
        return block.decode()

    def event(self, *kinds: str) -> Event:
        """The next event, or the next of these kinds."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            block = self.block()
            assert block, "the stream has ended"
            lines = dict(line.split(": ", 1) for line in block.splitlines())
            if "event" in lines and (not kinds or lines["event"] in kinds):
                return Event(lines["event"], lines["id"], json.loads(lines["data"]))
        raise AssertionError(f"no {' or '.join(kinds)} came")

    def close(self) -> None:
        """Leave."""
        self._file.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

"""How many requests a second does an address answer, and how soon? Asked by wrk where it is installed, else by a small
generator of our own, which takes about as much of a core as what it measures, and says so."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import uvloop

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


class Load(NamedTuple):
    """Answers a second, and milliseconds within which half and 99 of 100 of them came."""

    rate: float
    p50: float
    p99: float
    failed: int
    tool: str


def ask(url: str, connections: int = 32, seconds: int = 5, gzip: bool = False) -> Load:
    """Ask an address as fast as it answers. `failed` counts what was not answered with 200."""
    if shutil.which("wrk"):
        return _wrk(url, connections, seconds, gzip)
    return uvloop.run(_own(url, connections, seconds, gzip))


def _wrk(url: str, connections: int, seconds: int, gzip: bool) -> Load:
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-H", "Accept-Encoding: gzip"] if gzip else []
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout

    def share(percent: int) -> float:
        value, unit = re.findall(rf"{percent}%\s+([\d.]+)(us|ms|s)", text)[0]
        return float(value) * _UNITS[unit]

    errors = re.findall(r"(?:connect|read|write|timeout) (\d+)|Non-2xx or 3xx responses: (\d+)", text)
    failed = sum(int(number) for pair in errors for number in pair if number)
    return Load(float(re.findall(r"Requests/sec:\s+([\d.]+)", text)[0]), share(50), share(99), failed, "wrk")


class _Asker(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, request: bytes, end: float, times: list[float]) -> None:
        self._request, self._end, self._times = request, end, times
        self._start, self._missing, self._head = 0.0, 0, b""
        self.failed = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        self._start = time.perf_counter()
        self._head = b""
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            head, gap, rest = (self._head + data).partition(b"\r\n\r\n")
            if not gap:
                self._head = head
                return
            self.failed += not head.startswith(b"HTTP/1.1 200")
            place = head.index(b"content-length: ") + 16
            self._missing, data = int(head[place:].split(b"\r", 1)[0]), rest
        self._missing -= len(data)
        if not self._missing:
            now = time.perf_counter()
            self._times.append(now - self._start)
            if now < self._end:
                self._ask()
            else:
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.failed += time.perf_counter() < self._end
        self.over.set_result(None)


async def _own(url: str, connections: int, seconds: int, gzip: bool) -> Load:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    coding = "Accept-Encoding: gzip\r\n" if gzip else ""
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n{coding}\r\n".encode()
    end, times = time.perf_counter() + seconds, list[float]()
    loop = asyncio.get_running_loop()
    askers = [
        (await loop.create_connection(lambda: _Asker(request, end, times), parts.hostname or "", parts.port or 80))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(asker.over for asker in askers))
    times.sort()
    failed = sum(asker.failed for asker in askers)
    return Load(
        len(times) / seconds, times[len(times) // 2] * 1_000, times[len(times) * 99 // 100] * 1_000, failed, "own"
    )

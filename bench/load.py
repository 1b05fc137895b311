"""How many requests a second does an address answer, and how soon? Asked by wrk where it is installed, else by a small
generator of our own, which is slower than what it measures on the fastest routes and says so."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from typing import NamedTuple
from urllib.parse import urlsplit

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
    return asyncio.run(_own(url, connections, seconds, gzip))


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


async def _own(url: str, connections: int, seconds: int, gzip: bool) -> Load:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    coding = "Accept-Encoding: gzip\r\n" if gzip else ""
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n{coding}\r\n".encode()
    end, times, failed = time.perf_counter() + seconds, [], 0

    async def one() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**22)
        while (start := time.perf_counter()) < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.findall(rb"content-length: (\d+)", head)[0]))
            times.append(time.perf_counter() - start)
            failed += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    times.sort()
    return Load(
        len(times) / seconds, times[len(times) // 2] * 1_000, times[len(times) * 99 // 100] * 1_000, failed, "own"
    )

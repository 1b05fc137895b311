"""A target for tests: good, bad and hanging answers over plain HTTP on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Self

import pytest

_ANSWERS = {"/ok": b"200 OK", "/gone": b"404 Not Found", "/broken": b"500 Internal Server Error"}


class Target:
    """Answers `/ok`, `/gone` and `/broken` as named, and never answers `/hang`. `/switch` does as `switched` says."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()  # requests by path
        self.switched = b"200 OK"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="target", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def url(self, path: str) -> str:
        """The URL of a path here. The query makes as many different URLs as a test wants."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1_024)

    async def _end(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            path = request.split(b" ", 2)[1].decode().partition("?")[0]
            self.asked[path] += 1
            if path.startswith("/hang"):
                await reader.read()  # until the client has given up
                return
            status = self.switched if path == "/switch" else _ANSWERS[f"/{path.split('/')[1]}"]
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, KeyError):
            pass
        finally:
            writer.close()


@pytest.fixture
def target() -> Iterator[Target]:
    """A target for one test."""
    with Target() as server:
        yield server

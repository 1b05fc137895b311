"""Who is told when there is something new on a page? Everybody who reads `/api/events`, by server-sent events.

One task a page looks while somebody reads, ten times a second, at what the publication has ready, which costs next to
nothing and has it made anew twice a second at the most. Readers wait in no task of ours that could hold up another's:
the task that looks writes to all of them, and whoever does not keep up is cut off and comes again.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from signalbox import clock
from signalbox.api.errors import problem
from signalbox.api.held import Held
from signalbox.api.paths import STRICT, Header
from signalbox.api.ready import settled
from signalbox.pages.announcer import Announcement, Watch
from signalbox.pages.publication import Publication, View

log = structlog.get_logger(__name__)

MOST = 20_000
"""Readers of one process; fewer where it may open fewer files. Who comes beyond that polls."""

LOOK = 0.1  # seconds between two looks at what is ready
HEARTBEAT = 20.0  # seconds of silence after which proxies and browsers are shown that somebody is there
RETRY = 5_000  # milliseconds after which a browser comes again by itself
SPARE = 512  # open files that are left to everything else
_AT_ONCE = 500  # readers written to before other requests have their turn

_HEAD = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx would wait for more
    "content-security-policy": STRICT.decode(),
}
_FIELDS = [(name.encode(), value.encode()) for name, value in _HEAD.items()]


def room() -> int:
    """How many readers this process may have."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST if files == resource.RLIM_INFINITY else max(0, min(MOST, files - SPARE))


class _Reader:
    """One open stream, of a server that is not ours."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def write(self, chunk: bytes) -> bool:
        """Send without waiting. False if that is not possible, because what was sent before is not taken."""
        sending: Any = self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        try:
            sending.send(None)  # runs until it would have to wait
        except StopIteration:
            return True
        except Exception:  # the connection is in no state to be written to
            return False
        sending.close()
        return False

    def cut(self) -> None:
        """Write no more to it: there is no way to end it from here."""


Reader = _Reader | Held


class _Topic:
    """The readers of one page, and the task that looks for them while there are any."""

    def __init__(self, publication: Publication, view: View) -> None:
        self.readers: set[Reader] = set()
        self._publication, self._view, self._watch = publication, view, Watch()
        self._task: asyncio.Task[None] | None = None
        self._silent_since = 0.0

    async def greet(self, reader: Reader) -> None:
        """Tell a new reader how things stand, and everything from then on."""
        if self._watch.greeting(0) is None and (news := await self._look()):
            await self._tell(written(news))
        hello = self._watch.greeting(clock.now())
        if not reader.write(b"retry: %d\n\n" % RETRY + (written(hello) if hello else b"")):
            reader.cut()
            return
        self.readers.add(reader)
        if self._task is None:
            self._silent_since = time.monotonic()
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self.readers:
                await asyncio.sleep(LOOK)
                await self._turn()
        finally:
            self._task, self._watch = None, Watch()

    async def _turn(self) -> None:
        try:
            news = await self._look()
            if news is not None:
                await self._tell(written(news))
            elif time.monotonic() - self._silent_since >= HEARTBEAT:
                await self._tell(b": still here\n\n")
        except Exception:
            log.exception("events.bug")

    async def _look(self) -> Announcement | None:
        """What is new. Nothing while the page cannot be made: whoever asks for it is told why, and so is the log."""
        try:
            (body,) = await settled(self._publication.document(self._view))
        except Exception:
            return None
        essence, dot, _ = body.tag.partition(".")
        return self._watch.see(essence, clock.now()) if dot else None

    async def _tell(self, chunk: bytes) -> None:
        self._silent_since = time.monotonic()
        for number, reader in enumerate(tuple(self.readers), 1):
            if reader in self.readers and not reader.write(chunk):
                self.readers.discard(reader)
                reader.cut()
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def close(self) -> None:
        """Look no more, and end all streams."""
        if self._task is not None:
            self._task.cancel()
        for reader in self.readers:
            reader.cut()


class Streams:
    """All open streams of one application; lives in its event loop."""

    def __init__(self, publication: Publication, most: int | None = None) -> None:
        self._publication = publication
        self._topics: dict[View, _Topic] = {}  # as many as there are pages
        self._most = room() if most is None else most
        self.open = 0
        """How many there are."""

    async def serve(self, scope: Scope, receive: Receive, send: Send, extra: Sequence[Header] = ()) -> None:
        """Answer one request for announcements, for as long as its reader stays. `extra` are further header fields."""
        view = self._view(scope)
        if view is not None and self.open < self._most and not scope.get("signalbox.head"):
            await self._stream(view, scope, receive, send, extra)
            return
        answer = _missing() if view is None else _full() if self.open >= self._most else Response(b"", 200, _HEAD)
        answer.raw_headers.extend(extra)
        await answer(scope, receive, send)

    def _view(self, scope: Scope) -> View | None:
        try:
            given = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20)
        except ValueError:  # more parameters than anybody needs
            return None
        return self._publication.view(given.get("slug", [None])[0])

    async def _stream(self, view: View, scope: Scope, receive: Receive, send: Send, extra: Sequence[Header]) -> None:
        topic = self._topics.get(view)
        if topic is None:
            topic = self._topics[view] = _Topic(self._publication, view)

        def ended(reader: Reader) -> None:
            topic.readers.discard(reader)
            self.open -= 1

        await send({"type": "http.response.start", "status": 200, "headers": [*_FIELDS, *extra]})
        self.open += 1
        hold = scope.get("state", {}).pop("hold", None)  # where our own server runs: api/server.py
        held: Held | None = hold(ended) if hold else None
        if held is not None:
            await topic.greet(held)
            return
        reader = _Reader(send)
        try:
            await topic.greet(reader)
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            ended(reader)

    def close(self) -> None:
        """End all streams; for the end of the process."""
        for topic in self._topics.values():
            topic.close()


def _missing() -> Response:
    return problem(404, "There is no such page.")


def _full() -> Response:
    headers = {"Retry-After": "60", "Cache-Control": "no-store"}
    return problem(503, "Too many readers follow live: ask for /api/page now and then instead.", headers=headers)


def written(news: Announcement) -> bytes:
    """An announcement as an event of a stream. Times are milliseconds, as browsers count."""
    data = json.dumps({"essence": news.essence, "changed": news.changed // 1_000, "at": news.at // 1_000})
    return f"event: {news.kind}\nid: {news.tag}\ndata: {data}\n\n".encode()

"""How does this process listen? uvicorn, with limits on what comes before the application is asked: the size of a
request's head, and the time it takes."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from signalbox.api.errors import MEDIA_TYPE, content
from signalbox.api.held import Held
from signalbox.api.paths import EVENTS
from signalbox.settings import Settings

LARGEST_HEAD = 65_536
"""Bytes of request line and headers; uvicorn itself would take any number."""

SLOWEST_HEAD = 20.0
"""Seconds from connecting, or from a further request's first byte, to the end of its headers."""

MOST_FILES = 65_536
"""Files, and so connections, that a process opens at the most, where the system lets it."""

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than what proxies keep theirs."""


def options(settings: Settings) -> dict[str, Any]:
    """What `uvicorn.run` or `uvicorn.Config` needs to be told besides the application."""
    return {
        "host": settings.host,
        "port": settings.port,
        "http": BoundedHttp,
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "forwarded_allow_ips": settings.trusted_proxies,
        "timeout_keep_alive": KEEP_ALIVE,
        "timeout_graceful_shutdown": 5,
    }


def open_more_files() -> None:
    """Let this process have as many connections as it may: systems begin with 1 024, which a few readers fill."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # then the readers beyond it poll
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def take_turns() -> None:
    """Let threads take turns every half millisecond instead of five, and Python look for reference cycles less often:
    readers must not wait while a page is being made."""
    sys.setswitchinterval(0.0005)
    gc.set_threshold(20_000, 20, 20)


class BoundedHttp(HttpToolsProtocol):
    """HTTP/1.1 whose heads are bounded in size and time, and whose refusals look like all others.

    It adds no more than two attributes to uvicorn's 28: from the 31st on, Python keeps all of them in 1.5 kB more.
    """

    _head: int | None = 0  # bytes of the head that is coming in; None: none is
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first head from now on."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._set_deadline(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on what comes, as long as a head stays within its bounds."""
        while self._head is not None and data and not self.transport.is_closing():
            room = LARGEST_HEAD - self._head
            if not room:
                self._refuse(431, f"A request's head may have {LARGEST_HEAD} bytes.")
                return
            part, data = data[:room], data[room:]
            self._head += len(part)
            super().data_received(part)
        if data and not self.transport.is_closing():
            super().data_received(data)

    def on_message_begin(self) -> None:
        """A further request on the same connection begins."""
        super().on_message_begin()
        if self._head is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is in; the application is asked."""
        self._head = None
        self._set_deadline(None)
        super().on_headers_complete()
        if self.scope["path"].endswith(EVENTS):  # no others: it leads back here
            self.scope["state"]["hold"] = partial(self.hold, self.cycle)

    def hold(self, cycle: RequestResponseCycle, ended: Callable[[Held], None]) -> Held | None:
        """Hand the connection over to a stream, once the head of that response is sent. For uvicorn the request is over
        then, as if its reader had left; `ended` is called when the reader really has. None if that is so already."""
        is_left = cycle.disconnected or self.transport.is_closing()
        cycle.disconnected = True
        if is_left:
            return None
        self._set_deadline(None)  # of a further request that came with this one: nobody will read it
        self.pipeline.clear()
        self.connections.discard(self)
        self.scope = self.cycle = self.parser = None  # type: ignore[assignment] # each leads back here
        return Held(self.transport, self.connections, bool(cycle.chunked_encoding), ended)

    def _expect_head(self) -> None:
        self._head = 0
        self._set_deadline(SLOWEST_HEAD)

    def _set_deadline(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self._refuse(408, f"A request's head may take {SLOWEST_HEAD:g} seconds.")

    def send_400_response(self, msg: str) -> None:
        """What the parser could not read."""
        self._refuse(400, "This is not HTTP/1.1.")

    def _refuse(self, status: int, detail: str) -> None:
        if self.transport.is_closing():
            return
        body = content(status, detail)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

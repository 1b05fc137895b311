"""What is left of a connection on which nothing but announcements come? Hardly more than the socket: request, parser
and task are given back, so that ten thousand readers take a fifth of the memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Held(asyncio.Protocol):
    """A connection whose response goes on until either side ends it. Whoever asks for more on it is cut off."""

    __slots__ = ("_connections", "_ended", "_is_behind", "_is_chunked", "_transport")

    def __init__(
        self, transport: asyncio.Transport, connections: set[Any], is_chunked: bool, ended: Callable[[Held], None]
    ) -> None:
        """`connections` is what the server ends when it stops. `ended` is called once, when this is over."""
        self._transport, self._connections, self._is_chunked, self._ended = transport, connections, is_chunked, ended
        self._is_behind = False
        connections.add(self)
        transport.set_protocol(self)
        transport.resume_reading()  # else it would not be noticed that the reader leaves

    def write(self, chunk: bytes) -> bool:
        """Send without waiting. False if that is not possible, because what was sent before is not taken."""
        if self._is_behind or self._transport.is_closing():
            return False
        self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._is_chunked else chunk)
        return True

    def cut(self) -> None:
        """End it at once."""
        self._transport.abort()

    shutdown = cut  # as uvicorn calls it: there is nothing to wait for

    def pause_writing(self) -> None:
        """What was sent piles up."""
        self._is_behind = True

    def resume_writing(self) -> None:
        """It was taken after all."""
        self._is_behind = False

    def data_received(self, data: bytes) -> None:
        """A further request, before this one ended: nobody here would read it."""
        self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """The reader has left, or was cut off."""
        self._connections.discard(self)
        self._ended(self)

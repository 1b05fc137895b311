"""An HTTP/3 server (RFC 9114) on a free loopback port, by aioquic."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent


class _Answering(QuicConnectionProtocol):
    """Answers every request with 200; with `silent` it reads it and says nothing."""

    silent = False
    _http: H3Connection | None = None

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self._http = H3Connection(self._quic)
        if self._http is None:
            return
        for one in self._http.handle_event(event):
            if isinstance(one, HeadersReceived) and not self.silent:
                self._http.send_headers(one.stream_id, [(b":status", b"200"), (b"server", b"quic")], end_stream=True)
                self.transmit()


class QuicServer:
    """Runs on a thread of its own."""

    def __init__(self, certificate: Path, *, silent: bool = False) -> None:
        self._configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
        self._configuration.load_cert_chain(certificate, certificate)
        self._protocol = type("Behaving", (_Answering,), {"silent": silent})
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    async def _start(self) -> None:
        self._server = await serve("127.0.0.1", 0, configuration=self._configuration, create_protocol=self._protocol)
        assert self._server._transport is not None
        self.port = self._server._transport.get_extra_info("sockname")[1]

    async def _end(self) -> None:
        self._server.close()
        await asyncio.sleep(0)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

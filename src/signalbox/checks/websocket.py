"""Does a WebSocket open, answer, and close? (RFC 6455) By the protocol of the library `websockets`, on our own call."""

from __future__ import annotations

import os
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import unquote

from pydantic import Field, field_validator

from signalbox.checks.base import AskedCheck, Outcome, Peer
from signalbox.checks.call import Call, Family
from signalbox.checks.conditions import Expected
from signalbox.checks.failures import status_words
from signalbox.checks.queries import hold
from signalbox.checks.trust import Trust
from signalbox.checks.urls import Place, place, shown
from signalbox.signals import Reason

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from websockets.client import ClientProtocol

    from signalbox.checks.probe import Probe

_LARGEST = 65_536  # bytes of one message
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset({"host", "upgrade", "connection", "authorization"})

Word = Annotated[str, Field(min_length=1, max_length=200, pattern=f"^{_TOKEN.pattern}$")]
Header = Annotated[str, Field(max_length=8_192)]


class WebsocketCheck(AskedCheck):
    """A WebSocket. Up when it opens, and answers a message as expected, or a ping."""

    schemes = ("ws", "wss")
    examples = (
        {"kind": "websocket", "url": "wss://live.example.com/socket"},
        {
            "kind": "websocket", "url": "wss://live.example.com/socket", "subprotocols": ["graphql-transport-ws"],
            "send": '{"type": "connection_init"}', "expect": {"contains": "connection_ack"},
        },
    )  # fmt: skip

    kind: Literal["websocket"] = "websocket"
    url: str = Field(description="What to open, ws:// or wss://. Credentials in it are sent, and never shown.")
    headers: dict[Word, Header] = Field({}, max_length=50, description="Headers to send. Values are never shown.")
    subprotocols: tuple[Word, ...] = Field(
        (), max_length=10, description="Subprotocols that we offer; the server has to choose one of them."
    )
    send: str | None = Field(
        None, max_length=4_096, description="Text to send once it is open. It is shown: no place for secrets."
    )
    expect: Expected | None = Field(
        None, description="What the first message has to be like; without it and without send, a ping is answered."
    )
    tls: Trust = Field(Trust(), description="Whom to trust and how to show who we are, for wss://.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @field_validator("url")
    @classmethod
    def _can_be_asked(cls, url: str) -> str:
        if not url.startswith(("ws://", "wss://")):
            raise ValueError("write a URL that starts with ws:// or wss://")
        _login(_place(url).userinfo)
        return url

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if (name.lower() in _OURS and name.lower() != "authorization") or name.lower().startswith("sec-websocket-"):
                raise ValueError(f"{name} is the protocol's own header")
            if any(sign in value for sign in "\r\n\0"):
                raise ValueError(f"the value of {name} holds a line break")
        return headers

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """The URL itself."""
        return {"url": url}

    @property
    def target(self) -> str:
        """The URL without userinfo; values of secret-looking query parameters are `***`."""
        return shown(self.url)

    @property
    def peer(self) -> Peer:
        """Host and port of the URL."""
        at = _place(self.url)
        return Peer(at.host, at.port)

    @property
    def local(self) -> bool:
        """Is it a loopback address, or `localhost`?"""
        return _place(self.url).loopback

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Open, talk and close, in at most `timeout` seconds."""
        call = Call(probe, timeout, fresh=fresh)
        async with call.held_to_time():
            await self._talk(call)
        return call.outcome

    async def _talk(self, call: Call) -> None:
        at = _place(self.url)
        await call.connect(at.host, at.port, self.family)
        if at.scheme == "https":
            await call.start_tls(at.host, self.tls)
        protocol = self._protocol(at)
        request = protocol.connect()
        for name, value in self.headers.items():
            request.headers[name] = value
        protocol.send_request(request)
        came = await self._opened(call, protocol)
        if self.send is not None:
            _refuse_closed(call, protocol)
            protocol.send_text(self.send.encode())
        if self.expect is not None:
            call.doing("no message came")
            hold(call, "the first message", self.expect, await _message(call, protocol, came))
        elif self.send is None:
            await self._ping(call, protocol)
        if protocol.close_rcvd is None:
            protocol.send_close(1000)
            await _flush(call, protocol)

    def _protocol(self, at: Place) -> ClientProtocol:
        from websockets.client import ClientProtocol
        from websockets.typing import Subprotocol
        from websockets.uri import parse_uri

        offered = [Subprotocol(name) for name in self.subprotocols] or None
        return ClientProtocol(parse_uri(f"ws{at.url.removeprefix('http')}"), subprotocols=offered, max_size=_LARGEST)

    async def _opened(self, call: Call, protocol: ClientProtocol) -> list[Any]:
        """Shake hands; what came right behind the server's."""
        from websockets.exceptions import InvalidStatus
        from websockets.protocol import CONNECTING

        came: list[Any] = []
        while protocol.state is CONNECTING or protocol.handshake_exc is not None:
            problem = protocol.handshake_exc
            if isinstance(problem, InvalidStatus):
                call.outcome.http_status = problem.response.status_code
                call.fail(Reason.STATUS, f"the server answered {status_words(problem.response.status_code)}")
            call.expect(problem is None, "the server's handshake is not WebSocket's")
            came = await _receive(call, protocol)
        call.outcome.http_status = HTTPStatus.SWITCHING_PROTOCOLS.value
        chosen = protocol.subprotocol
        call.expect(not self.subprotocols or chosen, f"the server speaks none of {', '.join(self.subprotocols)}")
        return came

    async def _ping(self, call: Call, protocol: ClientProtocol) -> None:
        from websockets.frames import Opcode

        call.doing("no pong came")
        _refuse_closed(call, protocol)
        mark = os.urandom(8)
        protocol.send_ping(mark)
        while True:
            for frame in await _receive(call, protocol):
                if getattr(frame, "opcode", None) is Opcode.PONG and frame.data == mark:
                    return


def _login(userinfo: str) -> None:
    """Refuse what the library cannot send as a login."""
    if userinfo and ":" not in userinfo:
        raise ValueError("the URL names a user without a password; write user:password@, or a header")
    try:
        unquote(userinfo, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("the URL's user or password is not UTF-8, percent-encoded") from None


async def _flush(call: Call, protocol: ClientProtocol) -> None:
    for data in protocol.data_to_send():
        if data:
            await call.send(data)


def _refuse_closed(call: Call, protocol: ClientProtocol) -> None:
    closed = protocol.close_rcvd
    call.expect(closed is None, f"the server closed it: {closed and int(closed.code)}")


async def _receive(call: Call, protocol: ClientProtocol) -> list[Any]:
    """Send what waits, and take what comes; the frames there are. Before the handshake's end, the end of an answer
    that says no by its status."""
    from websockets.exceptions import InvalidStatus

    await _flush(call, protocol)
    _refuse_closed(call, protocol)
    data = await call.some()
    if data:
        protocol.receive_data(data)
        await _flush(call, protocol)
    else:
        protocol.receive_eof()  # which is where an answer without a length ends
        call.expect(isinstance(protocol.handshake_exc, InvalidStatus), "the server closed the connection")
    events = protocol.events_received()
    call.expect(protocol.parser_exc is None or protocol.handshake_exc, "the server's frames are not WebSocket's")
    return list(events)


async def _message(call: Call, protocol: ClientProtocol, frames: list[Any]) -> str:
    """The next message, put together of its frames; these came already."""
    from websockets.frames import Opcode

    whole = b""
    while True:
        for frame in frames:
            if getattr(frame, "opcode", None) in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                whole += bytes(frame.data)
                if frame.fin:
                    return whole.decode("utf-8", errors="replace")
        frames = await _receive(call, protocol)


def _place(url: str) -> Place:
    """The same address as HTTP has it."""
    return place(f"http{url.removeprefix('ws')}")

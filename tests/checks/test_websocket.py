"""WebSockets, against the library's own server and against what is none."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme
from pydantic import ValidationError
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol
from websockets.utils import accept_key

from tests.checks.asking import SECRET, MakeProbe, asked, check_of, garbage, hanging, said
from tests.checks.conftest import serving
from tests.servers.hostile import Server, Visit


async def _echo(socket: ServerConnection) -> None:
    async for message in socket:
        await socket.send(f"heard {message!r}")


def _refuse(socket: ServerConnection, request: Request) -> Response | None:
    return socket.respond(403, "no") if request.path == "/closed" else None


@asynccontextmanager
async def echoing(tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    """A server that repeats what it hears; its port."""
    async with serve(_echo, "127.0.0.1", 0, ssl=tls, process_request=_refuse, **options) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def test_one_that_is_well(make_probe: MakeProbe) -> None:
    probe = make_probe()
    async with echoing() as port:
        there: dict[str, Any] = {"kind": "websocket", "url": f"ws://127.0.0.1:{port}/socket?token={SECRET}"}
        pinged = await asked(probe, **there)
        assert said(pinged) == ("up", "ok"), pinged
        assert pinged.http_status == 101
        assert said(await asked(probe, **there, send="hi", expect={"contains": "heard 'hi'"})) == ("up", "ok")
        assert said(await asked(probe, **there, send="hi")) == ("up", "ok")
    async with echoing(subprotocols=[Subprotocol("chat")]) as port:
        url = f"ws://127.0.0.1:{port}/"
        assert said(await asked(probe, kind="websocket", url=url, subprotocols=["chat"])) == ("up", "ok")


async def test_one_that_is_not_as_expected(make_probe: MakeProbe) -> None:
    probe = make_probe()
    async with echoing() as port:
        there: dict[str, Any] = {"kind": "websocket", "url": f"ws://127.0.0.1:{port}/"}
        other = await asked(probe, **there, send="hi", expect="heard")
        assert said(other) == ("down", "assertion")
        assert "the first message was expected" in other.message
        silent = await asked(probe, 0.5, **there, expect={"exists": True})
        assert said(silent) == ("down", "timeout")
        assert silent.message == "no message came within 0.5 s"
        refused = await asked(probe, kind="websocket", url=f"ws://127.0.0.1:{port}/closed")
        assert said(refused) == ("down", "status")
        assert (refused.http_status, refused.message) == (403, "the server answered 403 Forbidden")


async def test_over_tls(make_probe: MakeProbe, authority: trustme.CA) -> None:
    for issuer, wanted in ((authority, ("up", "ok")), (trustme.CA(), ("down", "certificate"))):
        async with echoing(serving(issuer, "127.0.0.1")) as port:
            outcome = await asked(make_probe(), kind="websocket", url=f"wss://127.0.0.1:{port}/")
        assert said(outcome) == wanted


async def test_others(make_probe: MakeProbe) -> None:
    probe = make_probe()
    assert said(await asked(probe, kind="websocket", url="ws://127.0.0.1:1/")) == ("down", "connect")
    with hanging() as server:
        start = time.monotonic()
        url = f"ws://127.0.0.1:{server.port}/"
        assert said(await asked(probe, 0.5, kind="websocket", url=url)) == ("down", "timeout")
        assert time.monotonic() - start < 3.0
        assert said(await asked(make_probe("public-only"), kind="websocket", url=url)) == ("unknown", "blocked")
    with garbage() as server:
        outcome = await asked(probe, 3.0, kind="websocket", url=f"ws://127.0.0.1:{server.port}/")
        assert said(outcome) == ("down", "protocol"), outcome
    with Server(lambda visit: visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")) as server:
        outcome = await asked(probe, 3.0, kind="websocket", url=f"ws://127.0.0.1:{server.port}/")
        assert said(outcome) == ("down", "status"), outcome


async def test_what_comes_in_one_piece_counts_as_well(make_probe: MakeProbe) -> None:
    """The handshake, a first message and the end, all at once, as servers that greet whoever comes send it."""

    def greet(visit: Visit) -> None:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", visit.request(), re.IGNORECASE)
        assert key is not None
        head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        accepted = f"Sec-WebSocket-Accept: {accept_key(key[1].decode())}\r\n\r\n"
        visit.send(f"{head}{accepted}".encode() + b"\x81\x05hello" + b"\x88\x02\x03\xe8")

    with Server(greet) as server:
        url = f"ws://127.0.0.1:{server.port}/"
        greeted = await asked(make_probe(), 3.0, kind="websocket", url=url, expect="hello")
        closed = await asked(make_probe(), 3.0, kind="websocket", url=url)
    assert said(greeted) == ("up", "ok"), greeted
    assert (said(closed), closed.message) == (("down", "protocol"), "the server closed it: 1000")


async def test_a_refusal_without_a_length_is_told_by_its_status(make_probe: MakeProbe) -> None:
    def refuse(visit: Visit) -> None:
        visit.request()
        visit.send(b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\nlater")

    with Server(refuse) as server:
        outcome = await asked(make_probe(), 3.0, kind="websocket", url=f"ws://127.0.0.1:{server.port}/")
    assert (said(outcome), outcome.http_status) == (("down", "status"), 503), outcome


@pytest.mark.parametrize(
    "options",
    [
        {"url": "https://a.example"}, {"url": "ws://"}, {"url": "ws://a b"},
        {"url": "ws://token@a.example"}, {"url": "ws://u:%ff@a.example"},
        {"url": "ws://a.example", "headers": {"Upgrade": "x"}},
        {"url": "ws://a.example", "headers": {"X": "a\r\nb"}}, {"url": "ws://a.example", "subprotocols": ["a b"]},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(kind="websocket", **options)


def test_nothing_secret_shows() -> None:
    check = check_of(kind="websocket", url=f"wss://u:{SECRET}@a.example/?token={SECRET}", headers={"X": SECRET})
    assert SECRET not in f"{check!r} {check.target}"

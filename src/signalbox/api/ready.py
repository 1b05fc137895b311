"""How are ready bytes sent? Compressed if the reader takes it, or not at all if they have them already."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import Future
from functools import lru_cache

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from signalbox.errors import Unavailable
from signalbox.pages.shelf import STUCK, Bodies, Body

_TAG = re.compile(rb'(?:W/)?"([^"]*)"')
_VARY = (b"vary", b"accept-encoding, origin")


async def settled(bodies: Bodies | Future[Bodies]) -> Bodies:
    """The bodies, once they are made. A reader who leaves meanwhile takes them from nobody else.

    Raises `Unavailable` when that takes ten seconds: what they are made from hangs.
    """
    if not isinstance(bodies, Future):
        return bodies
    try:
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(bodies)), STUCK)
    except TimeoutError:
        raise Unavailable("what this answer is made from hangs") from None


class Ready(Response):
    """An answer of ready bytes, with ETag, 304 and gzip."""

    def __init__(self, body: Body) -> None:
        super().__init__(media_type=body.media_type)
        self._ready = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer this request."""
        await send_body(self._ready, scope, send)


async def send_body(
    body: Body, scope: Scope, send: Send, coding: str = "", extra: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """Answer a request with these bytes (RFC 9110: conditional requests, content negotiation).

    `coding` names the Content-Encoding that the bytes are in already; `extra` are further header fields.
    """
    accepted = wanted = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value
        elif name == b"if-none-match":
            wanted = value
    packed = body.packed is not None and takes(accepted, b"gzip")
    if wanted and _has(wanted, body.tag):
        head = _head(body, "304 gzip" if packed else "304", coding)
        await send({"type": "http.response.start", "status": 304, "headers": [*head, *extra]})
        await send({"type": "http.response.body", "body": b""})
        return
    head = _head(body, "200 gzip" if packed else "200", coding)
    await send({"type": "http.response.start", "status": 200, "headers": [*head, *extra]})
    await send({"type": "http.response.body", "body": body.packed if packed else body.content})


def _head(body: Body, kind: str, coding: str) -> list[tuple[bytes, bytes]]:
    """The header fields of an answer of that kind; made once a body."""
    head = body.heads.get(kind)
    if head is None:
        status, _, gzipped = kind.partition(" ")
        tag = f'"{body.tag}-gz"' if gzipped else f'"{body.tag}"'
        head = [(b"etag", tag.encode()), (b"cache-control", body.cache_control.encode()), _VARY]
        if status == "200":
            length = len(body.packed or b"") if gzipped else len(body.content)
            head += [(b"content-type", body.media_type.encode()), (b"content-length", b"%d" % length)]
            if gzipped or coding:
                head.append((b"content-encoding", coding.encode() or b"gzip"))
        body.heads[kind] = head
    return head


def _has(if_none_match: bytes, tag: str) -> bool:
    """Does a reader have these bytes, in whatever encoding?"""
    if if_none_match.strip() == b"*":
        return True
    plain = tag.encode()
    return any(found == plain or found.rpartition(b"-")[0] == plain for found in _TAG.findall(if_none_match[:4096]))


@lru_cache(256)
def takes(accept_encoding: bytes, coding: bytes) -> bool:
    """Does an Accept-Encoding header allow that coding (RFC 9110, 12.5.3)?"""
    weights: dict[bytes, bool] = {}
    for part in accept_encoding.lower().split(b","):
        name, _, parameter = part.partition(b";")
        weights[name.strip()] = not re.fullmatch(rb"q=0(\.0*)?", parameter.strip())
    return weights.get(coding, weights.get(b"*", False))

"""What holds for every request, whichever route answers? Limits on its size, HEAD wherever there is GET, the headers
that keep browsers safe, and an answer even when our own code fails."""

from __future__ import annotations

import secrets

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signalbox.api.errors import problem, refusal
from signalbox.api.paths import STRICT, takes_any_body

log = structlog.get_logger(__name__)

LONGEST_URL = 8_192
"""Bytes of path and query together."""

LARGEST_HEADERS = 32_768
"""Bytes of all header names and values together."""

MOST_HEADERS = 100

LARGEST_BODY = 65_536
"""Bytes; nothing public reads a body."""

SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]


class _TooLarge(Exception):
    """A body without a stated length grew past the limit."""


class Envelope:
    """The outermost middleware of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; what is not HTTP is passed on."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        is_head = scope["method"] == "HEAD"

        async def safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = message["headers"] = [*message.get("headers", ()), *SAFE]
                if not any(name == b"content-security-policy" for name, _ in headers):
                    headers.append((b"content-security-policy", STRICT))
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        answer: Response | None = None
        try:
            answer = _refusal(scope)
            if answer is None:
                inner = {**scope, "method": "GET", "signalbox.head": True} if is_head else scope
                await self._app(inner, _bounded(scope, receive), safely)
        except _TooLarge:
            answer = _too_large()
        except ClientDisconnect:
            return
        except Exception:
            request_id = secrets.token_hex(8)
            log.exception("api.bug", request_id=request_id, method=scope["method"], path=scope["path"][:200])
            answer = refusal(scope, 500, "This is our fault, and it is in the log.", request_id=request_id)
        if answer is not None and not started:
            await answer(scope, receive, safely)


def _refusal(scope: Scope) -> Response | None:
    """Why a request is too large to be looked at."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_URL:
        return problem(414, f"An address may have {LONGEST_URL} bytes.")
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum([len(name) + len(value) for name, value in headers]) > LARGEST_HEADERS:
        return problem(431, f"Headers may have {LARGEST_HEADERS} bytes, and be {MOST_HEADERS} at most.")
    for name, value in headers:
        if name == b"content-length" and (len(value) > 18 or not value.isdigit() or int(value) > LARGEST_BODY):
            return None if takes_any_body(scope) else _too_large()
    return None


def _too_large() -> Response:
    return problem(413, f"A body may have {LARGEST_BODY} bytes.", headers={"Connection": "close"})


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """The same, but raising when a body grows too large."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or takes_any_body(scope):
        return receive
    size = 0

    async def counting() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise _TooLarge
        return message

    return counting

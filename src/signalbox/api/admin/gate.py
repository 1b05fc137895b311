"""Who may enter the closed part of the API? One gate before all of it: a valid token, or no further.

Nothing of a request's body is read before. Whether the token is enough for what is asked, `access.needs` says.
"""

from __future__ import annotations

from math import ceil

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signalbox import clock
from signalbox.accounts import tokens
from signalbox.accounts.tokens import Token
from signalbox.api.buckets import Buckets
from signalbox.api.errors import problem
from signalbox.api.paths import is_closed
from signalbox.db import Database
from signalbox.errors import SignalboxError, Unavailable

log = structlog.get_logger(__name__)

FAILURES = 20  # that a peer may have at once
REFILL = 5.0  # seconds until one of them is forgiven


class Gate:
    """Middleware that lets requests for the closed part through only with a valid token, kept in the request's state.

    What it answers, and what is answered behind it, is stored by nobody.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._attempts = app, Buckets(FAILURES, REFILL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass it on."""
        if not is_closed(scope):
            await self._app(scope, receive, send)
            return

        async def unstored(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"cache-control", b"no-store")]
            await send(message)

        refusal = await self._refusal(scope)
        await (self._app if refusal is None else refusal)(scope, receive, unstored)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Why this request may not go on; None, with the token in its state, if it may."""
        now, peer = clock.now(), (scope.get("client") or ("",))[0]
        shown = _shown(scope)
        if shown is None:
            return _unauthorized("This needs a token: send  Authorization: Bearer sbx_…", "")
        try:
            token = await run_in_threadpool(_known, scope["app"].state.site.database, shown, now)
        except Unavailable:
            return problem(503, "Tokens cannot be looked up now.", headers={"Retry-After": "5"})
        if token is None:
            wait = self._attempts.wait(peer, now)
            if wait:  # who has a good one is not held up by who has not
                seconds = ceil(wait)
                text = f"Too many tokens that are none came from this address: try again in {seconds} s."
                return problem(429, text, headers={"Retry-After": str(seconds)})
            self._attempts.use(peer, now)
            log.warning("token.refused", peer=peer)
            return _unauthorized(
                "This is no token of ours, or it has expired or was revoked.", ', error="invalid_token"'
            )
        scope.setdefault("state", {})["token"] = token
        return None


def _shown(scope: Scope) -> str | None:
    """What a request shows after `Authorization: Bearer` (RFC 6750); None if it shows nothing, or not once."""
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(found) != 1:
        return None
    scheme, _, credentials = found[0].decode("latin-1").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" and credentials.strip() else None


def _known(database: Database | None, shown: str, now: int) -> Token | None:
    """The token shown; its use is written down, but at most once a minute, and no failure of that keeps it out."""
    if database is None:
        raise Unavailable("this process has no database")
    with database.read() as session:
        token = tokens.bearer(session, shown, now)
    if token is not None and not tokens.is_noticed(token, now):
        try:
            with database.begin() as session:
                tokens.notice(session, token, now)
        except SignalboxError as error:
            log.warning("token.unnoticed", error=str(error))
    return token


def _unauthorized(detail: str, more: str) -> Response:
    return problem(401, detail, headers={"WWW-Authenticate": f'Bearer realm="signalbox"{more}'})

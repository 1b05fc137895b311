"""Whose scripts may read the public API? Those of the origins in the settings; reading only, never with credentials."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from signalbox.api.errors import problem
from signalbox.api.paths import is_closed


class ReadOnlyCors(CORSMiddleware):
    """Starlette's middleware, restricted to reading, and refusing the way everything here refuses."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD"),
            allow_headers=("If-None-Match",),
            expose_headers=("ETag",),
            max_age=3600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Of the closed part, no script of another origin learns or does anything."""
        await (self.app if is_closed(scope) else super().__call__)(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """May a script of that origin send that request?"""
        answer = super().preflight_response(request_headers)
        if answer.status_code == 200:
            return answer
        return problem(403, "Scripts of this origin may not do that.", headers={"Vary": "Origin"})

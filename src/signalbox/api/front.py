"""Which requests are answered before the framework looks at them? Announcements, pages for programs that show text, and
what everybody asks for."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from signalbox.api.paths import EVENTS, Header, answer, local
from signalbox.api.texts import wants_text


async def answered(state: State, scope: Scope, receive: Receive, send: Send, extra: Sequence[Header] = ()) -> bool:
    """Answer a GET; False, with nothing sent, if it is for none of these paths."""
    path = local(scope)
    if path == EVENTS:
        await state.streams.serve(scope, receive, send, extra)
        return True
    if path.endswith("/") and wants_text(scope["headers"]) and await state.texts.page(path, scope, send, extra):
        return True
    return await answer(state.site.publication, scope, send, extra)


class ReadyPaths:
    """Middleware that answers these."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass it on."""
        is_read = scope["type"] == "http" and scope["method"] == "GET"
        if not (is_read and await answered(scope["app"].state, scope, receive, send)):
            await self._app(scope, receive, send)

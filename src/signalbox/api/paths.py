"""Which requests are answered before the framework looks at them? Those that everybody sends, from ready bytes."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from signalbox.api.ready import send_body, settled
from signalbox.errors import SignalboxError
from signalbox.pages.publication import DATA, PAGE, Publication
from signalbox.pages.shelf import Body


def local(scope: Scope) -> str:
    """The path below the prefix that the server runs under."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "")
    return path[len(prefix) :] if prefix and path.startswith(prefix) else path


class ReadyPaths:
    """Middleware that answers the pages, and `/signals` and `/api/page` without parameters; some 20 µs a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            publication = scope["app"].state.site.publication
            path = local(scope)
            try:
                body = await (_page if path.endswith("/") else _data)(publication, path, scope["query_string"])
            except SignalboxError:
                body = None  # the framework's route asks again, and words it
            if body is not None:
                policy = publication.policy if path.endswith("/") else None
                await send_body(body, scope, send, policy)
                return
        await self._app(scope, receive, send)


async def _page(publication: Publication, path: str, _query: bytes) -> Body | None:
    view = publication.view(path[1:-1] if path != "/" else None)
    return (await settled(publication.page(view)))[PAGE] if view else None


async def _data(publication: Publication, path: str, query: bytes) -> Body | None:
    if path == "/signals" and query in (b"", b"limit=60"):
        return (await settled(publication.signals()))[0]
    if path == "/api/page" and not query:
        view = publication.view(None)
        return (await settled(publication.page(view)))[DATA] if view else None
    return None

"""What does the API consist of? One application, made for a site that is opened when it starts.

uvicorn signalbox.api.app:app        the distributed mode's API, over the installation that the settings name
app_of(site)                         over a site that is open already (embedded mode, tests)
create_app(opener, settings)         over whatever `opener` opens
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from signalbox import __version__, logs
from signalbox.api import admin, errors, lost, server
from signalbox.api.admin.access import refuse_open_doors
from signalbox.api.admin.gate import Gate
from signalbox.api.assets import Files
from signalbox.api.cors import ReadOnlyCors
from signalbox.api.envelope import SAFE, Envelope
from signalbox.api.events import Streams
from signalbox.api.front import ReadyPaths, answered
from signalbox.api.intake import Intake
from signalbox.api.public import ack, docs, events, health, page, push, signals
from signalbox.api.site import Site
from signalbox.api.texts import Texts
from signalbox.api.trial import Trial
from signalbox.pages import template
from signalbox.settings import Settings, load

_UNUSUAL = frozenset({b"origin", b"content-length", b"transfer-encoding", b"upgrade"})
_MOST_HEADERS = 50
_LARGEST = 4_096  # bytes of address and header values

Opener = Callable[[], AbstractContextManager[Site]]


class Application(FastAPI):
    """FastAPI, but the requests that everybody sends are answered before it begins to work: GET of a ready path, of
    ordinary size, by no script of another origin. All others take the whole way, and get the same answers there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["method"] == "GET" and _is_ordinary(scope):
            with suppress(Exception):  # the whole way meets it again, words it and logs it
                if await answered(self.state, scope, receive, send, SAFE):
                    return
        await super().__call__(scope, receive, send)


def _is_ordinary(scope: Scope) -> bool:
    size = len(scope["path"]) + len(scope["query_string"])
    for name, value in scope["headers"]:
        if name in _UNUSUAL:
            return False
        size += len(value)
    return size < _LARGEST and len(scope["headers"]) <= _MOST_HEADERS


def create_app(opener: Opener, settings: Settings, build: Path = template.SITE) -> FastAPI:
    """The application. `opener` is entered when it starts and left when it ends; `build` is the built web page."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        server.open_more_files()
        server.take_turns()
        with opener() as site:
            app.state.site, app.state.streams = site, Streams(site.publication)
            app.state.trial = Trial(site.settings)
            app.state.intake = Intake(site.database, site.roster)
            app.state.intake.open()
            app.state.texts = Texts(site.publication, site.board, site.settings.public_url)
            yield
            await app.state.intake.close()
            app.state.streams.close()
            app.state.trial.close()
            app.state.texts.close()

    app = Application(
        title="Status Page",
        version=__version__,
        description="What is up, what is not, and since when. Public and read-only, but for what lies below /api/v1.",
        servers=[{"url": ".", "description": "Where this document is served."}],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(Envelope),
            Middleware(ReadOnlyCors, origins=settings.cors_origins),
            Middleware(ReadyPaths),
            Middleware(Gate),
        ],
    )
    errors.install(app)
    for room in (signals, page, events, health, docs, ack, push, admin):
        app.include_router(room.router)
    refuse_open_doors(app)
    app.router.default = Files(build)
    app.state.build, app.state.sheet = build, lost.sheet(build)
    _describe(app)
    return app


def app_of(site: Site, build: Path = template.SITE) -> FastAPI:
    """The application over a site that somebody else opened and will close."""
    return create_app(lambda: nullcontext(site), site.settings, build)


def openapi() -> dict[str, Any]:
    """The OpenAPI document, without opening anything or reading any setting."""

    def nothing() -> AbstractContextManager[Site]:
        raise AssertionError("this application only describes itself")

    return create_app(nothing, Settings.model_construct()).openapi()


def __getattr__(name: str) -> FastAPI:
    """`app`, made when uvicorn asks for it: importing this module opens nothing and reads no setting."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    settings = load()
    globals()["app"] = made = create_app(lambda: _of_installation(settings), settings)
    return made


@contextmanager
def _of_installation(settings: Settings) -> Iterator[Site]:
    from signalbox.api.opening import opened_site  # databases and checks are needed from here on only

    logs.configure(settings.log_format)
    with opened_site(settings) as site:
        yield site


def _describe(app: FastAPI) -> None:
    generate = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            errors.describe(generate())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # the way FastAPI documents

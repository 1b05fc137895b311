"""`/docs` and `/redoc`: the API explained, from files of the web build, so that it works without a network."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from signalbox.pages import template

router = APIRouter(include_in_schema=False)

_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Status Page: API</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    '<link rel="icon" type="image/svg+xml" href="favicon/operational.svg">'
)
_START = (
    'SwaggerUIBundle({url: "openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null, '
    "presets: [SwaggerUIBundle.presets.apis]});"
)
_SWAGGER = (
    f'{_HEAD}<link rel="stylesheet" href="docs/swagger-ui.css"></head><body><div id="docs"></div>'
    f'<script src="docs/swagger-ui-bundle.js"></script><script>{_START}</script></body></html>'
)
_REDOC = (
    f'{_HEAD}</head><body><redoc spec-url="openapi.json" disable-search="false"></redoc>'
    '<script src="docs/redoc.standalone.js"></script></body></html>'
)
_MISSING = (
    f"{_HEAD}</head><body><h1>Status Page: API</h1><p>The web page is not built, and these documents come with it: run "
    '<code>make web</code>, then start again. Meanwhile: <a href="openapi.json">openapi.json</a>.</p></body></html>'
)


@router.get("/docs")
async def swagger(request: Request) -> Response:
    """The API to read and to try, by Swagger UI."""
    return _answer(request, _SWAGGER, "swagger-ui-bundle.js")


@router.get("/redoc")
async def redoc(request: Request) -> Response:
    """The API to read, by Redoc."""
    return _answer(request, _REDOC, "redoc.standalone.js")


def _answer(request: Request, html: str, needed: str) -> Response:
    build: Path = request.app.state.build
    text = html if (build / "docs" / needed).is_file() else _MISSING
    return HTMLResponse(text, headers={"Content-Security-Policy": _policy(text), "Cache-Control": "no-cache"})


def _policy(html: str) -> str:
    """Both libraries write styles into the page, and Redoc searches in a worker made from a blob."""
    own = template.policy(html)
    return own.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") + "; worker-src 'self' blob:"

"""Which files are served? Those that the web build left, each by a name known at start: a request names an entry of a
table, never a path of the disk, so there is nothing to traverse."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from signalbox.api import views
from signalbox.api.paths import local
from signalbox.api.ready import send_body, takes
from signalbox.api.site import Site
from signalbox.errors import Unavailable
from signalbox.pages.shelf import Body

_CODINGS = {"br": ".br", "gzip": ".gz"}  # best first
_HASHED = "_nuxt/"  # names below carry a hash of the content
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"
_REVALIDATED = "no-cache"

WORKER = "sw.js"
"""The service worker: it asks this server for pages and assets, and for nothing else."""

_OF_WORKER = [(b"content-security-policy", b"default-src 'none'; connect-src 'self'; frame-ancestors 'none'")]

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(slots=True)
class Asset:
    """A file and its compressed twins; read when first asked for, then kept (a build is some 5 MB)."""

    path: Path
    name: str
    codings: tuple[str, ...]
    _bodies: dict[str, Body]

    def body(self, accept_encoding: bytes) -> tuple[Body, str]:
        """The bytes in the best coding that the reader takes, and that coding (empty: none)."""
        coding = next((one for one in self.codings if takes(accept_encoding, one.encode())), "")
        if coding not in self._bodies:
            self._bodies[coding] = self._read(coding)
        return self._bodies[coding], coding

    def _read(self, coding: str) -> Body:
        content = Path(f"{self.path}{_CODINGS.get(coding, '')}").read_bytes()
        return Body(
            content,
            None,
            hashlib.sha256(content).hexdigest()[:32],
            _TYPES.get(self.path.suffix) or mimetypes.guess_type(self.path.name)[0] or "application/octet-stream",
            _FOR_EVER if self.name.startswith(_HASHED) else _REVALIDATED if self.name == WORKER else _FOR_AN_HOUR,
        )


def table(folder: Path) -> dict[str, Asset]:
    """The assets of a build by their path in the site (`_nuxt/entry.js`). The template is not one of them."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    twins = tuple(_CODINGS.values())
    return {
        name: Asset(path, name, tuple(coding for coding, end in _CODINGS.items() if name + end in files), {})
        for name, path in files.items()
        if name != "index.html" and not name.startswith(".") and not name.endswith(twins)
    }


class Files:
    """What is asked when no route matched: the assets, and the way from `/slug` to `/slug/`."""

    def __init__(self, folder: Path) -> None:
        self._assets = table(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, redirect, or raise 404 or 405."""
        if scope["type"] != "http":
            raise HTTPException(404)
        name = local(scope)[1:]
        asset = self._assets.get(name)
        site: Site = scope["app"].state.site
        view = site.publication.view(name.removesuffix("/") or None) if asset is None else None
        if asset is None and view is None:
            if scope["method"] == "GET" and await scope["app"].state.texts.answer(name, scope, send):
                return
            if scope["method"] == "GET" and site.gallery and await views.answer(site.gallery, name, scope, send):
                return
            raise HTTPException(404)
        if scope["method"] != "GET":
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if asset is None and (not name or name.endswith("/")):
            raise Unavailable("the page could not be made, else it would have been served before")
        if asset is not None:
            await _send(asset, scope, send)
        else:
            await _redirect(name, scope)(scope, receive, send)


def _redirect(slug: str, scope: Scope) -> Response:
    """To the page itself. Relative (RFC 9110, 10.2.2), so that it stays below whatever prefix a proxy cut off."""
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{slug}/" + (f"?{query}" if query else ""), 308)


async def _send(asset: Asset, scope: Scope, send: Send) -> None:
    accepted = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
    try:
        body, coding = asset.body(accepted)
    except OSError:  # the page was built anew since the start
        raise HTTPException(404) from None
    await send_body(body, scope, send, coding=coding, extra=_OF_WORKER if asset.name == WORKER else ())

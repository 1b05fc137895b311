"""What does a browser get instead of a page that is not to be had? A small page that says why, and leads back.

It needs nothing but the built style sheet, if there is one, and runs no script. Who asks the API gets JSON: errors.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from pathlib import Path

from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from signalbox.api.paths import local
from signalbox.pages.language import Language, language, matched, picked

_MACHINES = re.compile(
    r"/(api|signals|healthz|readyz|openapi\.json|metrics)(/|$)|/(_nuxt|favicon|docs)/|.*\.(txt|xml|js)$"
)
"""Paths at which no person looks for a page."""

_SHEET = re.compile(r'<link rel="stylesheet" href="%BASE%(_nuxt/[\w.-]+\.css)"')
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_TOLD = frozenset({405, 429, 500, 503})
"""What the catalogues have words for, beside 404."""


def sheet(build: Path) -> str | None:
    """The built style sheet, as a path below the site's root; None without a build."""
    try:
        found = _SHEET.search((build / "index.html").read_text(encoding="utf-8"))
    except OSError:
        return None
    return found[1] if found else None


def is_for_people(scope: Scope) -> bool:
    """Does somebody ask for a page who would rather read HTML than JSON?"""
    if _MACHINES.match(local(scope)):
        return False
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    html = _weight(accepted, b"text/html")
    return html > 0 and html >= _weight(accepted, b"application/json")


def _weight(accepted: bytes, kind: bytes) -> float:
    """The weight that an Accept header gives to that very kind (RFC 9110, 12.5.1); 0 where it does not name it."""
    for part in accepted[:1_000].lower().split(b","):
        name, *parameters = part.split(b";")
        if name.strip() == kind:
            given = next((one.strip()[2:] for one in parameters if one.strip().startswith(b"q=")), b"1")
            return float(given) if re.fullmatch(rb"[01](\.\d{0,3})?", given) else 0.0
    return 0.0


def page(
    scope: Scope, status: int, headers: Mapping[str, str] | None = None, detail: str = "", request_id: str | None = None
) -> Response:
    """The page for that status. `detail` says more than the status does, in plain text."""
    spoken = _spoken(scope)
    title, text = _words(spoken, status)
    lang = f"?lang={spoken.code}" if _named(scope) else ""
    root, style = _root(scope), getattr(scope["app"].state, "sheet", None)
    link = f'<link rel="stylesheet" href="{root}{style}">' if style else ""
    number = f'<p class="page-note">{escape(spoken.say("lost.request", id=request_id))}</p>' if request_id else ""
    body = (
        f'<!doctype html><html lang="{spoken.code}" dir="{spoken.direction}"><head><meta charset="utf-8">'
        f'<title>{title}</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex">{link}</head><body><div class="page">'
        '<header class="page-header"></header><main><section class="banner is-no-data"><div class="banner-words">'
        f'<h1>{title}</h1><p class="banner-detail">{escape(detail or text)}</p></div></section>'
        f'<p class="page-links"><a href="{root}{lang}">{spoken.say("lost.home")}</a> '
        f'<a href="{root}status.txt">{spoken.say("lost.plain")}</a></p>{number}</main></div></body></html>'
    )
    kept = {
        "Vary": "Accept, Accept-Language",
        "Cache-Control": "no-store",
        **(headers or {}),
        "Content-Security-Policy": _POLICY,
    }
    return HTMLResponse(body, status, kept)


def _words(spoken: Language, status: int) -> tuple[str, str]:
    """A title and a text; of what hardly ever comes up, only its name."""
    if status == HTTPStatus.NOT_FOUND:
        return spoken.say("lost.title"), spoken.say("lost.text")
    if status in _TOLD:
        return spoken.say(f"lost.{status}.title"), spoken.say(f"lost.{status}.text")
    return HTTPStatus(status).phrase, ""


def _spoken(scope: Scope) -> Language:
    """The language that the address names, or the reader accepts."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return language(_named(scope) or picked(accepted.decode("latin-1")))


def _named(scope: Scope) -> str | None:
    """The language that the address names."""
    asked = re.search(rb"(?:^|&)lang=([A-Za-z-]{1,40})", scope["query_string"])
    return matched(asked[1].decode()) if asked else None


def _root(scope: Scope) -> str:
    """The way from the address that was asked for to the site's root, by its slashes as they were sent."""
    sent = scope.get("raw_path") or scope["path"].encode()
    depth = sent.count(b"/") - scope.get("root_path", "").count("/") - 1
    return "../" * depth or "./"

"""What is served to those who are no browsers? `/status.txt`, `/robots.txt`, `/sitemap.xml`, `/llms.txt`; and the page
as text to `curl`, which shows HTML as it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from html import escape

from starlette.types import Scope, Send

from signalbox import clock
from signalbox.api.paths import STRICT, Header
from signalbox.api.ready import send_body, settled
from signalbox.clock import MICROS
from signalbox.errors import SignalboxError
from signalbox.pages import plaintext
from signalbox.pages.announcements import of_page
from signalbox.pages.board import Board
from signalbox.pages.document import PageDocument
from signalbox.pages.language import language, matched
from signalbox.pages.publication import Publication, View
from signalbox.pages.shelf import Bodies, Body, Shelf

STATUS = "status.txt"
_PLAIN = "text/plain; charset=utf-8"
_FRESH = "public, max-age=10"
_AN_HOUR = "public, max-age=3600"
_STEP = 10 * MICROS  # how old the words about an age may be
_TOOLS = (b"curl/",)
"""How programs name themselves that show what they get to a person."""

_ROBOTS = "User-agent: *\nDisallow: /api/v1/\nDisallow: /ack/\nDisallow: /signals\nAllow: /\n"


class Texts:
    """Ready texts of one installation."""

    def __init__(self, publication: Publication, board: Board, public_url: str | None) -> None:
        self._publication, self._board = publication, board
        self._root = public_url.rstrip("/") if public_url else None
        self._shelf: Shelf[Hashable] = Shelf("publish-texts", queue=16)

    async def answer(self, name: str, scope: Scope, send: Send) -> bool:
        """Answer a GET for the text of that name below the site's root; False, with nothing sent, if there is none."""
        slug, slash, rest = name.rpartition("/")
        if rest == STATUS and (view := self._publication.view(slug if slash else None)):
            body = await self.status(view)
        elif name == "robots.txt":
            body = Body.of(self._robots().encode(), _PLAIN, _AN_HOUR)
        elif name == "llms.txt" and (first := self._publication.view(None)):
            body = await self._llms(first)
        elif name == "sitemap.xml" and self._root:
            body = Body.of(self._sitemap(self._root).encode(), "application/xml", _AN_HOUR)
        else:
            return False
        await send_body(body, scope, send, extra=[(b"content-security-policy", STRICT)])
        return True

    async def page(self, path: str, scope: Scope, send: Send, extra: Sequence[Header]) -> bool:
        """Answer a GET for the page at that path with text; False, with nothing sent, if there is none. No cache may
        keep it: at the same address a browser is given the page itself."""
        view = self._publication.view(path[1:-1] or None)
        if view is None:
            return False
        try:
            body = await self.status(view, "no-store")
        except SignalboxError:
            return False  # the framework's route asks again, and words it
        await send_body(body, scope, send, extra=[*extra, (b"content-security-policy", STRICT)])
        return True

    async def status(self, view: View, cache: str = _FRESH) -> Body:
        """A page's state as text."""
        (document,) = await settled(self._publication.document(view))
        stamp = (document.tag, clock.now() // _STEP)
        (body,) = await settled(self._shelf.take((view, cache), stamp, _status(document, cache)))
        return body

    def _robots(self) -> str:
        return _ROBOTS + (f"\nSitemap: {self._root}/sitemap.xml\n" if self._root else "")

    async def _llms(self, view: View) -> Body:
        (document,) = await settled(self._publication.document(view))
        (body,) = await settled(self._shelf.take((view, "llms"), document.tag, lambda: (self._guide(document),)))
        return body

    def _guide(self, document: Body) -> Body:
        title, root = PageDocument.model_validate_json(document.content).page.title, self._root or ""
        text = (
            f"# {plaintext.line(title)}\n\n"
            "> A public status page: which services work now, which do not, since when, and what is done about it. "
            f"The state in plain text is at {root}/{STATUS}, the same as JSON at {root}/api/page (described in "
            f"{root}/openapi.json), past incidents are at {root}/history, and how all of it is measured is at "
            f"{root}/how-we-measure. Say how old the data are when you pass them on: each answer tells. Where it says "
            "that the status cannot be confirmed, nothing is known to work.\n"
        )
        return Body.of(text.encode(), _PLAIN, _AN_HOUR)

    def _sitemap(self, root: str) -> str:
        pages = [f"{root}{below}" for below in ("/", "/history", "/how-we-measure")]
        view = self._publication.view(None)
        incidents = of_page(self._board.known, view.slug) if view else []
        pages += [f"{root}/incident/{one.public}" for one in incidents]
        urls = "".join(f"<url><loc>{escape(one)}</loc></url>" for one in pages)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>\n'
        )

    def close(self) -> None:
        """Let go of the thread."""
        self._shelf.close()


def _status(document: Body, cache: str) -> Callable[[], Bodies]:
    def make() -> Bodies:
        read = PageDocument.model_validate_json(document.content)
        spoken = language(matched(read.page.language or "") or "en")
        return (Body.of(plaintext.status(read, clock.now(), spoken).encode(), _PLAIN, cache),)

    return make


def wants_text(headers: list[Header]) -> bool:
    """Does a request for a page come from a program that shows text, or ask for nothing else?"""
    agent = accepted = b""
    for name, value in headers:
        if name == b"user-agent":
            agent = value
        elif name == b"accept":
            accepted = value
    if b"html" in accepted:
        return False
    return accepted.startswith(b"text/plain") or agent.startswith(_TOOLS)

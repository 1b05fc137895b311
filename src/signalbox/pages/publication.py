"""What is sent to whoever reads? The page, its document and `/signals`, as bytes that are ready when asked for.

Readers never wait for a database, except those who want more than 60 records of a URL.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from signalbox import clock
from signalbox.errors import Refused
from signalbox.pages import announcer, html, records, snapshot
from signalbox.pages.board import Board
from signalbox.pages.document import PageDocument, Zoom
from signalbox.pages.language import LANGUAGES, Language, language, matched, picked
from signalbox.pages.shelf import Bodies, Body, Shelf
from signalbox.pages.template import Template
from signalbox.pages.track import KEPT, MINUTE, Record
from signalbox.pages.window import Window
from signalbox.stores.base import Store

PAGE_CACHE = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
DATA_CACHE = "public, max-age=2"
WORDS_CACHE, STRAY_CACHE = "public, max-age=31536000, immutable", "public, max-age=60"

_FIRST_READING = 3.0  # seconds that the first page of a longer window waits for the past to be read
_STORE_FRESH = 2.0  # seconds for which an answer from the store serves everybody


class TooMany(Refused):
    """Somebody asked for more records than one answer may hold."""


class View(NamedTuple):
    """A page and where it is read: at the site's root, or at an address of its own below."""

    slug: str
    at_root: bool


class _Made(NamedTuple):
    """A page's document, and what it was made of."""

    stamp: object
    document: PageDocument
    body: Body


class Publication:
    """Ready bytes of one installation. Safe from any thread; every call returns at once.

    Answers are bodies, or the future of bodies that are being made (for the first reader, and after a long silence).
    """

    def __init__(
        self,
        window: Window,
        store: Store,
        template: Template | None,
        public_url: str | None = None,
        board: Board | None = None,
    ) -> None:
        self._window, self._store, self._template = window, store, template
        self._board = board or Board()
        self._public_url = public_url.rstrip("/") if public_url else None
        self._pages: Shelf[Hashable] = Shelf("publish-pages", at_least=0.5)
        self._signals: Shelf[Hashable] = Shelf("publish-signals")
        self._deep: Shelf[Hashable] = Shelf("publish-deep", at_least=_STORE_FRESH, too_old=0.0, queue=16)
        self._urls: tuple[object, dict[str, list[str]]] = (None, {})
        self._made: dict[tuple[str, Zoom], _Made] = {}  # used by the one thread that makes pages

    @property
    def policy(self) -> str | None:
        """The Content-Security-Policy of the page; None where no page was built."""
        return self._template.policy if self._template else None

    def view(self, slug: str | None) -> View | None:
        """The page of that slug; without a slug the first one, which is also the one at the root."""
        pages = self._window.pages
        if slug is None:
            return View(pages[0].slug, True) if pages else None
        return View(slug, False) if self._window.page(slug) else None

    def language(self, view: View, accepted: str = "", lang: str = "") -> str:
        """In which language somebody reads a page who asks for `lang`, or accepts these (an Accept-Language)."""
        page = self._window.page(view.slug)
        spare = (page and page.language) or LANGUAGES[0]
        return (lang and matched(lang)) or picked(accepted, spare)

    def page(
        self, view: View, zoom: Zoom | None = None, lang: str = "en", *, is_asked: bool = False
    ) -> Bodies | Future[Bodies]:
        """The page's HTML: one body. No zoom: the page's own. `is_asked`: the address names the language, and links go
        on in it."""
        key = (view, zoom or self._zoom(view), lang, is_asked)
        return self._pages.take(key, self._stamp(), lambda: self._make_page(*key))

    def document(self, view: View, zoom: Zoom | None = None) -> Bodies | Future[Bodies]:
        """The page's document alone: one body."""
        key = (view.slug, zoom or self._zoom(view))
        return self._pages.take(key, self._stamp(), lambda: (self._make_document(*key).body,))

    def words(self, view: View, lang: str) -> Bodies | Future[Bodies]:
        """What the page's scripts say in that language, twice: kept for ever by whoever asks for it by its name, and
        kept for a minute."""
        page = self._window.page(view.slug)
        speech = page.spoken(lang) if page else language(lang)
        return self._pages.take(("words", view.slug, lang), speech, lambda: _words(speech))

    def _stamp(self) -> tuple[object, ...]:
        return self._window.version, self._board.stamp, clock.now() // MINUTE

    def _zoom(self, view: View) -> Zoom:
        page = self._window.page(view.slug)
        return snapshot.zoom_of(page) if page else Zoom.HOUR

    def _make_page(self, view: View, zoom: Zoom, lang: str, is_asked: bool) -> Bodies:
        document = self._make_document(view.slug, zoom).document
        page = self._window.page(view.slug)
        speech = page.spoken(lang) if page else language(lang)
        if self._template is None:
            text = html.plain(document, speech)
        else:
            query = "" if zoom is self._zoom(view) else f"z={zoom.value}"
            place = self._place(view)._replace(lang=lang if is_asked else "", query=query)
            text = html.fill(self._template.html, document, place, speech)
        return (Body.of(text.encode(), "text/html; charset=utf-8", PAGE_CACHE, for_browsers=True),)

    def _make_document(self, slug: str, zoom: Zoom) -> _Made:
        """The document: the one that was made already, if nothing has changed since."""
        stamp, page = self._stamp(), self._window.page(slug)
        if page is None:  # it left with a reload just now
            raise Refused(f"there is no page {slug}")
        made = self._made.get((slug, zoom))
        if made is None or made.stamp != stamp:
            if zoom is not Zoom.HOUR:
                self._board.past.await_read(_FIRST_READING)
            behind = snapshot.Behind(self._board.past, self._board.answers)
            document = snapshot.build(self._window, page, clock.now(), self._board.known, zoom=zoom, behind=behind)
            body = Body.of(html.api_json(document), "application/json", DATA_CACHE, announcer.essence(document))
            made = self._made[slug, zoom] = _Made(stamp, document, body)
        return made

    def _place(self, view: View) -> html.Place:
        path = "" if view.at_root else f"{view.slug}/"
        return html.Place(
            base="./" if view.at_root else "../",
            api="api/page" if view.at_root else f"api/page?slug={view.slug}",
            words="api/words" if view.at_root else f"api/words?slug={view.slug}",
            canonical=f"{self._public_url}/{path}" if self._public_url else None,
        )

    def signals(self, limit: int = KEPT, url: str | None = None, by: str = "") -> Bodies | Future[Bodies]:
        """Newest `limit` records of every URL, or of that one: one body. `by`: who asks, see `Shelf.take`.

        Raises `TooMany` beyond what one answer may hold, `Unavailable` when too many ask the store.
        """
        urls = self._by_url()
        if url is not None:
            urls = {url: urls[url]} if url in urls else {}
        if len(urls) * limit > records.MOST_RECORDS:
            raise TooMany(
                f"{len(urls)} URLs with {limit} records each are more than the {records.MOST_RECORDS} records of one "
                f"answer: ask for a limit of at most {records.MOST_RECORDS // len(urls)}, or for one URL with ?url="
            )
        if limit > KEPT and urls:
            unknown = object()  # equal to no other: nobody knows what the store has by now
            return self._deep.take((limit, url), unknown, lambda: self._from_store(urls, limit), by)
        if url is not None:
            return self._from_window(urls, limit)
        return self._signals.take(limit, self._window.version, lambda: self._from_window(urls, limit), by)

    def _by_url(self) -> dict[str, list[str]]:
        monitors = self._window.monitors
        if self._urls[0] is not monitors:
            self._urls = (monitors, records.by_url(monitors))
        return self._urls[1]

    def _from_window(self, urls: dict[str, list[str]], limit: int) -> Bodies:
        def read(keys: Sequence[str]) -> dict[str, list[Record]]:
            return {key: self._window.records(key, limit) for key in keys}

        return (_json(records.write(urls, limit, read)),)

    def _from_store(self, urls: dict[str, list[str]], limit: int) -> Bodies:
        return (_json(records.write(urls, limit, records.from_store(self._store, self._window.monitors, limit))),)

    def close(self) -> None:
        """Let go of the threads."""
        for shelf in (self._pages, self._signals, self._deep):
            shelf.close()


def _words(speech: Language) -> Bodies:
    content = speech.shared_json().encode()
    return tuple(Body.of(content, "application/json", cache) for cache in (WORDS_CACHE, STRAY_CACHE))


def _json(content: bytes) -> Body:
    return Body.of(content, "application/json", DATA_CACHE)

"""What is sent to whoever opens a view of a page? HTML as ready bytes, made once for all who ask the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.errors import NotFound, Unavailable
from signalbox.pages import html, times, views
from signalbox.pages.board import Board
from signalbox.pages.html import Place
from signalbox.pages.language import LANGUAGES, matched, picked
from signalbox.pages.questions import Questions
from signalbox.pages.rendering import render
from signalbox.pages.service import Page
from signalbox.pages.shelf import Bodies, Body, Shelf
from signalbox.pages.template import Template
from signalbox.pages.track import MINUTE
from signalbox.pages.views.base import Asked, Source
from signalbox.pages.window import Window
from signalbox.stores.base import Store

CACHE = "public, max-age=10, stale-while-revalidate=60"
"""Not for a day after an error, as the page itself: that counts how old it is, a view says how things are."""

_QUEUE = 64
_LONGEST = 200  # characters of a path or a parameter's value


class Wanted(NamedTuple):
    """Who asks for what: the key of ready bytes."""

    slug: str | None  # None: the first page, at the site's root
    path: str
    query: tuple[tuple[str, str], ...]
    language: str
    is_asked: bool = False  # for that language, by the address


class Gallery:
    """Ready bytes of the views of an installation's pages. Safe from any thread; every call returns at once."""

    def __init__(
        self,
        window: Window,
        board: Board,
        store: Store,
        template: Template | None,
        *,
        reading: Callable[[], AbstractContextManager[Session]] | None = None,
        public_url: str | None = None,
    ) -> None:
        self._window, self._board, self._template = window, board, template
        self._questions = Questions(store)
        self._reading = reading or _nothing
        self._public_url = public_url.rstrip("/") if public_url else None
        self._shelf: Shelf[Hashable] = Shelf("publish-views", queue=_QUEUE)

    @property
    def policy(self) -> str | None:
        """The Content-Security-Policy of a view; None where no page was built."""
        return self._template.policy if self._template else None

    def wanted(self, path: str, query: str = "", accepted: str = "") -> Wanted | None:
        """What an address below the site's root asks for; None if no page has such a view."""
        slug, _, rest = path.partition("/")
        for page, below in ((None, path), (slug, rest)):
            shown = self._page(page)
            if shown is None or len(below) > _LONGEST or (hit := views.found(below)) is None:
                continue
            given = _given(query)
            kept = sorted((name, given[name][:_LONGEST]) for name in hit[0].query & given.keys())
            spare = shown.language or LANGUAGES[0]
            asked = matched(given.get("lang", "")[:_LONGEST])
            return Wanted(page, below, tuple(kept), asked or picked(accepted, spare), asked is not None)
        return None

    def view(self, wanted: Wanted, by: str = "") -> Bodies | Future[Bodies]:
        """Its HTML: one body. The future raises `NotFound` for what there is not. `by`: who asks, see `Shelf.take`."""
        signals = self._window.version if _is_live(wanted) else 0
        stamp = (signals, self._window.reloads, self._board.version, clock.now() // MINUTE)
        return self._shelf.take(wanted, stamp, lambda: self._make(wanted), by)

    def _make(self, wanted: Wanted) -> Bodies:
        page, hit = self._page(wanted.slug), views.found(wanted.path)
        if page is None or hit is None:
            raise NotFound("there is no such page")
        route, groups = hit
        speech = page.spoken(wanted.language)
        place = self._place(wanted)
        asked = Asked(page, place, groups, dict(wanted.query), speech, clock.now())
        source = Source(self._window, self._board.known, self._questions, self._reading)
        shown = route.show(asked, source)
        body = render(shown.template, speech, **{"asked": asked, "page": page, "place": place, **shown.values})
        text = html.view(
            self._template.html if self._template else None, place, speech, name=route.name, title=shown.title,
            page_title=page.title, description=shown.description, body=body, state=shown.state, live=shown.live,
            indexed=shown.indexed, sheet=self._template.sheet if self._template else None, zone=page.timezone,
            printed=_printed(asked),
        )  # fmt: skip
        return (Body.of(text.encode(), "text/html; charset=utf-8", CACHE, for_browsers=True),)

    def _page(self, slug: str | None) -> Page | None:
        return self._window.pages[0] if slug is None else self._window.page(slug)

    def _place(self, wanted: Wanted) -> Place:
        below = f"{wanted.slug}/{wanted.path}" if wanted.slug else wanted.path
        return Place(
            base="../" * below.count("/") or "./",
            home="../" * wanted.path.count("/") or "./",
            api=f"api/page?slug={wanted.slug}" if wanted.slug else "api/page",
            words=f"api/words?slug={wanted.slug}" if wanted.slug else "api/words",
            canonical=f"{self._public_url}/{below}" if self._public_url else None,
            lang=wanted.language if wanted.is_asked else "",
            query=urlencode(wanted.query),
        )

    def close(self) -> None:
        """Let go of the threads."""
        self._shelf.close()
        self._questions.close()


def _given(query: str) -> dict[str, str]:
    """The parameters by name; none where there are more than anybody has business with."""
    try:
        return dict(parse_qsl(query, max_num_fields=20))
    except ValueError:
        return {}


def _printed(asked: Asked) -> str:
    """From when a view on paper is, and where it is to be had."""
    made = asked.language.say("age.from", time=f"{times.dated(asked.language, asked.moment, UTC)} UTC")
    return asked.language.listed([made, asked.place.canonical] if asked.place.canonical else [made])


def _is_live(wanted: Wanted) -> bool:
    return wanted.path == "wall"


@contextmanager
def _nothing() -> Iterator[Session]:
    raise Unavailable("this page is served without a database: its history is not to be had")
    yield

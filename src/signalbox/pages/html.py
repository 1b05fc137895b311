"""How is a page, or a view of it, written into the built page? As HTML that reads without JavaScript, and as the data
and the words that the browser's side starts from. Everything that people wrote is escaped, by the templates or here.

The built page, its markers and the markup are described in `web/SNAPSHOT.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from signalbox.pages import cards, carried, language, lines, waterline, words
from signalbox.pages.document import PageDocument, State, Zoom
from signalbox.pages.language import Language
from signalbox.pages.rendering import render

_FEW: Final = 12  # items on a page up to which every group is open
_MARKERS: Final = ("<!--head-->", "<!--snapshot-->", "<!--page-data-->")
_BUILT_LEGEND: Final = re.compile(r'<footer class="page-footer">.*?</footer>', re.DOTALL)
_LEGEND: Final = (
    ("u", State.OPERATIONAL), ("g", State.DEGRADED), ("p", State.PARTIAL), ("x", State.MAJOR), (".", State.NO_DATA),
)  # fmt: skip


class Place(NamedTuple):
    """Where a page is served. Addresses are relative to it, so that it works under any prefix."""

    base: str = "./"  # from the page to the site's root
    home: str = "./"  # from a view of the page to the page itself
    api: str = "api/page"  # from the site's root to this page's document
    canonical: str | None = None  # the page's absolute address, where it is known
    lang: str = ""  # the language that the address names: links go on in it
    query: str = ""  # whatever else it names, which another language keeps
    words: str | None = None  # from the site's root to its words, which browsers keep; None: each page carries them


class Head(NamedTuple):
    """What a page's head says of it."""

    title: str
    description: str
    state: State  # whose glyph is the tab's icon
    indexed: bool = True  # is it for search engines?
    sheet: str | None = None  # a style sheet besides the page's, from the site's root


def fill(template: str, document: PageDocument, place: Place, spoken: Language | None = None) -> str:
    """The page: the template with the document written into it."""
    spoken = spoken or language.language(language.LANGUAGES[0])
    body = render("page.html", spoken, **told(document, place, spoken), **_frame(document.page.title, place, spoken))
    title = words.tab(spoken, document.page.title, document.headline)
    head = Head(title, words.description(spoken, document), document.headline.state)
    marked = {"api": place.base + place.api} | ({"lean": ""} if carried.is_lean(document) else {})
    data = _island("page-data", carried.json(document), marked)
    return _Written(head, _leading_on(body, place.lang), data).into(template, place, spoken)


def told(document: PageDocument, place: Place, spoken: Language) -> dict[str, object]:
    """What `_page.html` needs to tell all that a document says."""
    at = lines.frame(document, spoken, place.home)
    items = [item for group in document.groups for item in group.items]
    return {
        "page": document.page, "headline": document.headline, "groups": document.groups, "at": at,
        "row": lines.row, "group_bar": lines.group_bar, "group_sum": words.group_sum, "zooms": list(Zoom),
        "operational": State.OPERATIONAL, "work_state": State.MAINTENANCE,
        "said": words.headline(spoken, document.headline), "detail": _detail(spoken, document),
        "newest": _newest(document, at), "notices": cards.current(document, at), "past": cards.past(document, at),
        "few": len(items) <= _FEW, "silent": not any(item.signals for item in items),
    }  # fmt: skip


def view(
    template: str | None, place: Place, spoken: Language, *, name: str, title: str, page_title: str, description: str,
    body: Markup, state: State, live: bool = False, indexed: bool = True, data: Any = None, sheet: str | None = None,
    zone: str | None = None, printed: str = "",
) -> str:  # fmt: skip
    """Another view of a page in the same template. `name`, `data` and the page's `zone` are what its script finds;
    `live`: it may ask anew. `printed` stands on paper only, where no script says more."""
    framed = _leading_on(
        render("view.html", spoken, body=body, printed=printed, **_frame(page_title, place, spoken)), place.lang
    )
    head = Head(f"{title} · {page_title}" if title != page_title else title, description, state, indexed, sheet)
    if template is None:
        return f"{_start(spoken)}{_head(head, place, spoken)}</head><body>{framed}</body></html>"
    marked = (
        {"api": place.base + place.api, "view": name}
        | ({"live": ""} if live else {})
        | ({"zone": zone} if zone else {})
    )
    island = _island("page-data", json.dumps(data, ensure_ascii=False, separators=(",", ":")), marked)
    return _Written(head, framed, island).into(template, place, spoken)


def _frame(title: str, place: Place, spoken: Language) -> dict[str, object]:
    """What the frame around every view needs."""
    return {
        "site_title": title, "place": place, "legend": _legend(), "ramp": _ramp(),
        "speeds": (waterline.FASTEST, waterline.SLOWEST), "languages": language.names(), "spoken": spoken.code,
    }  # fmt: skip


class _Written(NamedTuple):
    """What stands at the markers."""

    head: Head
    body: str
    data: str

    def into(self, template: str, place: Place, spoken: Language) -> str:
        """The template with all of it."""
        parts = _parts(template, place.base, spoken.code, spoken.direction)
        said = _words(place, spoken)
        head = _head(self.head, place, spoken)
        return "".join([parts[0], head, parts[1], self.body, parts[2], said, self.data, parts[3]])


_LINK: Final = re.compile(r'href="((?:\.{1,2}/|\?)[^"#]*)')
_FORM: Final = re.compile(r'<form [^>]*method="get"[^>]*>')


def _leading_on(body: str, code: str) -> str:
    """The same, whose links and forms name the language that this address named, if it did."""
    if not code:
        return body

    def link(found: re.Match[str]) -> str:
        if "lang=" in found[1]:
            return found[0]
        return f"{found[0]}{'&amp;' if '?' in found[1] else '?'}lang={code}"

    return _FORM.sub(rf'\g<0><input type="hidden" name="lang" value="{code}">', _LINK.sub(link, body))


@lru_cache(maxsize=64)
def _parts(template: str, base: str, code: str, direction: str) -> tuple[str, ...]:
    """The template around its three markers, as it is for that language."""
    spoken = template.replace('<html lang="en"', f'<html lang="{code}" dir="{direction}"', 1)
    rest = _BUILT_LEGEND.sub("", spoken, count=1).replace("%BASE%", str(Markup.escape(base)))
    parts: list[str] = []
    for marker in _MARKERS:
        before, rest = rest.split(marker, 1)
        parts.append(before)
    return (*parts, rest)


def _head(head: Head, place: Place, spoken: Language) -> str:
    known = language.available() if place.canonical else ()  # search engines want whole addresses, or none
    alternates = [(code, f"{place.canonical}?lang={code}") for code in known]
    return render("head.html", spoken, head=head, place=place, alternates=alternates)


def _island(id: str, content: str, marked: Mapping[str, str]) -> str:
    """Data that scripts read and browsers do not run."""
    attributes = "".join(f' data-{name}="{Markup.escape(value)}"' for name, value in marked.items())
    return f'<script type="application/json" id="{id}"{attributes}>{content.replace("<", _LESS)}</script>'


def _words(place: Place, spoken: Language) -> str:
    """What scripts say: named, so that it is fetched beside them and kept; or written out."""
    if place.words is None:
        return _island("page-words", spoken.shared_json(), {"lang": spoken.code})
    mark = "&" if "?" in place.words else "?"
    address = Markup.escape(f"{place.base}{place.words}{mark}lang={spoken.code}&v={spoken.version()}")
    return f'<link rel="preload" as="fetch" crossorigin id="page-words" data-lang="{spoken.code}" href="{address}">'


_LESS: Final = "\\u003c"


def _detail(spoken: Language, document: PageDocument) -> str:
    now = datetime.fromisoformat(document.generated_at)
    return words.detail(spoken, document.headline, words.with_downtime(document), now)


def _newest(document: PageDocument, at: lines.Frame) -> Markup | None:
    return None if document.newest_result_at is None else cards.moment(document.newest_result_at, at)


@lru_cache(maxsize=1)
def _legend() -> list[tuple[str, State, list[tuple[str, str]]]]:
    """A cell of each kind: its key in the catalogue, its state, its paths."""
    rest = "_" * 59  # no kind of minute: draws nothing
    return [("none" if kind == "." else kind, state, list(waterline.paths(kind + rest))) for kind, state in _LEGEND]


@lru_cache(maxsize=1)
def _ramp() -> list[tuple[str, str]]:
    return [one for one in waterline.latency_strip([0, *waterline.LATENCY_STEPS]) if one[1]]


def api_json(document: PageDocument) -> bytes:
    """The document as `/api/page` serves it."""
    return document.model_dump_json().encode()


def _start(spoken: Language) -> str:
    return f'<!doctype html><html lang="{spoken.code}" dir="{spoken.direction}"><head><meta charset="utf-8">'


def plain(document: PageDocument, spoken: Language | None = None) -> str:
    """A page for installations whose web page was never built: what is known, and how to get the real one."""
    spoken = spoken or language.language(language.LANGUAGES[0])
    return str(
        render(
            "plain.html",
            spoken,
            title=words.tab(spoken, document.page.title, document.headline),
            said=words.headline(spoken, document.headline),
            items=[item for group in document.groups for item in group.items],
        )
    )

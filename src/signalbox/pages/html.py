"""How is a document written into the built page? As HTML that reads without JavaScript, and as the data that the
browser's side starts from. Everything that people wrote is escaped here.

The template, its markers and the markup are described in `web/SNAPSHOT.md`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signalbox.pages import cards, waterline, words
from signalbox.pages.cards import glyph
from signalbox.pages.document import Group, Item, PageDocument, State

_FEW = 12  # items on a page up to which every group is open


class Place(NamedTuple):
    """Where a page is served. Addresses are relative to it, so that it works under any prefix."""

    base: str = "./"  # from the page to the site's root
    home: str = "./"  # from a view of the page to the page itself
    api: str = "api/page"  # from the site's root to this page's document
    canonical: str | None = None  # the page's absolute address, where it is known


def fill(template: str, document: PageDocument, place: Place) -> str:
    """The page: the template with the document written into it."""
    based = template.replace("%BASE%", escape(place.base))
    head, rest = based.split("<!--head-->", 1)
    before, rest = rest.split("<!--snapshot-->", 1)
    between, after = rest.split("<!--page-data-->", 1)
    return "".join([head, _head(document, place), before, _snapshot(document), between, _data(document, place), after])


def _head(document: PageDocument, place: Place) -> str:
    said = document.headline
    description = ". ".join(part for part in (words.headline(said), _detail(document)) if part)
    canonical = f'<link rel="canonical" href="{escape(place.canonical)}">' if place.canonical else ""
    return (
        f"<title>{escape(words.tab(document.page.title, said))}</title>"
        f'<meta name="description" content="{escape(f"{document.page.title}: {description}")}">'
        f'<meta name="robots" content="index, follow">{canonical}'
        '<link rel="icon" type="image/svg+xml" id="favicon" '
        f'href="{escape(place.base)}favicon/{said.state.value}.svg">'
    )


def _data(document: PageDocument, place: Place) -> str:
    data = document.model_dump_json().replace("<", "\\u003c")
    address = escape(place.base + place.api)
    return f'<script type="application/json" id="page-data" data-api="{address}">{data}</script>'


def _snapshot(document: PageDocument) -> str:
    zone = ZoneInfo(document.page.timezone)
    first = _first_minute(document, zone)
    items = [item for group in document.groups for item in group.items]
    ticks = waterline.ticks(first)
    now = datetime.fromisoformat(document.generated_at)
    stale = " is-stale" if document.headline.code == "stale" else ""
    note = "" if any(item.signals for item in items) else '<p class="page-note">No signals found</p>'
    few = len(items) <= _FEW
    groups = "".join(_group(group, few, _Row(ticks, first, now, zone)) for group in document.groups)
    return (
        f'<div class="page{stale}"><header class="page-header">'
        f'<a class="page-title" href="./">{escape(document.page.title)}</a></header><main>'
        f"{_banner(document, zone)}{cards.current(document, now, zone)}"
        f'<h2 class="page-window">Service uptime in the past 60 minutes</h2>{note}{groups}'
        f"{cards.past(document, now, zone)}</main></div>"
    )


def _first_minute(document: PageDocument, zone: ZoneInfo) -> datetime:
    generated = datetime.fromisoformat(document.generated_at)
    return (generated.replace(second=0, microsecond=0) - timedelta(minutes=59)).astimezone(zone)


def _banner(document: PageDocument, zone: ZoneInfo) -> str:
    said, text = document.headline, _detail(document)
    detail = f'<p class="banner-detail">{escape(text)}</p>' if text else ""
    return (
        f'<section class="banner is-{said.state.value}" aria-label="Current status">{glyph(said.state)}'
        f'<div class="banner-words"><h1>{escape(words.headline(said))}</h1>{detail}</div>'
        f"{_age(document.newest_result_at, zone)}</section>"
    )


def _detail(document: PageDocument) -> str:
    now = datetime.fromisoformat(document.generated_at)
    return words.detail(document.headline, words.with_downtime(document), now)


def _age(newest: str | None, zone: ZoneInfo) -> str:
    if newest is None:
        return ""
    moment = datetime.fromisoformat(newest)
    exact = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f'<p class="banner-age">Data from <time datetime="{exact}">{moment.astimezone(zone):%H:%M %Z}</time></p>'


class _Row(NamedTuple):
    """What all rows share."""

    ticks: str
    first: datetime  # when the first minute of the bars starts
    now: datetime
    zone: ZoneInfo


def _group(group: Group, few: bool, shared: _Row) -> str:
    rows = f'<ul class="rows">{"".join([_row(item, shared) for item in group.items])}</ul>'
    if group.name is None:
        return f'<section class="group" aria-label="Services">{rows}</section>'
    is_open = " open" if few or group.state is not State.OPERATIONAL else ""
    return (
        f'<details class="group is-{group.state.value}"{is_open}><summary class="group-head">{glyph(group.state)}'
        f'<h2 class="group-name">{escape(group.name)}</h2><span class="group-sum">{words.group_sum(group)}</span>'
        f"{waterline.svg(words.worst_minutes(group.items))}</summary>{rows}</details>"
    )


def _row(item: Item, shared: _Row) -> str:
    ticks, first, now, zone = shared
    said = words.state(item, now, zone) + (", checking…" if item.checking else "")
    uptime = "—" if item.uptime is None else f"{item.uptime}%"
    return (
        f'<li class="row is-{item.state.value}"><div class="row-head">{glyph(item.state)}'
        f'<h3 class="row-name">{escape(item.name)}</h3><span class="row-state">{escape(said)}</span>'
        f'<span class="row-uptime">{uptime}</span></div>'
        f'<div class="row-bar">{waterline.svg(item.minutes, item.latency)}{ticks}</div>'
        f"{_downtime(item.minutes, first, zone)}</li>"
    )


def _downtime(minutes: str, first: datetime, zone: ZoneInfo) -> str:
    summary = words.downtime_summary(minutes)
    if summary is None:
        return ""
    lines = "".join(f"<li>{line}</li>" for line in words.downtime_list(minutes, first, zone))
    return f'<details class="row-downtime"><summary>{summary}</summary><ul>{lines}</ul></details>'


def api_json(document: PageDocument) -> bytes:
    """The document as `/api/page` serves it."""
    return document.model_dump_json().encode()


def plain(document: PageDocument) -> str:
    """A page for installations whose web page was never built: what is known, and how to get the real one."""
    said, note = document.headline, "The web page is not built: run make web, then start again. The API works."
    rows = "".join(
        f"<li>{escape(item.name)}: {words.STATES[item.state]}</li>" for group in document.groups for item in group.items
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(words.tab(document.page.title, said))}</title></head><body>"
        f"<h1>{escape(words.headline(said))}</h1><p>{note}</p><ul>{rows}</ul></body></html>"
    )

"""How is a letter worded: as a subject, as text, as HTML, for chats, and as data? Pure functions.

What people wrote (names, messages, incident texts) goes through `texts` first and is escaped where it is put; there is
no template language, so no placeholder in it means anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from urllib.parse import urlsplit

from signalbox.clock import iso
from signalbox.notifications import texts
from signalbox.notifications.letters import Letter
from signalbox.notifications.notices import Kind, Notice
from signalbox.notifications.sentences import Entry, entry

_LONGEST_SUBJECT, _LONGEST_CHAT = 180, 1_800  # characters; Discord takes 2 000
_MOST = 50  # entries that one message spells out

# Shape, word and colour say the same. The colours have a contrast of 3:1 at least on white and on near-black.
_DOWN, _DEGRADED, _UP, _OTHER = ("■", "#e5484d"), ("▲", "#b7791f"), ("●", "#2f9e44"), ("◇", "#7d7d87")
_GLYPHS = {
    Kind.DOWN: _DOWN, Kind.DEGRADED: _DEGRADED, Kind.FLAPPING: _DEGRADED, Kind.UP: _UP, Kind.ONLINE: _UP,
    Kind.RESOLVED: _UP, Kind.INCIDENT: _DOWN, Kind.UPDATE: _OTHER, Kind.OFFLINE: _OTHER, Kind.TEST: _OTHER,
}  # fmt: skip
_MONITORS = frozenset({Kind.DOWN, Kind.DEGRADED, Kind.UP, Kind.FLAPPING})


@dataclass(frozen=True, slots=True)
class Wording:
    """One letter in every form that a channel may want."""

    subject: str  # one line
    text: str
    html: str  # a whole document
    chat: str  # text that no chat service reads markup, mentions or hidden links into
    data: dict[str, Any]  # plain JSON values


def word(letter: Letter, zone: tzinfo, public_url: str | None = None, ack_url: str | None = None) -> Wording:
    """Word it, with times in that zone. The URLs are ours; one that is not http or https is left out."""
    entries = [entry(one, zone, reminder=one.key in letter.reminders) for one in letter.notices]
    subject = texts.line(_subject(entries), _LONGEST_SUBJECT)
    links = [(name, url) for name, url in (("Acknowledge", ack_url), ("Status page", public_url)) if _is_web(url)]
    paragraphs = _paragraphs(entries)
    closing = "\n".join(f"{name}: {url}" for name, url in links)
    said = "\n\n".join(paragraphs)
    return Wording(
        subject=subject,
        text="\n\n".join(part for part in (said, closing) if part) + "\n",
        html=_html(subject, entries, links),
        chat="\n\n".join(part for part in (texts.chat(texts.body(said, _LONGEST_CHAT)), closing) if part),
        data={"notices": [_data(one, letter) for one in letter.notices]},
    )


def _subject(entries: Sequence[Entry]) -> str:
    if len(entries) == 1:
        return _one(entries[0])
    words = Counter(one.word for one in entries)
    names = texts.listed([one.name for one in entries], 2)
    if len(words) == 1:
        what = entries[0].word
        counted = f"{len(entries)} monitors" if entries[0].kind in _MONITORS else str(len(entries))
        return f"{counted} {what[0].lower()}{what[1:]}: {names}"
    parts = [f"{count} {what[0].lower()}{what[1:]}" for what, count in words.items()]
    return f"{', '.join(parts)}: {names}"


def _one(only: Entry) -> str:
    if only.kind is Kind.TEST:
        return "Test: nothing happened"
    return only.headline if only.kind is Kind.UP else f"{only.word}: {only.name}"


def _paragraphs(entries: Sequence[Entry]) -> list[str]:
    """A single one in full; of several a headline each with the most important line below it."""
    if len(entries) == 1:
        return [f"{_glyph(entries[0])} {entries[0].headline}.", "\n".join(entries[0].lines)]
    shown = [f"{_glyph(one)} {one.headline}\n  {_brief(one)}".rstrip() for one in entries[:_MOST]]
    return [*shown, *_rest(entries)]


def _brief(one: Entry) -> str:
    return "; ".join(one.lines[:2]).replace("\n", " ")


def _rest(entries: Sequence[Entry]) -> list[str]:
    return [f"and {len(entries) - _MOST} more"] if len(entries) > _MOST else []


def _glyph(one: Entry) -> str:
    return _GLYPHS[one.kind][0]


def _html(subject: str, entries: Sequence[Entry], links: Sequence[tuple[str, str | None]]) -> str:
    """No colour of ours lies behind or in the words, so whatever the mail program makes of light and dark is legible;
    nothing is wider than its window."""
    single = len(entries) == 1
    items = "".join(_item(one, single=single) for one in entries[:_MOST])
    more = "".join(f'<p style="margin:12px 0">{texts.html(one)}</p>' for one in _rest(entries))
    buttons = "".join(
        f'<p style="margin:16px 0"><a href="{texts.html(str(url))}" style="color:inherit;font-weight:600;'
        f'text-decoration:underline;display:inline-block;padding:10px 0">{name}</a></p>'
        for name, url in links
    )
    heading = "" if single else f'<h1 style="font-size:20px;line-height:28px;margin:0 0 8px">{texts.html(subject)}</h1>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{texts.html(subject)}</title></head>"
        '<body style="margin:0;padding:16px;font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif;'
        'font-size:16px;line-height:24px"><div style="max-width:600px;margin:0 auto;overflow-wrap:anywhere;'
        f'word-break:break-word">{heading}{items}{more}{buttons}</div></body></html>'
    )


def _item(one: Entry, *, single: bool) -> str:
    glyph, colour = _GLYPHS[one.kind]
    lines = one.lines if single else (_brief(one),)
    told = "".join(f'<p style="margin:4px 0">{texts.html(each)}</p>' for each in lines if each)
    tag = "h1" if single else "h2"
    return (
        f'<{tag} style="font-size:{20 if single else 16}px;line-height:{28 if single else 24}px;margin:12px 0 4px">'
        f'<span aria-hidden="true" style="color:{colour}">{glyph}</span> '
        f"{texts.html(one.headline)}</{tag}>{told}"
    )


def _data(notice: Notice, letter: Letter) -> dict[str, Any]:
    return {
        "key": notice.key, "thread": notice.thread, "kind": notice.kind.value, "severity": notice.severity.value,
        "happened": iso(notice.happened), "confirmed": iso(notice.confirmed), "monitor": notice.monitor,
        "group": texts.harmless(notice.group), "tags": texts.harmless(notice.tags),
        "reminder": notice.key in letter.reminders, "facts": texts.harmless(notice.facts),
    }  # fmt: skip


def _is_web(url: str | None) -> bool:
    return url is not None and urlsplit(url).scheme in ("http", "https") and url.isprintable() and " " not in url

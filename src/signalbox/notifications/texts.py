"""How is a text that somebody wrote made harmless, and how are times and durations written in messages?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape
from typing import Any

from signalbox.clock import to_datetime

LONGEST_LINE, LONGEST_BODY = 300, 3_000  # characters
_LISTED = 3  # names said before "and n more"

# What turns the direction of other characters, hides, or is meant for machines. Joiners stay: emoji and scripts use
# them.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_MARKUP = re.compile(r"(@|<|\]|#)(?=\S)|(`{3})|(\|\|)")
_ZERO_WIDTH = "\u200b"


def line(text: object, longest: int = LONGEST_LINE) -> str:
    """One line of visible characters, at most that long."""
    return _cut(" ".join(_visible(text).split()), longest)


def body(text: object, longest: int = LONGEST_BODY) -> str:
    """The same with its line breaks, at most one empty line in a row."""
    clean = _BLANKS.sub(" ", _visible(text)).strip()
    return _cut(re.sub(r"(?: ?\n){3,}", "\n\n", clean), longest)


def harmless(value: Any) -> Any:
    """Plain JSON values with every text in them made visible characters and line breaks only."""
    if isinstance(value, str):
        return body(value, 20_000)
    if isinstance(value, dict):
        return {line(name): harmless(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(one) for one in value]
    return value


def chat(text: str) -> str:
    """The text for services that read markup, mentions or links into it: a zero-width space takes their effect."""
    return _MARKUP.sub(lambda found: _ZERO_WIDTH.join(found[0]) + _ZERO_WIDTH, text)


def html(text: str) -> str:
    """The text for an element or a quoted attribute."""
    return escape(text, quote=True).replace("\n", "<br>")


def moment(micros: int, zone: tzinfo) -> str:
    """`24 Nov 2026 14:02:10 (UTC+01:00)`; whole seconds, in that zone."""
    local = to_datetime(micros).astimezone(zone)
    return f"{local.day} {local:%b %Y %H:%M:%S} ({_offset(local)})"


def _offset(local: datetime) -> str:
    offset = f"{local:%z}"  # +0100
    return "UTC" if offset[1:5] == "0000" else f"UTC{offset[:3]}:{offset[3:5]}"


def lasted(seconds: float) -> str:
    """`45 s`, `12 min`, `2 h 5 min`, `3 d 4 h`: the two largest parts."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole < 300 and whole % 60 else "")
    big, small, words = (3_600, 60, ("h", "min")) if whole < 86_400 else (86_400, 3_600, ("d", "h"))
    rest = whole % big // small
    return f"{whole // big} {words[0]}" + (f" {rest} {words[1]}" if rest else "")


def listed(names: Sequence[str], most: int = _LISTED) -> str:
    """`Api`, `Api and Search`, `Api, Search, Web and 9 more`."""
    if len(names) <= most:
        return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _visible(text: object) -> str:
    clean = _UNSEEN.sub("", unicodedata.normalize("NFC", str(text).replace("\r\n", "\n")))
    return "".join(one if one == "\n" or unicodedata.category(one) not in _ODD else " " for one in clean)


_ODD = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"

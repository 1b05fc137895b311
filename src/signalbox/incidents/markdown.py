"""How does markdown that people wrote become HTML that is safe to show, and text for mails?

CommonMark without raw HTML, of pictures the words alone; then an allow-list of tags, attributes and schemes over what
came out. Either of the two would do; whoever wants something through has to pass both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape as html_escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST = 20_000  # bytes of UTF-8
DEEPEST = 20  # levels of lists, items and quotes within one another

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong", "ul",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "ol": {"start"}, "*": set()}
_SCHEMES = {"http", "https", "mailto"}
_ALLOWED_LINK = re.compile(r"(https?://|mailto:)[^\s]", re.IGNORECASE)
_RELATION = "noopener nofollow ugc"
_LOWER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}  # the page has its own first headings
# All that may begin something where it stands; the rest of CommonMark's punctuation is harmless within a line.
_SPECIAL = re.compile(r"""[\\`*_{}\[\]()<>#!|~&"'^]|^[-+=:.]|(?<=\d)\.(?=\s|$)""")
_SPACES = re.compile(r"\s+")
# What shows nothing, turns the direction of what follows, or is half a character.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class _Parser(MarkdownIt):
    """Takes for links only what leads to the schemes above; the rest stays text."""

    def validateLink(self, url: str) -> bool:
        return _ALLOWED_LINK.match(url) is not None


_PARSER = _Parser("commonmark", {"html": False, "linkify": False, "maxNesting": DEEPEST, "breaks": True})
_PARSER.enable("strikethrough").disable(["html_block", "html_inline", "entity"])
_PARSER.add_render_rule("image", lambda _renderer, tokens, at, *_: html_escape(tokens[at].content, quote=False))


def checked(source: str) -> str:
    """The source without control characters; ValueError when it is too long."""
    if len(source.encode("utf-8", "replace")) > LONGEST:
        raise ValueError(f"is longer than {LONGEST:,} bytes: say it shorter, or link to the rest")
    return _CONTROLS.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=1_024)
def render(source: str) -> str:
    """Safe HTML. What is longer than allowed is shown as it is written."""
    try:
        tokens = _PARSER.parse(checked(source))
    except ValueError:
        return f"<p>{html_escape(source[:LONGEST], quote=False)}</p>"
    for token in tokens:
        token.tag = _LOWER.get(token.tag, token.tag)
    return nh3.clean(
        _PARSER.renderer.render(tokens, _PARSER.options, {}).strip(),
        tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_RELATION, strip_comments=True,
        url_relative="deny",
    )  # fmt: skip


@lru_cache(maxsize=1_024)
def plain(source: str) -> str:
    """The same as text: links as `text (address)`, list items with a dash or their number, no HTML."""
    try:
        tokens = _PARSER.parse(checked(source))
    except ValueError:
        return source[:LONGEST]
    writer = _Writer()
    for token in tokens:
        writer.take(token)
    return writer.text.strip()


def escape(value: str) -> str:
    """A value as it is put into markdown: one line that shows as written and formats nothing."""
    return _SPECIAL.sub(r"\\\g<0>", _SPACES.sub(" ", _CONTROLS.sub("", value)).strip())


class _Writer:
    """Writes blocks below one another."""

    def __init__(self) -> None:
        self.text = ""
        self._numbers: list[int | None] = []  # of the lists we are in: the next number, None where there are dashes
        self._marker = ""

    def take(self, token: Token) -> None:
        """Go on by one token."""
        match token.type:
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._mark()
            case "inline" | "fence" | "code_block":
                self._say(token)

    def _mark(self) -> None:
        number = self._numbers[-1]
        self._marker = "  " * (len(self._numbers) - 1) + ("- " if number is None else f"{number}. ")
        self._numbers[-1] = None if number is None else number + 1

    def _say(self, token: Token) -> None:
        words = token.content.rstrip() if token.children is None else _inline(token.children)
        gap = "\n" if self._numbers and self.text else "\n\n"
        self.text, self._marker = self.text + gap + self._marker + words, ""


def _inline(tokens: Sequence[Token]) -> str:
    text, links = "", list[tuple[str, int]]()
    for token in tokens:
        match token.type:
            case "link_open":
                links.append((str(token.attrGet("href")), len(text)))
            case "link_close":
                address, start = links.pop()
                text += "" if text[start:] == address.removeprefix("mailto:") else f" ({address})"
            case "softbreak" | "hardbreak":
                text += "\n"
            case _:
                text += token.content
    return text


def one_line(text: str) -> str:
    """A title: without control characters, and on one line."""
    line = _SPACES.sub(" ", _CONTROLS.sub("", text)).strip()
    if not line:
        raise ValueError("is empty: write what it is called")
    return line

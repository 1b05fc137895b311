"""Is this HTML harmless? Read with the standard library's parser, which knows nothing of how it was made."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

TAGS = frozenset(
    {
        "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
        "ul",
    }
)  # fmt: skip
ATTRIBUTES = {"a": {"href", "rel"}, "ol": {"start"}}
SCHEMES = frozenset({"http", "https", "mailto"})
_EMPTY = frozenset({"br", "hr"})


class Reader(HTMLParser):
    """Collects what is wrong, and the text between the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        if tag == "a" and "a" in self._open:
            self.wrong.append("a link in a link")
        if tag not in _EMPTY:
            self._open.append(tag)
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"<?{data}>")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in ATTRIBUTES.get(tag, set()):
            self.wrong.append(f"<{tag} {name}>")
        if name == "href":
            self.links.append(value)
            if urlsplit(value).scheme not in SCHEMES:
                self.wrong.append(f"href {value}")
        if name == "rel" and value != "noopener nofollow ugc":
            self.wrong.append(f"rel {value}")
        if name == "start" and not value.isdigit():
            self.wrong.append(f"start {value}")


def read(html: str) -> Reader:
    """The HTML, read to its end."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    if reader._open:
        reader.wrong.append(f"never closed: {reader._open}")
    return reader

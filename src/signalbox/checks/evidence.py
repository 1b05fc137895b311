"""What shows why a check failed? Texts by name, in the order they were seen, bounded, without secrets.

Who gathers evidence decides what a text may show; this file only bounds it. Nothing is gathered for a healthy check.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

LONGEST = 4_096  # characters of one text
MOST = 20  # texts


class Entry(NamedTuple):
    """One text and what it is: `addresses`, `connected to`, `certificate`, `request`, `headers`, `body`, …"""

    name: str
    text: str


class Evidence(list[Entry]):
    """Entries of one check."""

    def note(self, name: str, text: str | bytes | Iterable[str]) -> None:
        """Add a text, lines or bytes; what is too long is cut, and says so. Empty ones are left out."""
        if isinstance(text, bytes):
            text = text[: LONGEST + 1].decode("utf-8", errors="replace")
        elif not isinstance(text, str):
            text = "\n".join(text)
        if not text or len(self) >= MOST:
            return
        clean = "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text[:LONGEST])
        self.append(Entry(name, clean + ("…" if len(text) > LONGEST else "")))


class Assertion(NamedTuple):
    """One expectation on an answer, and whether it held."""

    what: str  # such as `status`, `header content-type`, `$.status`
    expected: str  # in words: `is 200-299`
    seen: str  # what came instead, bounded by who asks
    passed: bool

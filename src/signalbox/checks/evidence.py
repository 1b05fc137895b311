"""What shows why a check failed? Texts by name, in the order they were seen, bounded, without secrets.

Who gathers evidence decides what a text may show; this file only bounds it. Nothing is gathered for a healthy check.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from signalbox.signals import Reason, Verdict

LONGEST = 4_096  # characters of one text
MOST = 20  # texts


class Entry(NamedTuple):
    """One text and what it is: `addresses`, `connected to`, `certificate`, `request`, `headers`, `body`, …"""

    name: str
    text: str


class Evidence(list[Entry]):
    """Entries of one check."""

    def assertions(self, assertions: Iterable[Assertion]) -> None:
        """Add those that did not hold: what was expected, and what came."""
        lines = [f"{one.what}: expected {one.expected}; came {one.seen}" for one in assertions if not one.passed]
        self.note("expectations", lines)

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
    expected: str  # in words: `200-299`, `contains "ok"`
    seen: str  # what came, bounded; may be a server's text, and is no part of a message then
    passed: bool
    reason: Reason = Reason.ASSERTION  # where it did not hold
    verdict: Verdict = Verdict.DOWN  # where it did not hold
    is_ours: bool = False  # what was seen is a figure of ours, such as a status or a duration


def worst(assertions: Iterable[Assertion]) -> tuple[Verdict, Reason, str] | None:
    """Verdict, reason and words of what did not hold: the first of those that weigh most. None when all held."""
    failed = [one for one in assertions if not one.passed]
    if not failed:
        return None
    first = next((one for one in failed if one.verdict is Verdict.DOWN), failed[0])
    came = f", but it is {first.seen}" if first.is_ours else ", and it is not"
    more = f" ({len(failed) - 1} more did not hold)" if len(failed) > 1 else ""
    return first.verdict, first.reason, f"{first.what} was expected to be {first.expected}{came}{more}"

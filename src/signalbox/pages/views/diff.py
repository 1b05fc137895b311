"""What was changed in a text that had been published? Word by word, for whoever wants to see what it said before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_WORD = re.compile(r"\s+|[^\s]+")
_MOST = 4_000  # words of both texts together, beyond which the earlier text is told whole


class Part(NamedTuple):
    """A run of text that stayed, went or came."""

    what: Literal["same", "gone", "new"]
    text: str


def between(earlier: str, later: str) -> list[Part]:
    """The parts of both texts in reading order."""
    old, new = _WORD.findall(earlier), _WORD.findall(later)
    if len(old) + len(new) > _MOST:
        return [Part("gone", earlier), Part("new", later)]
    return list(_parts(old, new))


def _parts(old: list[str], new: list[str]) -> Iterator[Part]:
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Part("same", "".join(old[i1:i2]))
            continue
        if i1 < i2:
            yield Part("gone", "".join(old[i1:i2]))
        if j1 < j2:
            yield Part("new", "".join(new[j1:j2]))

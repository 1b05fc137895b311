"""What is wrong with a manifest, where, and what should be written instead?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from signalbox.errors import ConfigurationError

Path = tuple[str | int, ...]
_SHOWN = 50  # problems in one text


class Place(NamedTuple):
    """Where something is written, counted from 1."""

    line: int
    column: int


class Problem(NamedTuple):
    """One thing wrong. `key` is the path as people write it: `monitors[2].every`."""

    place: Place | None
    key: str
    text: str


class BadManifest(ConfigurationError):
    """A manifest that is not used, with everything that is wrong with it, sorted by line."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = sorted(problems, key=lambda problem: (problem.place or Place(0, 0), problem.key, problem.text))
        lines = [self._line(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"{file}: and {len(self.problems) - _SHOWN} more problems")
        super().__init__("\n".join(lines))

    def _line(self, problem: Problem) -> str:
        where = f"{self.file}:{problem.place.line}" if problem.place else self.file
        return ": ".join(part for part in (where, problem.key, problem.text) if part)


def spelled(path: Sequence[str | int]) -> str:
    """A path as people write it: `("monitors", 2, "every")` → `monitors[2].every`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def unknown_key(name: str, allowed: Iterable[str]) -> str:
    """Words for a key that nobody knows."""
    names = sorted(allowed)
    close = difflib.get_close_matches(name, names, 1)
    if close:
        return f'unknown key; did you mean "{close[0]}"?'
    return f"unknown key; known here: {', '.join(names)}" if names else "unknown key: leave it out"


def sort_of(value: object) -> str:
    """What people call a value of that type."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case _:
            return "a mapping"

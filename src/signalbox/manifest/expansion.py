"""What does `${NAME}` in a manifest stand for? The environment's value, or that of `.env` in the working folder.

`${NAME:-default}` gives the default when NAME is unset or empty, as in a shell; `$$` is a dollar sign. Values may be
secrets: whoever shows an expanded text passes it through `Expanded.hidden` first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from dotenv import dotenv_values

_REFERENCE = re.compile(r"\$\$|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|\$\{")


class Expanded(NamedTuple):
    """A text after expansion, as it was written, and which value came from which name."""

    text: str
    written: str
    values: dict[str, str]  # name → value

    def hidden(self, text: str) -> str:
        """Another text, with each value replaced by its reference."""
        for name, value in sorted(self.values.items(), key=lambda pair: -len(pair[1])):
            text = text.replace(value, f"${{{name}}}") if value else text
        return text

    def unfilled(self) -> str:
        """The text with names in place of values: says the same on every machine, and nothing secret."""
        return _REFERENCE.sub(lambda found: found["name"] or "$", self.written)


class NotExpandable(ValueError):
    """A reference that cannot be followed; the text says what to write."""


def surroundings() -> dict[str, str]:
    """The environment, and below it `.env` in the working folder."""
    return {name: value for name, value in dotenv_values(".env").items() if value is not None} | dict(os.environ)


def expand(written: str, environment: Mapping[str, str]) -> Expanded:
    """Follow all references in a text. Raises NotExpandable at the first that is unset or misspelt."""
    values: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        name, default = found["name"], found["default"]
        if name is None:
            raise NotExpandable("write ${NAME} or ${NAME:-default}; a dollar sign before a brace is written $${")
        if environment.get(name):
            values[name] = environment[name]
        elif default is not None:
            return default
        elif name not in environment:
            raise NotExpandable(f"${{{name}}} is not set in the environment: set it, or write ${{{name}:-default}}")
        return environment.get(name, "")

    return Expanded(_REFERENCE.sub(value, written), written, values)

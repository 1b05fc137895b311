"""How are kept words filled in? Placeholders from a closed list, one value each; no template engine.

A value is data: it is escaped as Markdown, and what looks like a placeholder in it stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from signalbox.incidents import markdown

PLACEHOLDERS = {
    "monitor": "name of the monitor, or how many of them",
    "group": "its group",
    "reason": "why it is down, in words",
    "since": "when it began, in UTC",
    "duration": "how long it took, when it is over",
}
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def checked(text: str) -> str:
    """The template, if every placeholder is one of ours; ValueError with the list otherwise."""
    for found in _FIELD.finditer(text):
        name = found[1]
        if name is not None and name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise ValueError(f"{{{name}}} is no placeholder; there are {known}; write {{{{ for a brace")
    return text


def fill(text: str, values: Mapping[str, str], *, as_markdown: bool = True) -> str:
    """The template with values in place of placeholders; one without a value becomes nothing."""

    def put(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]  # a doubled brace
        value = values.get(found[1], "")
        return markdown.escape(value) if as_markdown else value

    return _FIELD.sub(put, text)

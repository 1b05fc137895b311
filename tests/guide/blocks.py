"""What does a guide tell people to type? Its fenced blocks, by the name in the comment above each."""

from __future__ import annotations

import re
from pathlib import Path

_BLOCK = re.compile(r"^<!-- (?P<name>\w+: [\w-]+) -->\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(guide: Path) -> dict[str, str]:
    """`{"shell: api": "uvicorn …", …}` of a Markdown file. A name that is used twice is an error."""
    found: dict[str, str] = {}
    for block in _BLOCK.finditer(guide.read_text(encoding="utf-8")):
        assert block["name"] not in found, f"{guide.name} has two blocks called {block['name']}"
        found[block["name"]] = block["text"].strip()
    return found

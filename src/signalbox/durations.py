"""How long is `1h30m`? Durations as people write them, in seconds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)")
PATTERN = r"^(\d+(\.\d+)?(ms|s|m|h|d|w|y))+$"


def parse(text: str | float) -> float:
    """`90`, `"90s"`, `"1m30s"`, `"500ms"`, `"2d"` in seconds. Anything else raises ValueError with an example."""
    if isinstance(text, bool):
        raise ValueError("write a duration such as 30s, 5m or 1h30m")  # noqa: TRY004 - pydantic wants it
    if isinstance(text, int | float):
        return float(text)
    if not isinstance(text, str):
        raise ValueError("write a duration such as 30s, 5m or 1h30m")  # noqa: TRY004 - pydantic wants it
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError("write a duration such as 30s, 5m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def words(seconds: float) -> str:
    """Seconds as the shortest exact text that `parse` reads back: `90` → `1m30s`."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    rest, out = round(seconds), ""
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, int(_UNITS[unit]))
        out += f"{count}{unit}" if count else ""
    return out or "0s"


Duration = Annotated[
    float,
    BeforeValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": PATTERN}],
            "description": "Seconds, or a text such as 30s, 5m, 1h30m, 500ms.",
        }
    ),
]
"""A pydantic field type: seconds as float, read from a number or a text such as `1m30s`."""

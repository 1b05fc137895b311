"""Is there such a time zone? IANA names, as people write them in specs."""

from __future__ import annotations

import difflib
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator


def existing(zone: str) -> str:
    """The name, if the zone database has it. Anything else raises ValueError with what to write."""
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        # a folder of the zone database, a path out of it, or a name it does not have
        close = difflib.get_close_matches(zone, available_timezones(), 1)
        advice = f'did you mean "{close[0]}"?' if close else "write an IANA name such as Europe/Budapest or UTC"
        raise ValueError(f"no such time zone; {advice}") from None
    return zone


Zone = Annotated[str, AfterValidator(existing)]
"""A pydantic field type: the name of a time zone that exists."""

"""What is sent to try a channel? A letter like any other, that says it is a trial and begins no thread."""

from __future__ import annotations

import uuid

from signalbox.notifications.letters import Letter
from signalbox.notifications.notices import Kind, Notice, Severity


def letter(channel: str, by: str, now: int) -> Letter:
    """A letter for the channel with that id, tried by `by`."""
    name = f"test:{uuid.uuid4().hex}"
    notice = Notice(name, name, Kind.TEST, Severity.INFO, now, now, facts={"name": channel, "by": by})
    return Letter(uuid.uuid4().hex, channel, (notice,), now)

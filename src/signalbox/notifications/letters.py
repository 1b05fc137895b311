"""What does a sender get, and what does it answer? A letter is what leaves at once for one channel."""

from __future__ import annotations

from dataclasses import dataclass

from signalbox.notifications.notices import Notice


@dataclass(frozen=True, slots=True)
class Letter:
    """One message for one channel. It never changes: a second try has the same `id` and the same content."""

    id: str
    """Unlike any other, and the same at every try: a webhook's `webhook-id`."""
    channel: str
    """The channel's id."""
    notices: tuple[Notice, ...]
    """What to tell, one or many, in the order it happened."""
    composed: int = 0
    """When it was put together, in UTC microseconds: the time to write on it, at every try."""
    reminders: frozenset[str] = frozenset()
    """Keys of those notices that this channel was told before, and is reminded of."""


@dataclass(frozen=True, slots=True)
class Result:
    """How sending went."""

    ok: bool
    detail: str
    """What the other side said, for the delivery log. Never with secrets."""
    permanent: bool = False
    """It said no, and trying again will hardly change that."""
    retry_after: float | None = None
    """Seconds that it asked us to wait."""

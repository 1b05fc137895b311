"""How does something stand that no program can ask? As somebody says: on the command line or through the API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signalbox.checks.base import Outcome, Told, ToldCheck
from signalbox.checks.push import STALE
from signalbox.clock import MICROS
from signalbox.signals import Reason, Verdict


class ManualCheck(ToldCheck):
    """Something that people watch, and say how it stands. Unknown until somebody has said it."""

    examples = ({"kind": "manual"}, {"kind": "manual", "about": "The ferry"})

    kind: Literal["manual"] = "manual"
    about: str | None = Field(None, min_length=1, max_length=200, description="What is meant, for those who say it.")

    @property
    def target(self) -> str:
        """`manual`, and what it is about."""
        return f"manual:{self.about}" if self.about else "manual"

    def answer(self, told: Told | None, since: int, now: int) -> Outcome:
        """What was said last."""
        if told is None:
            return Outcome(Verdict.UNKNOWN, Reason.MISSED, "nobody has said yet how it stands")
        if told.as_of is not None and now - told.as_of > STALE * MICROS:
            return Outcome(Verdict.UNKNOWN, Reason.MISSED, "what was said last cannot be read now")
        available = told.verdict in (Verdict.UP, Verdict.DEGRADED)
        return Outcome(told.verdict, told.reason, told.message, available=available)

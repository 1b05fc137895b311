"""How much is too much? Limits on one figure, from which on a target is degraded or down."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field, model_validator

from signalbox.checks.evidence import Assertion
from signalbox.durations import Duration
from signalbox.signals import Reason, Verdict


class Limits(BaseModel):
    """What all limits have in common. Subclasses say what the figure is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    degraded: float | None = None
    down: float | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Limits:
        if self.degraded is not None and self.down is not None and self._breaks(self.degraded, self.down):
            raise ValueError("degraded has to be reached before down")
        return self

    def _breaks(self, value: float, limit: float) -> bool:
        """Is the value beyond that limit?"""
        return value > limit

    def held(
        self, what: str, value: float, seen: str, words: Callable[[float], str], reason: Reason = Reason.ASSERTION
    ) -> list[Assertion]:
        """The figure against the worst limit that it breaks, else against the nearest; nothing where there is none.

        `words`: what is expected, for a limit.
        """
        pairs = ((self.down, Verdict.DOWN), (self.degraded, Verdict.DEGRADED))
        limits = [(limit, verdict) for limit, verdict in pairs if limit is not None]
        broken = [one for one in limits if self._breaks(value, one[0])]
        return [
            Assertion(what, words(limit), seen, not broken, reason, verdict, is_ours=True)
            for limit, verdict in broken[:1] or limits[-1:]
        ]


class Longest(Limits):
    """How long something may take, or how far apart two clocks may be."""

    degraded: Duration | None = Field(None, gt=0, description="More is degraded.")
    down: Duration | None = Field(None, gt=0, description="More counts as down.")


class Loss(Limits):
    """How many packets may be lost, in percent."""

    degraded: float | None = Field(None, gt=0, le=100, description="So many percent lost, or more, are degraded.")
    down: float | None = Field(100, gt=0, le=100, description="So many percent lost, or more, count as down.")

    def _breaks(self, value: float, limit: float) -> bool:
        return value >= limit


class DaysLeft(Limits):
    """How many days have to be left."""

    degraded: float | None = Field(30, ge=0, le=3_650, description="Fewer days left are degraded.")
    down: float | None = Field(7, ge=0, le=3_650, description="Fewer days left count as down.")

    def _breaks(self, value: float, limit: float) -> bool:
        return value < limit

"""What is a check, and what does it answer?

A kind of check is a pydantic model of its options with one method, `ask`. A failing target is an answer (an
`Outcome`); only our own bugs raise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from signalbox.signals import NO_ANSWER, Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.probe import Probe


@dataclass(slots=True)
class Outcome:
    """Verdict, reason and timings of one check. Phases are milliseconds, `None` where it did not get that far."""

    verdict: Verdict
    reason: Reason
    message: str = ""
    http_status: int = NO_ANSWER
    available: bool = False
    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    ttfb: float | None = None
    total: float | None = None
    certificate_expires: int | None = None  # UTC microseconds


class BaseCheck(BaseModel, ABC):
    """Options of one kind of check. Each subclass narrows `kind` to a literal of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str

    @property
    @abstractmethod
    def target(self) -> str:
        """What is asked, as people may see it: no credentials, no secrets."""

    @property
    def local(self) -> bool:
        """Is this machine itself asked, so that our own network has no part in the answer?"""
        return False

    @abstractmethod
    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask the target once, in at most `timeout` seconds, whatever it does. Cancelling frees everything.

        `fresh` remembers nothing of earlier checks: new connection, names looked up anew.
        """

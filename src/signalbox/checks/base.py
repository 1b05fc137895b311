"""What is a check, and what does it answer?

A kind of check is a pydantic model of its options. There are three sorts: most are *asked* (`ask` goes out to a
target), some are *told* (somebody tells us, such as a heartbeat), some are *derived* from how other monitors stand. A
failing target is an answer (an `Outcome`); only our own bugs raise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import SplitResult

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from signalbox.checks.evidence import Assertion, Evidence
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
    evidence: Evidence | None = None  # only where it is not up
    assertions: Sequence[Assertion] = ()  # in the order written


class Peer(NamedTuple):
    """Who is asked, and whom a check's secrets belong to. The host is ASCII, an address in its canonical spelling."""

    host: str
    port: int


class BaseCheck(BaseModel, ABC):
    """Options of one kind of check. Each subclass narrows `kind` to a literal of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schemes: ClassVar[tuple[str, ...]] = ()  # of URLs that are short for it, such as tcp://db.example.com:5432
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ()  # for the reference; each is validated by a test

    kind: str

    @property
    @abstractmethod
    def target(self) -> str:
        """What is asked, as people may see it: no credentials, no secrets."""

    @property
    def follows(self) -> tuple[str, ...]:
        """Ids of other monitors that it follows from."""
        return ()

    @property
    def peer(self) -> Peer | None:
        """Who is asked; None where nobody is, or nobody in particular."""
        return None

    @property
    def local(self) -> bool:
        """Is this machine itself asked, so that our own network has no part in the answer?"""
        return False

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """The options that a URL of one of its schemes is short for. ValueError says what is wrong with it."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Its JSON Schema, with the examples."""
        schema = handler(core)
        if cls.examples:
            handler.resolve_ref_schema(schema)["examples"] = [dict(example) for example in cls.examples]
        return schema

    def __repr_args__(self) -> list[tuple[str, object]]:
        return [("kind", self.kind), ("target", self.target)]  # options may be secrets


class AskedCheck(BaseCheck):
    """A check that goes out and asks."""

    @abstractmethod
    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask the target once, in at most `timeout` seconds, whatever it does. Cancelling frees everything.

        `fresh` remembers nothing of earlier checks: new connection, names looked up anew.
        """


class Told(NamedTuple):
    """The newest that somebody told us for a monitor: a heartbeat, or a verdict set by hand. UTC microseconds."""

    at: int
    verdict: Verdict  # unknown: nothing yet that could be judged, such as a run that began
    reason: Reason = Reason.OK
    message: str = ""
    took: float | None = None  # milliseconds, where the sender told it
    heard: int | None = None  # when the last good one came
    started: int | None = None  # when a run began that has not ended
    resumed: int = 0  # when it was watched again after a pause
    deaf: tuple[int, int] | None = None  # the last time in which nobody could tell us anything: start ≤ t < end
    as_of: int | None = None  # what was told until then is known; None: all


class ToldCheck(BaseCheck):
    """A check that asks nobody: somebody tells us."""

    @property
    def local(self) -> bool:
        """Nothing goes out, so yes."""
        return True

    @abstractmethod
    def answer(self, told: Told | None, since: int, now: int) -> Outcome:
        """What the newest that was told (None: nothing yet, and we listen `since` then) means `now`.

        Times are UTC microseconds.
        """

    def turns(self, told: Told) -> int | None:
        """When the answer changes by itself if nothing more is told; None: never."""
        return None


class Member(NamedTuple):
    """How a monitor that another follows from stands: its confirmed verdict, unknown where it is paused or new."""

    name: str
    verdict: Verdict


class DerivedCheck(BaseCheck):
    """A check that follows from how other monitors stand."""

    @property
    def local(self) -> bool:
        """Nothing goes out, so yes."""
        return True

    @abstractmethod
    def answer(self, members: Mapping[str, Member]) -> Outcome:
        """What its members, by id, mean together. One that is missing there is gone."""

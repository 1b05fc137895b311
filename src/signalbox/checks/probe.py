"""What does a check ask with? The equipment of one process: an HTTP client, a resolver, an address guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from signalbox.checks.base import Member, Told
from signalbox.checks.curl import Curl
from signalbox.checks.tokens import Tokens
from signalbox.guard import Guard
from signalbox.resolver import Resolver, Resolvers


class Known(Protocol):
    """What this installation knows itself, for checks that ask nobody."""

    async def told(self, key: str) -> Told | None:
        """The newest that was told for the monitor of that key."""

    async def members(self, ids: Sequence[str]) -> Mapping[str, Member]:
        """How the monitors of these ids stand; those that there are."""


class Probe:
    """Made once a process, opened after any fork, shared by all its checks and usable from any of its event loops."""

    def __init__(
        self,
        guard: Guard,
        ca_file: Path | None = None,
        resolver: Resolver | None = None,
        known: Known | None = None,
    ) -> None:
        """`known` is there where monitors are watched; a check asked for once, from a shell, has none."""
        self.guard, self.known = guard, known
        self.curl = Curl(guard, ca_file)
        self.resolver = resolver or Resolver()
        self.resolvers = Resolvers()  # for checks that name a name server of their own
        self.tokens = Tokens()

    def open(self) -> None:
        """Start its threads. A second call changes nothing."""
        self.resolver.open()
        self.curl.open()

    def close(self) -> None:
        """Cancel the checks under way and end the threads. Safe from any thread."""
        self.curl.close()
        self.resolver.close()
        self.resolvers.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

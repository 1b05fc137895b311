"""What does a check ask with? The equipment of one process: an HTTP client, a resolver, an address guard."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from signalbox.checks.curl import Curl
from signalbox.guard import Guard
from signalbox.resolver import Resolver


class Probe:
    """Made once a process, opened after any fork, shared by all its checks and usable from any of its event loops."""

    def __init__(self, guard: Guard, ca_file: Path | None = None, resolver: Resolver | None = None) -> None:
        self.guard = guard
        self.curl = Curl(guard, ca_file)
        self.resolver = resolver or Resolver()

    def open(self) -> None:
        """Start its threads. A second call changes nothing."""
        self.resolver.open()
        self.curl.open()

    def close(self) -> None:
        """Cancel the checks under way and end the threads. Safe from any thread."""
        self.curl.close()
        self.resolver.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

"""A real server that is there and says nothing: stopped with all that it started, its connections left open."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.process import Process


@contextmanager
def frozen(server: Process) -> Iterator[None]:
    """Neither takes nor answers anything, but hangs up on nobody. Each of PostgreSQL's has a group of its own."""
    parent = server.popen.pid
    started = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    each = [parent, *map(int, started)]
    for pid in each:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in each:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

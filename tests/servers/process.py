"""How does a test start, await, kill and stop a real program?"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 60.0  # seconds; a machine under load is slow, and only a broken one reaches this


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, *elsewhere: str) -> str:
    """The path of a program a test needs. Missing ones fail the test and say how to get them: never a skip."""
    found = shutil.which(name) or next((path for path in elsewhere if Path(path).exists()), None)
    if found is None:
        raise AssertionError(f"{name} is not installed: run  make test  as root on Debian, or install it")
    return found


def listens(port: int) -> bool:
    """Does somebody accept connections on that loopback port?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def await_condition(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Return as soon as `holds()` is true; fail with `what` when it never becomes so."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:g} s for: {what}")
        time.sleep(0.02)


class Process:
    """A program run for a test, its output in a file, its whole process group ended with it."""

    def __init__(self, command: Sequence[str], folder: Path, name: str, env: Mapping[str, str] | None = None) -> None:
        self.command, self.folder, self.name = list(command), folder, name
        self.env = {**os.environ, **(env or {})}
        self.log = folder / f"{name}.log"
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], object] | None = None) -> Self:
        """Start it; with `ready`, return once that holds, or fail with its output if it ends before."""
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.command, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        if ready is not None:
            await_condition(lambda: self._ended() or ready(), f"{self.name} to be ready; {self.log}")
            if self._ended():
                raise AssertionError(f"{self.name} ended with {self.popen.returncode}:\n{self.output()}")
        return self

    @property
    def popen(self) -> subprocess.Popen[bytes]:
        """The running process."""
        assert self._popen is not None, f"{self.name} was never started"
        return self._popen

    def _ended(self) -> bool:
        return self.popen.poll() is not None

    def output(self) -> str:
        """All it printed so far, both streams."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its whole process group."""
        os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        """`kill -9` it and everything it started, also what outlived it."""
        with suppress(ProcessLookupError):  # nothing of it is left
            self.signal(signal.SIGKILL)
        self.popen.wait()

    def stop(self, patience: float = 20.0) -> int:
        """Ask it to end (SIGTERM to the leader), wait, and return its exit code. Kills what will not go."""
        if self._popen is None:
            return 0
        if not self._ended():
            self.popen.terminate()
        try:
            return self.popen.wait(patience)
        finally:
            self.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

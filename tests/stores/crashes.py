"""How is a writer killed in the middle of appending?"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.servers.process import Process
from tests.stores.appender import ROWS
from tests.stores.samples import START

ROOT = Path(__file__).parents[2]


def kill_an_appender(url: str, data: Path, name: str, after: int) -> int:
    """Run `tests.stores.appender`, `kill -9` it once it has said `after` batches; how many rows it was sure of."""
    command = [sys.executable, "-u", "-m", "tests.stores.appender", url, str(data), name, str(START)]
    child = Process(command, data, f"appender-{name}", {"PYTHONPATH": str(ROOT)})
    child.start(lambda: acknowledged(child) >= after)
    child.kill()
    return acknowledged(child) * ROWS


def acknowledged(child: Process) -> int:
    """Batches that the child has said it kept."""
    said = child.output().splitlines(keepends=True)
    numbers = [int(line) for line in said if line.endswith("\n") and line.strip().isdigit()]
    return max(numbers, default=-1) + 1

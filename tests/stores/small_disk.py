"""How does a store behave on a disk that is full? On a real file system of 3 MB, seen by one child process alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from tests.stores.crashes import ROOT

_BEFORE = """\
import os, subprocess, sys
from pathlib import Path
from signalbox.errors import Unavailable
from signalbox.stores.journaled import JournaledStore
from signalbox.stores.memory import MemoryStore
from signalbox.stores.sqlite import SQLiteStore
from tests.stores.samples import HOUR, START, signal

disk = Path(sys.argv[1])
(disk / "ballast").write_bytes(b"x" * (1 << 20))
"""


def on_a_small_disk(folder: Path, script: str) -> str:
    """What the script prints. `disk` in it is the small disk, of which the file `ballast` takes a third."""
    disk = folder / "disk"
    disk.mkdir()
    (folder / "script.py").write_text(_BEFORE + dedent(script), encoding="utf-8")
    mount = 'mount -t tmpfs -o size=3m small "$1" && exec "$2" "$3" "$1"'
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh", disk, sys.executable, folder / "script.py"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

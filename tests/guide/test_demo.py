"""Can what the guide to the demo tells people to type be typed?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.guide.blocks import blocks
from tests.guide.test_documents import ROOT
from tests.runner.systems import BIN

GUIDE = ROOT / "docs/guide/demo.md"


def test_every_command_works_on_a_demo(tmp_path: Path) -> None:
    commands = blocks(GUIDE)["shell: others"].splitlines()
    assert len(commands) > 2
    said = [typed(command, tmp_path) for command in commands]
    assert "identified" in said[2]


def typed(command: str, folder: Path) -> str:
    """What a command says that is typed in a shell."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env={"PATH": path}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout

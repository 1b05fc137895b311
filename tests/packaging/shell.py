"""How does a test run a program that has to succeed?"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*command: str, folder: Path, env: Mapping[str, str] | None = None) -> str:
    """Run it in that folder; its standard output, or a failure that shows all it said."""
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout

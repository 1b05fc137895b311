"""How does a test drive a real browser? A script in Node asks Chromium; its assertions come back as text."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.servers.process import program
from tools.node import node_command, node_environment

SCRIPTS = Path(__file__).parents[2] / "web" / "page" / "test" / "e2e"
PATIENCE = 200  # seconds for one script


def browse(script: str, address: str, **choices: str) -> None:
    """Run one script of `web/page/test/e2e` on the page at that address; `choices` reach it as environment variables.
    What it found wrong fails the test."""
    browser = program("chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
    ended = subprocess.run(
        node_command("node", "--test", "--test-reporter=spec", str(SCRIPTS / f"{script}.test.ts")),
        env={**node_environment(), "BASE_URL": address, "CHROMIUM": browser, **choices},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, f"{script} on {address}:\n{ended.stdout}\n{ended.stderr}"

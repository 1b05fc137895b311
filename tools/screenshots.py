"""How does the page look? `python -m tools.screenshots FOLDER` draws it in every state, theme and width."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.e2e import documents, zooms
from tests.servers.chromium import SCRIPTS
from tests.servers.process import program
from tests.servers.site import served
from tools.node import node_command, node_environment

PAGES = {
    "calm": documents.calm,
    "trouble": documents.trouble,
    "looking": documents.looking,
    "stale": documents.stale,
    "waiting": documents.waiting,
    "many": documents.many,
    "days": zooms.days,
    "hours": zooms.hours,
}


def main(folder: Path) -> None:
    """One PNG for each state, theme and width."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        with served(make()) as address:
            subprocess.run(
                node_command("node", str(SCRIPTS / "screenshots.ts"), address, str(folder.resolve() / name)),
                env={**node_environment(), "CHROMIUM": program("chromium")},
                check=True,
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

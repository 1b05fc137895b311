"""Does `signalbox up` serve the page to a real browser? The same scripts as in test_page.py, on the product itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.chromium import browse
from tests.servers.process import Process, free_port, listens


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running installation with something up, something down, and a name that wants to be HTML."""
    folder, port = tmp_path_factory.mktemp("up"), free_port()
    (folder / "signalbox.yaml").write_text(
        "defaults: {every: 2s, timeout: 1s}\n"
        "monitors:\n"
        f"  - {{name: 'This <b>page</b> &amp;', url: 'http://127.0.0.1:{port}/healthz'}}\n"
        f"  - {{name: Nobody, group: Missing, url: 'http://127.0.0.1:{free_port()}/'}}\n",
        encoding="utf-8",
    )
    program = str(Path(sys.executable).with_name("signalbox"))
    with Process([program, "up", "--port", str(port)], folder, "up").start(ready=lambda: listens(port)):
        yield f"http://127.0.0.1:{port}/"


@pytest.mark.parametrize("script", ["reads", "paths", "docs"])
def test_what_signalbox_up_serves_works_in_a_browser(script: str, address: str) -> None:
    browse(script, address)

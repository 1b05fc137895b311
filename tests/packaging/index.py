"""A package index for one test: wheels in a folder, served as PEP 503 says, on loopback."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the test's output is for its findings."""


def write_index(wheels: Path) -> None:
    """A page per project under `simple/` in that folder, each naming its wheels with their hashes."""
    for wheel in wheels.glob("*.whl"):
        project = re.sub(r"[-_.]+", "-", wheel.name.partition("-")[0]).lower()
        page = wheels / "simple" / project / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        with page.open("a", encoding="utf-8") as out:
            out.write(f'<a href="../../{wheel.name}#sha256={digest}">{wheel.name}</a><br>\n')


@contextmanager
def served(wheels: Path) -> Iterator[str]:
    """Serve the wheels of that folder; gives the index's URL."""
    write_index(wheels)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(wheels)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

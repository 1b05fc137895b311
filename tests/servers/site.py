"""How does a test serve the built page with a document of its own? As the product does, but for the API behind it."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import signalbox.pages
from signalbox.pages.document import PageDocument
from signalbox.pages.html import Place, api_json, fill
from signalbox.pages.language import language

SITE = Path(signalbox.pages.__file__).parent / "site"


def template() -> str:
    """The built page; fails and says what to do where there is none."""
    path = SITE / "index.html"
    assert path.exists(), "the web page is not built: run  make web"
    return path.read_text(encoding="utf-8")


def policy(page: str) -> str:
    """The content security policy of `web/SNAPSHOT.md` for a page: only its own inline scripts run."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)])
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


@contextmanager
def served(
    document: PageDocument, prefix: str = "/", slug: str = "", zooms: Mapping[str, PageDocument] | None = None
) -> Iterator[str]:
    """The address of a page of that document, served below `prefix`; a `slug` makes it a page beside the first one.
    `zooms` is what the page's data are where `z` is asked for."""
    base = "../" if slug else "./"
    page = fill(template(), document, Place(base=base, api="api/page", words="api/words"))
    files = {
        prefix + (f"{slug}/" if slug else ""): ("text/html; charset=utf-8", page.encode()),
        f"{prefix}api/page": ("application/json", api_json(document)),
        f"{prefix}api/words": ("application/json", language("en").shared_json().encode()),
    }
    for zoom, other in (zooms or {}).items():
        files[f"{prefix}api/page?z={zoom}"] = ("application/json", api_json(other))
    with listening(files, prefix, policy(page)) as address:
        yield address + prefix + (f"{slug}/" if slug else "")


def copied(document: PageDocument, folder: Path) -> None:
    """A static copy: files that any static host can serve."""
    shutil.copytree(SITE, folder, dirs_exist_ok=True)
    page = fill(template(), document, Place(base="./", api="page.json"))
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "page.json").write_bytes(api_json(document))


@contextmanager
def listening(files: dict[str, tuple[str, bytes]], prefix: str, csp: str) -> Iterator[str]:
    """The address of a server with these files, the built ones, and a stream in which nothing happens."""
    ended = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == f"{prefix}api/events":
                self._follow()
                return
            kind, body = files.get(self.path) or files.get(path) or _asset(path, prefix)
            self.send_response(200 if body else 404)
            self.send_header("Date", formatdate(usegmt=True))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", csp)
            self.send_header("Access-Control-Allow-Origin", "*")  # as the API does for the dev server's origin
            self.end_headers()
            self.wfile.write(body)

        def _follow(self) -> None:
            """A stream in which nothing happens."""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Connection", "close")
            self.end_headers()
            with suppress(OSError):  # the reader has left
                while not ended.wait(1.0):
                    self.wfile.write(b": nothing\n\n")

        def send_response(self, code: int, message: str | None = None) -> None:
            self.send_response_only(code, message)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        ended.set()
        server.shutdown()


def _asset(path: str, prefix: str) -> tuple[str, bytes]:
    file = (SITE / path.removeprefix(prefix)).resolve()
    if not path.startswith(prefix) or not file.is_relative_to(SITE) or not file.is_file():
        return "text/plain", b""
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes()

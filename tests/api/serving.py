"""How is an application served to a test? By uvicorn in a thread, as in production; asked over raw sockets, since
well-behaved clients cannot send what has to be tested."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from signalbox.api import server
from signalbox.settings import Settings
from tests.pages.test_html import SHELL
from tests.servers.process import await_condition


@dataclass(frozen=True)
class Answer:
    """Status, headers with lower-case names, and the body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, unpacked if need be, as data."""
        return json.loads(self.text)

    @property
    def text(self) -> str:
        """The body, unpacked if need be."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class Client:
    """Asks one server, a connection per request."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: Any = None) -> Answer:
        """Send a request whose path is sent as it is."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def send(self, *chunks: bytes) -> bytes:
        """Send raw bytes and return all that comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            try:
                for chunk in chunks:
                    connection.sendall(chunk)
            except OSError:
                pass  # refused before all was sent: what counts is what it said
            answer = b""
            try:
                while chunk := connection.recv(65_536):
                    answer += chunk
            except ConnectionResetError:
                pass
            return answer


def settings(**given: object) -> Settings:
    """Settings that no environment and no `.env` has a say in."""
    return Settings.model_construct(**given)  # type: ignore[arg-type]


@contextmanager
def serving(app: FastAPI, **options: Any) -> Iterator[Client]:
    """The application on a free port."""
    chosen = {**server.options(settings(port=0)), "lifespan": "on", **options}
    running = uvicorn.Server(uvicorn.Config(app, **chosen))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    await_condition(lambda: running.started or not thread.is_alive(), "the server to start")
    assert running.started, "the server did not start"
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        yield Client(port)
    finally:
        running.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server did not stop"


def built(folder: Path) -> Path:
    """A build with the files that a real one has, each a few bytes long."""
    files = {
        "index.html": SHELL,
        "_nuxt/entry.abc123.js": "console.log('" + "signal" * 200 + "')",
        "_nuxt/entry.abc123.css": "body{}",
        "favicon/operational.svg": "<svg/>",
        "docs/swagger-ui-bundle.js": "swagger",
        "docs/swagger-ui.css": "swagger{}",
        "docs/redoc.standalone.js": "redoc",
        ".secret": "hidden",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    script = folder / "_nuxt/entry.abc123.js"
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(script.read_bytes(), mtime=0))
    script.with_name(script.name + ".br").write_bytes(b"brotli")
    return folder

"""A receiver of webhooks for tests: real HTTP on loopback, which behaves as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Delivery:
    """One request that came in."""

    path: str
    headers: dict[str, str]  # lower-case names
    body: bytes


@dataclass
class Reply:
    """How to answer. `hangs`: not at all, until the test ends."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: float = 0.0  # seconds
    hangs: bool = False


Script = Callable[[Delivery], Reply]


class Hooks:
    """Keeps every delivery. `reply` answers each; `replies` are used up first; `down` hangs up without a word."""

    def __init__(self, port: int = 0) -> None:
        self.deliveries: list[Delivery] = []
        self.replies: list[Reply] = []
        self.reply = Reply()
        self.down = False
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        """The URL of a path here."""
        return f"http://{host}:{self.port}{path}"

    def _next(self, delivery: Delivery) -> Reply | None:
        with self._lock:
            self.deliveries.append(delivery)
            if self.down:
                return None
            return self.replies.pop(0) if self.replies else self.reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            """Answers as the test says."""

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = hooks._next(Delivery(self.path, headers, self.rfile.read(size)))
                self.close_connection = True
                if reply is None:
                    return
                if hooks._ended.wait(None if reply.hangs else reply.after):
                    return
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

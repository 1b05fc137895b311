"""Servers that do everything wrong, each on a free loopback port: what a check must survive."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\n"
END = b"Connection: close\r\n\r\n"
MEGABYTE = 1_000_000

Behaviour = Callable[["Visit"], None]


class Visit:
    """One connection to a hostile server, and how its behaviour talks."""

    def __init__(self, connection: socket.socket, ended: threading.Event) -> None:
        self.connection, self._ended = connection, ended

    def request(self) -> bytes:
        """The request's head; what there is of it when the client goes."""
        seen = b""
        while b"\r\n\r\n" not in seen:
            data = self.connection.recv(65_536)
            if not data:
                break
            seen += data
        return seen

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.connection.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Wait; false when the server is to end, so that no thread outlives its test."""
        return not self._ended.wait(seconds)

    def reset(self) -> None:
        """Close with a RST instead of a FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Server:
    """Runs one behaviour for every connection, each on its own thread; keeps what was asked in `requests`."""

    def __init__(
        self, behaviour: Behaviour, tls: ssl.SSLContext | None = None, family: int = socket.AF_INET, port: int = 0
    ) -> None:
        self._behaviour, self._tls = behaviour, tls
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1" if family == socket.AF_INET else "::1", port), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.visits = 0
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """A URL of this server."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.visits += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        with contextlib.suppress(OSError, ValueError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            visit = Visit(connection, self._ended)
            visit.request = self._recorded(visit.request)  # type: ignore[method-assign]
            self._behaviour(visit)
        connection.close()

    def _recorded(self, request: Callable[[], bytes]) -> Callable[[], bytes]:
        def record() -> bytes:
            head = request()
            self.requests.append(head)
            return head

        return record

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()


def answering(head: bytes = b"200 OK", headers: bytes = b"", body: bytes = b"") -> Behaviour:
    """A well-behaved answer."""

    def behave(visit: Visit) -> None:
        asked = visit.request()
        length = b"Content-Length: %d\r\n" % len(body)
        visit.send(b"HTTP/1.1 " + head + b"\r\n" + headers + length + END + (b"" if asked[:4] == b"HEAD" else body))

    return behave


def redirecting(location: str | Callable[[int], str], status: bytes = b"302 Found") -> Behaviour:
    """Answers every request with a redirect; a function gets the number of the request."""
    count = 0

    def behave(visit: Visit) -> None:
        nonlocal count
        visit.request()
        to = location if isinstance(location, str) else location(count)
        count += 1
        visit.send(b"HTTP/1.1 " + status + b"\r\nLocation: " + to.encode() + b"\r\nContent-Length: 0\r\n" + END)

    return behave


def routing(routes: dict[bytes, Behaviour], default: Behaviour) -> Behaviour:
    """Another behaviour for each method."""

    def behave(visit: Visit) -> None:
        method = visit.connection.recv(16, socket.MSG_PEEK).partition(b" ")[0]
        routes.get(method, default)(visit)

    return behave


def drips_headers(visit: Visit) -> None:
    """A byte of a header now and then, for ever."""
    visit.request()
    visit.send(OK + b"X-Slow: ")
    while visit.pause(0.05):
        visit.send(b"a")


def drips_body(visit: Visit) -> None:
    """A byte of the body now and then, for ever."""
    visit.request()
    visit.send(OK + b"Content-Length: 1000000\r\n" + END)
    while visit.pause(0.05):
        visit.send(b"a")


def endless_headers(visit: Visit) -> None:
    """Headers without end, as fast as they are read."""
    visit.request()
    visit.send(OK)
    number = 0
    while True:
        visit.send(b"".join(b"X-%d: %s\r\n" % (number + n, b"a" * 500) for n in range(50)))
        number += 50


def one_endless_header(visit: Visit) -> None:
    """One header line without end."""
    visit.request()
    visit.send(OK + b"X-Long: ")
    while True:
        visit.send(b"a" * 65_536)


def endless_early_hints(visit: Visit) -> None:
    """One interim answer after the other, never the final one."""
    visit.request()
    while True:
        visit.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 100)


def huge_body(visit: Visit) -> None:
    """A body that does not end, as fast as it is read."""
    visit.request()
    visit.send(OK + END)
    while True:
        visit.send(b"a" * 65_536)


def gzip_bomb(visit: Visit) -> None:
    """Half a gigabyte in half a megabyte."""
    visit.request()
    bomb = gzip.compress(bytes(100 * MEGABYTE), 9) * 5
    visit.send(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(bomb) + END + bomb)


def broken_gzip(visit: Visit) -> None:
    """Says gzip, sends something else."""
    visit.request()
    visit.send(OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n" + END + b"not gzip!")


def bad_chunks(visit: Visit) -> None:
    """A chunk whose size is no number."""
    visit.request()
    visit.send(OK + b"Transfer-Encoding: chunked\r\n" + END + b"zz\r\nhello\r\n0\r\n\r\n")


def short_body(visit: Visit) -> None:
    """Promises a hundred bytes, sends five."""
    visit.request()
    visit.send(OK + b"Content-Length: 100\r\n" + END + b"hello")


def resets_in_body(visit: Visit) -> None:
    """A RST in the middle of the body."""
    visit.request()
    visit.send(OK + b"Content-Length: 100\r\n" + END + b"hello")
    visit.pause(0.1)
    visit.reset()


def resets_at_once(visit: Visit) -> None:
    """A RST in place of an answer."""
    visit.request()
    visit.reset()


def closes_at_once(visit: Visit) -> None:
    """Reads the request, and goes."""
    visit.request()


def silent(visit: Visit) -> None:
    """Accepts, and never says a word."""
    while visit.pause(60):
        pass


def garbage(visit: Visit) -> None:
    """Another protocol altogether."""
    visit.request()
    visit.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\0\1\2\3")


def http_zero_nine(visit: Visit) -> None:
    """A body without any head, as in 1991."""
    visit.request()
    visit.send(b"<html>hello</html>")


def bad_status(visit: Visit) -> None:
    """A status line that is none."""
    visit.request()
    visit.send(b"HTTP/1.1 banana\r\nContent-Length: 0\r\n" + END)


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """A port whose queue is full, so that the kernel drops every further SYN: no connection, no refusal."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]

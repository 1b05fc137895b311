"""What do benchmarks ask? A local HTTP and HTTPS target, several processes wide, that costs next to nothing.

    python -m bench.target --processes 2      prints one JSON line: ports and the CA file

It answers any request that ends in an empty line with `200 OK` and closes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
import uvloop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
BODY = b"ok"
BACKLOG = 4096


@dataclass(frozen=True, slots=True)
class Target:
    """Where the target listens, and whom to trust."""

    http: int
    https: int
    ca_file: Path

    def url(self, scheme: str, path: str = "/", host: str = "127.0.0.1") -> str:
        """A URL of the target."""
        return f"{scheme}://{host}:{self.https if scheme == 'https' else self.http}{path}"


class _Answering(asyncio.Protocol):
    """One connection: wait for the empty line, answer, close."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        if b"\r\n\r\n" in self.seen:
            self.transport.write(ANSWER if self.seen.startswith(b"HEAD") else ANSWER + BODY)
            self.transport.close()


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    return listener


async def _serve(http: int, https: int, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, done.set_result, None)
    await loop.create_server(_Answering, sock=_listener(http), backlog=BACKLOG)
    await loop.create_server(_Answering, sock=_listener(https), backlog=BACKLOG, ssl=context)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await done


@contextmanager
def target(processes: int = 2) -> Iterator[Target]:
    """A running target; its processes end with the block."""
    with tempfile.TemporaryDirectory() as folder:
        authority, files = trustme.CA(), Path(folder)
        authority.cert_pem.write_to_path(files / "ca.pem")
        certificate = authority.issue_cert("127.0.0.1", "localhost", "*.bench.test")
        certificate.private_key_and_cert_chain_pem.write_to_path(files / "server.pem")
        holders = _listener(0), _listener(0)  # keep the ports ours until the processes have them
        http, https = (holder.getsockname()[1] for holder in holders)
        command = [sys.executable, "-m", "bench.target", "serve", str(http), str(https), str(files / "server.pem")]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(processes)]
        try:
            for process in running:
                assert process.stdout
                if process.stdout.readline() != b"ready\n":
                    raise RuntimeError("the bench target did not start")
            yield Target(http, https, files / "ca.pem")
        finally:
            for process in running:
                process.terminate()
                process.wait()
            for holder in holders:
                holder.close()


def main() -> None:
    """Serve until the standard input closes, or (`serve HTTP HTTPS PEM`) be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("serve", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.serve:
        _, http, https, certificate = arguments.serve
        uvloop.run(_serve(int(http), int(https), Path(certificate)))
        return
    with target(arguments.processes) as place:
        print(json.dumps({"http": place.http, "https": place.https, "ca_file": str(place.ca_file)}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

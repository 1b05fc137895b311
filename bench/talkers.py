"""What does a check that talks over TCP cost? CPU of our process per check, against a server on this machine.

    python -m bench.talkers [--checks 3000]

A hundred at a time, answered by another process. The median of several rounds counts, the least stands beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import socket
from collections.abc import Mapping
from statistics import median

import uvloop

from bench.packets import ROUNDS, measured
from signalbox.checks.base import AskedCheck
from signalbox.checks.ssh import SshCheck
from signalbox.checks.tcp import TcpCheck

_GREETING = b"SSH-2.0-Bench\r\n"


class _Greeter(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(_GREETING)


async def _serve(listener: socket.socket) -> None:
    server = await asyncio.get_running_loop().create_server(_Greeter, sock=listener, backlog=1_000)
    await server.serve_forever()


def greet(listener: socket.socket) -> None:
    """Say the same to everybody, for ever."""
    asyncio.run(_serve(listener))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=3000, help="checks a round")
    arguments = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1_000)
    port = listener.getsockname()[1]
    server = multiprocessing.get_context("fork").Process(target=greet, args=(listener,), daemon=True)
    server.start()
    checks: Mapping[str, AskedCheck] = {
        "tcp, connects": TcpCheck(host="127.0.0.1", port=port),
        "tcp, expects": TcpCheck(host="127.0.0.1", port=port, expect="Bench"),
        "ssh": SshCheck(host="127.0.0.1", port=port),
    }
    for name, check in checks.items():
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures = [runner.run(measured(check, arguments.checks)) for _ in range(ROUNDS)]
        print(f"{name:24} {median(figures):.4f} CPU-ms a check, at least {min(figures):.4f}")
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()

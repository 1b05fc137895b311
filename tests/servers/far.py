"""A far end for tests of our own network: another network namespace, joined by a cable that can be cut.

The near end has a default route and a name server by way of the cable, as a machine on a network has. At the far end a
process answers every HTTP request and every question for a name below `far.test`; it is this file, run as a program.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from dnslib import QTYPE, RR, A, DNSRecord

from tests.servers.process import Process, program

GATEWAY, RESOLVER, NEAR = "10.213.7.1", "10.213.7.53", "10.213.7.2"
_ROOT = Path(__file__).parents[2]


class Far:
    """The cable, with a namespace at each end. Needs root, and `ip` of iproute2."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.near, self.far = f"sb-near-{os.getpid()}", f"sb-far-{os.getpid()}"
        self._etc = Path("/etc/netns") / self.near  # `ip netns exec` lays it over /etc

    def __enter__(self) -> Self:
        program("ip")
        if os.geteuid() != 0:
            raise AssertionError("this test makes network namespaces: run it as root, or in a container as root")
        try:
            self._lay()
            self._answering = Process(self.at(self.far, [sys.executable, "-m", __spec__.name]), _ROOT, "far")
            self._answering.log = self._folder / "far.log"
            self._answering.start(lambda: "ready" in self._answering.output())
        except BaseException:
            self._take_away()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answering.stop()
        self._take_away()

    def at(self, namespace: str, command: Sequence[str]) -> list[str]:
        """That command, run in a namespace; the process is the command's own."""
        return ["ip", "netns", "exec", namespace, *command]

    def cut(self) -> None:
        """Pull the plug at the far end: routes stay, packets go nowhere."""
        _ip("-n", self.far, "link", "set", "cable", "down")

    def mend(self) -> None:
        """Plug it in again."""
        _ip("-n", self.far, "link", "set", "cable", "up")

    def cut_near(self) -> None:
        """Take the near end's interface down: its routes are gone with it."""
        _ip("-n", self.near, "link", "set", "cable", "down")

    def mend_near(self) -> None:
        """Bring it up again, with its routes, as whoever configures a network does."""
        _ip("-n", self.near, "link", "set", "cable", "up")
        _ip("-n", self.near, "route", "add", "default", "via", GATEWAY)

    def _lay(self) -> None:
        for name in (self.near, self.far):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("link", "add", "cable", "netns", self.near, "type", "veth", "peer", "name", "cable", "netns", self.far)
        _ip("-n", self.near, "address", "add", f"{NEAR}/24", "dev", "cable")
        for address in (GATEWAY, RESOLVER):
            _ip("-n", self.far, "address", "add", f"{address}/24", "dev", "cable")
        self.mend()
        self.mend_near()
        self._etc.mkdir(parents=True)
        (self._etc / "resolv.conf").write_text(f"nameserver {RESOLVER}\n", encoding="ascii")

    def _take_away(self) -> None:
        for name in (self.near, self.far):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        shutil.rmtree(self._etc, ignore_errors=True)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(
            f"`ip {' '.join(words)}` failed: {done.stderr.strip()}; this test needs root with CAP_NET_ADMIN and "
            "CAP_SYS_ADMIN, such as a container that is run with --privileged"
        )


class _Names(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = DNSRecord.parse(data)
        reply = query.reply()
        if query.q.qtype == QTYPE.A:
            reply.add_answer(RR(query.q.qname, QTYPE.A, rdata=A(GATEWAY), ttl=1))
        self._transport.sendto(bytes(reply.pack()), addr)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _answer() -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(_Names, local_addr=(RESOLVER, 53))
    server = await asyncio.start_server(_serve, GATEWAY, 8080, backlog=1_024)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_answer())

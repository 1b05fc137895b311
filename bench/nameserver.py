"""What do benchmarks ask for names? A local name server in a process of its own, that costs next to nothing.

    python -m bench.nameserver      prints its port and answers until it is told to end

It says that every name has the address 127.0.0.1, and no IPv6 address.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_A = b"\x00\x01\x00\x01"  # type and class at the end of a question
_HAS = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"  # the question's name, A, 60 s, 127.0.0.1


@contextmanager
def nameserver() -> Iterator[tuple[str, int]]:
    """A running name server as (address, port); it ends with the block."""
    with subprocess.Popen([sys.executable, "-m", "bench.nameserver"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield "127.0.0.1", int(process.stdout.readline())
        finally:
            process.terminate()


def main() -> None:
    """Answer for ever. Bytes are cut, not parsed: a question ends at the first empty label (RFC 1035 section 4)."""
    served = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    served.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
    served.bind(("127.0.0.1", 0))
    print(served.getsockname()[1], flush=True)
    receive, send = served.recvfrom, served.sendto
    while True:
        asked, peer = receive(1500)
        end = asked.index(0, 12) + 5
        has = asked[end - 4 : end] == _A
        counts = b"\x00\x01\x00\x01\x00\x00\x00\x00" if has else b"\x00\x01\x00\x00\x00\x00\x00\x00"
        send(asked[:2] + b"\x81\x80" + counts + asked[12:end] + (_HAS if has else b""), peer)


if __name__ == "__main__":
    main()

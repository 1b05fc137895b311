"""Does one address beyond this machine answer at all? Asked by TCP; a refusal is an answer, for a host gave it.

A canary tells about our own network, not about who it is: any answer will do, and nothing is sent.
"""

from __future__ import annotations

import asyncio
import re
import socket
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

_HOW = "write an address and a port, such as 1.1.1.1:443 or [2606:4700:4700::1111]:443"
_WRITTEN = re.compile(r"(?:\[(?P<six>[^\[\]]*)\]|(?P<four>[^:\[\]]*)):(?P<port>[0-9]{1,5})", re.ASCII)


class Canary(NamedTuple):
    """An address to knock at. An IPv6 address on the link has its zone: `fe80::1%eth0`."""

    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


def parse(text: str) -> Canary:
    """A canary as people write it. ValueError says what is wrong and how to write it."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not an address with a port: {_HOW}")
    port = int(found["port"])
    if not 0 < port <= 65_535:
        raise ValueError(f"{text!r} has a port that is not from 1 to 65535: {_HOW}")
    host = found["six"] if found["four"] is None else found["four"]
    try:
        address = ip_address(host)
    except ValueError:
        raise ValueError(
            f"{text!r} does not begin with an address: {_HOW}; a name would need a name server to be asked"
        ) from None
    if (address.version == 6) is (found["six"] is None) or address.is_unspecified or address.is_multicast:
        raise ValueError(f"{text!r} is not an address of one host: {_HOW}")
    if address.is_loopback:
        raise ValueError(f"{text!r} is this machine itself, which tells nothing about its network: {_HOW}")
    if isinstance(address, IPv6Address) and address.scope_id:
        raise ValueError(f"{text!r} has a zone, which means something on one machine only: {_HOW}")
    return Canary(str(address), port)


async def answers(canary: Canary, patience: float) -> bool:
    """Does it accept or refuse a connection within `patience` seconds? Never raises; cancelling frees the socket."""
    family = socket.AF_INET6 if ":" in canary.address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.setblocking(False)
            async with asyncio.timeout(patience):
                await asyncio.get_running_loop().sock_connect(connection, canary)
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    except OSError:  # no way there, nobody at home, or the time was up
        return False
    return True

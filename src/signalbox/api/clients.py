"""Who asks, as far as limits are concerned? The address behind trusted proxies; of IPv6 the network that one
subscriber has to himself (RFC 6177), since he may change the rest of it as he likes."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, ip_address

from starlette.types import Scope

_NETWORK = 64  # bits


def client(scope: Scope) -> str:
    """The address, or its network. uvicorn has put in what trusted proxies say; empty where nobody knows."""
    peer = scope.get("client")
    return network(peer[0]) if peer else ""


@lru_cache(maxsize=4_096)
def network(address: str) -> str:
    """`192.0.2.1` as it is, also when written as IPv6; `2001:db8::1` as `2001:db8::/64`."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address  # a socket's name
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    kept = int(found) >> _NETWORK << _NETWORK
    return f"{type(found)(kept)}/{_NETWORK}"

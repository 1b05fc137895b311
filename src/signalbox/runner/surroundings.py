"""What does this machine lean on to reach others? Its gateways and its name servers, read from where Linux tells.

Elsewhere there is less to read, and then less is found; nothing here raises.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

_UP_BY_GATEWAY, _REJECT = 0x3, 0x200  # RTF_UP | RTF_GATEWAY, RTF_REJECT of linux/route.h
_NOWHERE = "0" * 32
_UPSTREAMS = Path("run/systemd/resolve/resolv.conf")  # where systemd-resolved says whom it asks itself


class Surroundings(NamedTuple):
    """Addresses nearest first; link-local ones with their zone."""

    gateways: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()


def look(root: Path = Path("/")) -> Surroundings:
    """What the files below `root` tell now."""
    four, six = _text(root / "proc/net/route"), _text(root / "proc/net/ipv6_route")
    return Surroundings(gateways(four, six), resolvers(_text(root / "etc/resolv.conf"), _text(root / _UPSTREAMS)))


def gateways(route: str, ipv6_route: str) -> tuple[str, ...]:
    """Gateways of the default routes in the texts of /proc/net/route and /proc/net/ipv6_route, the preferred first."""
    found = sorted([*_gateways_4(route), *_gateways_6(ipv6_route)], key=lambda pair: pair[0])
    return tuple(dict.fromkeys(address for _, address in found))


def resolvers(resolv_conf: str, upstreams: str = "") -> tuple[str, ...]:
    """Name servers of a resolv.conf(5) that are not this machine. One on loopback asks others in turn: systemd's tells
    in `upstreams`, Docker's in a comment, and those count in its place."""
    found: list[str] = []
    for server in _nameservers(resolv_conf):
        if not ip_address(server).is_loopback:
            found.append(server)
        else:
            found += [*_nameservers(upstreams), *_behind_docker(resolv_conf)]
    return tuple(dict.fromkeys(server for server in found if not ip_address(server).is_loopback))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _gateways_4(text: str) -> Iterable[tuple[int, str]]:
    """Metric and address. Addresses are hexadecimal, in this machine's order of bytes."""
    for line in text.splitlines()[1:]:
        try:
            _, destination, gateway, flags, _, _, metric, mask = line.split()[:8]
            if int(destination, 16) == int(mask, 16) == 0 and _is_by_gateway(flags):
                yield int(metric), str(IPv4Address(int(gateway, 16).to_bytes(4, sys.byteorder)))
        except ValueError:
            continue  # not a route's line


def _gateways_6(text: str) -> Iterable[tuple[int, str]]:
    for line in text.splitlines():
        try:
            destination, length, _, _, gateway, metric, _, _, flags, link = line.split()
            if destination == _NOWHERE and int(length, 16) == 0 and _is_by_gateway(flags):
                address = IPv6Address(int(gateway, 16))
                yield int(metric, 16), f"{address}%{link}" if address.is_link_local else str(address)
        except ValueError:
            continue


def _is_by_gateway(flags: str) -> bool:
    return int(flags, 16) & (_UP_BY_GATEWAY | _REJECT) == _UP_BY_GATEWAY


def _nameservers(text: str) -> list[str]:
    found = (re.match(r"\s*nameserver\s+([^\s#;]+)", line) for line in text.splitlines())
    return _addresses(match[1] for match in found if match)


def _behind_docker(text: str) -> list[str]:
    """`# ExtServers: [192.0.2.53 host(127.0.0.53)]`: whom Docker's own name server asks."""
    found = re.search(r"^# ExtServers: \[(.*)\]$", text, re.MULTILINE)
    return _addresses(found[1].split()) if found else []


def _addresses(texts: Iterable[str]) -> list[str]:
    found = []
    for text in texts:
        try:
            ip_address(text)
        except ValueError:
            continue
        found.append(text)
    return found

"""What does this machine say about names? Its hosts file, its name servers, its search list."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import dns.exception
import dns.resolver

_LOOK = 5.0  # seconds between looks at whether the files changed
_LOOPBACK = ("127.0.0.1", "::1")
_PORT = 53


class NamesHere:
    """resolv.conf(5) and hosts(5), as they were at the last `refresh`. Neither has to exist."""

    def __init__(self, resolv_conf: Path, hosts: Path, nameservers: Sequence[tuple[str, int]] | None) -> None:
        self._resolv_conf, self._hosts_file, self._given = resolv_conf, hosts, nameservers
        self._stamps: tuple[int, ...] = ()
        self._looked = float("-inf")
        self._hosts: dict[str, tuple[str, ...]] = {}
        self._servers: list[tuple[str, int]] = []
        self._search: list[str] = []
        self._ndots = 1
        self._reading = threading.Lock()

    def addresses(self, name: str) -> tuple[str, ...]:
        """Addresses that need no name server. `localhost` and what ends in it is this machine (RFC 6761)."""
        plain = name.removesuffix(".").lower()
        known = self._hosts.get(plain, ())
        return known or (_LOOPBACK if plain == "localhost" or plain.endswith(".localhost") else ())

    def servers(self) -> list[tuple[str, int]]:
        """Name servers as (address, port), each once, in the order they are asked; at least one."""
        return self._servers

    def full_names(self, name: str) -> list[str]:
        """The forms of a name to ask for, best first: the search list applies below `ndots` dots, else last."""
        if name.endswith("."):
            return [name]
        if not self._search:
            return [f"{name}."]
        searched = [f"{name}.{domain}." for domain in self._search if len(name) + len(domain) < 252]
        return [f"{name}.", *searched] if name.count(".") >= self._ndots else [*searched, f"{name}."]

    def refresh(self) -> None:
        """Read what has changed. To be called before the first question, and as often as you like, by any thread."""
        with self._reading:
            now = time.monotonic()
            if now - self._looked < _LOOK:
                return
            self._read()
            self._looked = now

    def _read(self) -> None:
        stamps = tuple(_stamp(path) for path in (self._resolv_conf, self._hosts_file))
        if stamps != self._stamps:
            self._stamps = stamps
            self._read_hosts()
            self._read_resolv_conf()

    def _read_resolv_conf(self) -> None:
        read = dns.resolver.Resolver(configure=False)
        try:
            read.read_resolv_conf(str(self._resolv_conf))
        except (OSError, dns.exception.DNSException):  # resolv.conf(5): then the one on this machine is asked
            read.nameservers = ["127.0.0.1"]
        self._servers = list(dict.fromkeys(self._given or [(str(server), _PORT) for server in read.nameservers]))
        self._search = [domain.to_text(omit_final_dot=True) for domain in read.search if len(domain) > 1]
        if not self._search and read.domain is not None and len(read.domain) > 1:
            self._search = [read.domain.to_text(omit_final_dot=True)]
        self._ndots = 1 if read.ndots is None else read.ndots

    def _read_hosts(self) -> None:
        found: dict[str, dict[str, None]] = {}
        for address, names in _host_lines(self._hosts_file):
            for name in names:
                found.setdefault(name.lower().removesuffix("."), {})[address] = None
        self._hosts = {name: tuple(addresses) for name, addresses in found.items()}


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _host_lines(path: Path) -> list[tuple[str, list[str]]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = []
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        try:
            lines.append((str(ipaddress.ip_address(address)), names))
        except ValueError:  # empty, or not for us (an address with a zone)
            continue
    return lines

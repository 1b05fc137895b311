"""Which addresses may we connect to? Decided on the address itself, never on how somebody spelt it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from signalbox.errors import ConfigurationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Where clouds hand out credentials to whoever asks. Most of them are link-local; these are the others.
_METADATA = _networks(
    "169.254.169.254/32",  # AWS, Google, Azure, DigitalOcean, OpenStack
    "169.254.170.2/32",  # AWS ECS tasks
    "169.254.170.23/32",  # AWS EKS pods
    "100.100.100.200/32",  # Alibaba
    "192.0.0.192/32",  # Oracle classic
    "168.63.129.16/32",  # Azure's host, reached from every guest
    "fd00:ec2::/32",  # AWS
    "fd20:ce::254/128",  # Google
    "fd00:42::42/128",  # Scaleway
)
_LINK_LOCAL = _networks("169.254.0.0/16", "fe80::/10")

# IANA's special-purpose registries (RFC 6890 and its updates): what is not a public host.
_PRIVATE = _networks(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20",
)  # fmt: skip
_GLOBAL_6 = IPv6Network("2000::/3")

# IPv6 forms that carry an IPv4 address in their last 32 bits.
_CARRYING_LAST = _networks(
    "::/96",  # IPv4-compatible (RFC 4291)
    "::ffff:0:0/96",  # IPv4-mapped (RFC 4291)
    "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
    "64:ff9b::/96",  # NAT64 (RFC 6052)
)
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")  # RFC 8215; any of the RFC 6052 lengths may be in use behind it
_6TO4 = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: bits 64 to 95

_REMEMBERED = 8192  # addresses whose verdict is kept


def _carried(address: Address) -> list[IPv4Address]:
    """IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    bits = int(address)
    last = bits & 0xFFFFFFFF
    if any(address in network for network in _CARRYING_LAST) and bits > 1:
        return [IPv4Address(last)]
    if address in _NAT64_LOCAL:
        split = (bits >> 64 & 0xFFFF) << 16 | bits >> 40 & 0xFFFF  # RFC 6052 /48: around the octet 64 to 71
        return [IPv4Address(last), IPv4Address(split), IPv4Address(bits >> 24 & 0xFFFFFFFF)]
    if address in _6TO4:
        return [IPv4Address(bits >> 80 & 0xFFFFFFFF)]
    if address in _TEREDO:
        return [IPv4Address(bits >> 64 & 0xFFFFFFFF), IPv4Address(last ^ 0xFFFFFFFF)]
    if bits >> 32 & 0xFFFFFFFF in _ISATAP:
        return [IPv4Address(last)]
    return []


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


class Guard:
    """A rule over addresses. Immutable in what it decides; safe from any thread."""

    def __init__(self, setting: str, allowed: Sequence[Network] | None, *, public_only: bool) -> None:
        self.setting = setting
        self._allowed, self._public_only = allowed, public_only
        self._known: dict[str, str | None] = {}

    @classmethod
    def from_setting(cls, text: str) -> Self:
        """`internal`, `public-only`, or networks such as `10.0.0.0/8, 2001:db8::/32`. Else a ConfigurationError."""
        text = text.strip()
        if text in ("internal", "public-only"):
            return cls(text, None, public_only=text == "public-only")
        try:
            allowed = [ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]
        except ValueError as error:
            raise ConfigurationError(
                f"guard: {error}; write internal, public-only, or networks such as 10.0.0.0/8, 192.0.2.7/32"
            ) from None
        if not allowed:
            raise ConfigurationError("guard: names no network; write internal, public-only, or networks")
        return cls(text, allowed, public_only=False)

    def allows(self, address: str) -> bool:
        """May we connect to that address?"""
        return self.refusal(address) is None

    def refusal(self, address: str) -> str | None:
        """Why we may not connect to that address (`127.0.0.1 is not public`), or None when we may.

        `address` is what a resolver or a socket gives: no other spelling counts as an address, and none is allowed.
        """
        try:
            return self._known[address]
        except KeyError:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            return self._known.setdefault(address, self._judge(address))

    def _judge(self, text: str) -> str | None:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return f"{text!r} is not an address"
        for each in [address, *_carried(address)]:
            if why := self._forbidden(each, wrapped=each is not address, wrapper=bool(_carried(address))):
                inside = f" (inside {text})" if each is not address else ""
                return f"{each}{inside} {why}"
        return None

    def _forbidden(self, address: Address, *, wrapped: bool, wrapper: bool) -> str | None:
        if _within(address, _METADATA):
            return "is a cloud's metadata address, which is never asked"
        if _within(address, _LINK_LOCAL):
            return "is a link-local address, which is never asked"
        if self._allowed is not None:
            # A wrapper is allowed by what it carries: listing 10.0.0.0/8 is meant for NAT64's way to it, too.
            listed = _within(address, self._allowed)
            return None if listed or (wrapper and not wrapped) else "is not in the networks that the guard lists"
        if self._public_only and not (wrapper and not wrapped) and not _is_public(address):
            return "is not a public address, and the guard is public-only"
        return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_6:
        return False
    return not _within(address, _PRIVATE)

"""What does a URL ask of whom, and how may people see it?"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Self
from urllib.parse import SplitResult, quote, urlsplit

import idna

LONGEST = 2048
_SECRET_NAMES = (
    "token", "key", "secret", "password", "passwd", "pass", "pwd", "sig", "signature", "auth", "authorization",
    "code", "credential", "credentials", "session", "sessionid", "sid", "jwt", "bearer", "hmac", "nonce", "otp",
)  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_GLUED = re.compile("(?:token|key|secret|password|passwd|signature|credential)s?$")
_PORTS = {"http": 80, "https": 443}
_ALLOWED = "!#$%&'()*+,/:;=?@[]~-._"  # what stays as it is in path and query; all else is percent-encoded


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart, ready to be asked."""

    scheme: str
    host: str  # ASCII, lower case; an address in its canonical spelling, without brackets
    port: int
    literal: bool
    userinfo: str  # as written, "" where there is none
    path: str  # with query

    @classmethod
    def of(cls, url: str) -> Self:
        """Take an http or https URL apart. ValueError says what is wrong with any other, without repeating secrets."""
        parts = _split(url)
        host, literal = host_of(parts.hostname or "")
        path = quote(parts.path or "/", safe=_ALLOWED) + (
            f"?{quote(parts.query, safe=_ALLOWED)}" if parts.query else ""
        )
        userinfo = parts.netloc.rpartition("@")[0]
        return cls(
            parts.scheme, host, parts.port or _PORTS[parts.scheme], literal, quote(userinfo, safe=_ALLOWED), path
        )

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what credentials belong to."""
        return self.scheme, self.host, self.port

    @property
    def loopback(self) -> bool:
        """Is it this machine itself (RFC 6761 for names)?"""
        return is_loopback(self.host, self.literal)

    @property
    def url(self) -> str:
        """The URL as it is asked, credentials included."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        at = f"{self.userinfo}@" if self.userinfo else ""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{at}{host}{port}{self.path}"


@lru_cache(16_384)
def place(url: str) -> Place:
    """`Place.of`, remembered."""
    return Place.of(url)


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST:
        raise ValueError(f"the URL is longer than {LONGEST} characters")
    if any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url) or "\\" in url:
        raise ValueError("the URL holds a space, a control character or a backslash; percent-encode it")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError("write a URL that starts with http:// or https://")
    if not parts.hostname:
        raise ValueError("the URL names no host; write for example https://example.com/")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("the URL's port is not a number from 1 to 65535")
    return parts


def host_of(host: str) -> tuple[str, bool]:
    """The host in the spelling that is asked, and whether it is an address (any spelling libc takes counts)."""
    if ":" in host:
        try:
            address = IPv6Address(host)
        except ValueError:
            raise ValueError("the host is not an IPv6 address") from None
        if address.scope_id:
            raise ValueError("an IPv6 address with a zone (%…) cannot be asked")
        return str(address), True
    name = host if host.isascii() else _ascii(host)
    spelling = name.removesuffix(".")
    try:
        return socket.inet_ntoa(socket.inet_aton(spelling)), True
    except OSError:
        pass
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", spelling):
        raise ValueError("the host is not a name: letters, digits, hyphens and dots")
    if len(spelling) > 253 or any(len(label) > 63 for label in spelling.split(".")):
        raise ValueError("the host is too long: 63 characters a label, 253 in all")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", spelling.rpartition(".")[2]):
        raise ValueError("the host looks like an IPv4 address, but is not one")
    return name, False


def is_loopback(host: str, literal: bool) -> bool:
    """Does a host as `host_of` spells it mean this machine itself (RFC 6761 for names)?"""
    name = host.removesuffix(".").lower()
    if not literal:
        return name == "localhost" or name.endswith(".localhost")
    return ip_address(host).is_loopback


def _ascii(host: str) -> str:
    """An internationalised name as it is looked up: UTS 46, then IDNA 2008."""
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        mapped = idna.uts46_remap(host) if _can_map(host) else ""
        if mapped.isascii() and mapped:  # full-width digits and dots become a plain address
            return mapped
        raise ValueError(f"the host is not a valid international name: {error}") from None


def _can_map(host: str) -> bool:
    try:
        idna.uts46_remap(host)
    except idna.IDNAError:
        return False
    return True


def is_secret(name: str) -> bool:
    """Does a query parameter of that name look as if its value were a secret (`api_key`, `accessToken`, `sig`)?"""
    words = [word.lower() for word in _WORD.findall(name)]
    return any(word in _SECRET_NAMES for word in words) or any(_GLUED.search(word) for word in words)


@lru_cache(16_384)
def shown(url: str) -> str:
    """The URL as people may see it: as written, but without userinfo and fragment, secret-looking values `***`."""
    head, _, _fragment = url.partition("#")
    head, mark, query = head.partition("?")
    scheme, slashes, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    kept = f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"
    return kept + mark + "".join(_masked(part) for part in re.split("([&;])", query))


def _masked(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}=***" if equals and value and is_secret(name) else part

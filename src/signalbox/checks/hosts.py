"""Which server does a check ask, and how is that written? A host and a port, for every kind that is not a URL."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar
from urllib.parse import SplitResult, unquote

from pydantic import AfterValidator, Field

from signalbox.checks.base import AskedCheck, Peer
from signalbox.checks.urls import host_of, is_loopback


def _spelt(host: str) -> str:
    known_host(host)
    return host


@lru_cache(16_384)
def known_host(host: str) -> tuple[str, bool]:
    """The host in the spelling that is asked, and whether it is an address. ValueError says what is wrong."""
    if not host or any(ord(sign) <= 0x20 or sign in "/\\@[]" for sign in host):
        raise ValueError("write a host name or an address alone, such as db.example.com or 192.0.2.7")
    name, _, port = host.partition(":")
    if port.isascii() and port.isdigit():
        raise ValueError(f"write host and port apart:  {name}  and  port: {port}")
    return host_of(host.lower())


def port_of(parts: SplitResult) -> int | None:
    """The port in a URL. ValueError says it in our words."""
    try:
        return parts.port
    except ValueError:
        raise ValueError("the URL's port is not a number from 1 to 65535") from None


Host = Annotated[str, Field(min_length=1, max_length=253), AfterValidator(_spelt)]
Port = Annotated[int, Field(ge=1, le=65_535)]


@lru_cache(1_024)
def name_server(text: str) -> tuple[str, int]:
    """Address and port of `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`. Else ValueError."""
    host, port = text, "53"
    if text.startswith("[") and "]:" in text:
        host, port = text[1:].rsplit("]:", 1)
    elif text.count(":") == 1:
        host, port = text.split(":")
    try:
        address = ip_address(host)
    except ValueError:
        raise ValueError("write a name server as an address, such as 192.0.2.53 or [2001:db8::53]:5353") from None
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError("the name server's port is not a number from 1 to 65535")
    return str(address), int(port)


def _is_name_server(text: str) -> str:
    name_server(text)
    return text


NameServer = Annotated[str, Field(max_length=60), AfterValidator(_is_name_server)]


class HostCheck(AskedCheck):
    """A check of one server. Subclasses that have a usual port give `port` that default."""

    host: Host = Field(description="Name or address of the server.")
    port: Port = Field(description="Its port.")

    usual_port: ClassVar[int | None] = None

    @property
    def target(self) -> str:
        """`kind://host:port`."""
        host, _ = known_host(self.host)
        return f"{self.kind}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def peer(self) -> Peer:
        """Host and port."""
        return Peer(known_host(self.host)[0], self.port)

    @property
    def local(self) -> bool:
        """Is it a loopback address, or `localhost`?"""
        return is_loopback(*known_host(self.host))

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """Host and port of `kind://host:port`, user and password where the kind has those options."""
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError(f"write {parts.scheme}://host:port and nothing behind it; options go below `check:`")
        options: dict[str, Any] = {"host": parts.hostname or ""}
        if (port := port_of(parts)) is not None:
            options["port"] = port
        elif cls.model_fields["port"].is_required():
            raise ValueError(f"write the port, too: {parts.scheme}://host:port")
        for name, value in (("user", parts.username), ("password", parts.password)):
            if value is not None:
                if name not in cls.model_fields:
                    raise ValueError(f"a {parts.scheme}:// check has no {name}")
                options[name] = unquote(value)
        return options

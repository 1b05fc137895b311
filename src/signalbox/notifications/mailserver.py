"""Which mail server does a URL name, and how is it spoken to?

smtp://user:password@mail.example.com:587   STARTTLS where the server offers it
smtp://relay.internal:25?starttls=never     plain text, for a relay on this machine or network
smtps://user:password@mail.example.com      TLS from the first byte (port 465)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from signalbox.checks.urls import Place

EXAMPLE = "write for example smtp://user:password@mail.example.com:587"
_PORTS = {"smtps": 465, "smtp": 25}
_SUBMISSION = 587  # RFC 6409: where somebody who logs in hands in mail


class Starttls(StrEnum):
    """When is a connection that begins in plain text turned into TLS?"""

    OFFERED = "offered"
    REQUIRED = "required"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server and how to log in there."""

    host: str  # ASCII; an address in its canonical spelling
    port: int
    literal: bool  # the host is an address
    tls: bool  # from the first byte
    starttls: Starttls
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Read such a URL. ValueError says what is wrong with any other, without repeating it."""
        parts, port = _split(url)
        try:
            place = Place.of(f"http://{parts.netloc.rpartition('@')[2]}/")
        except ValueError as error:
            raise ValueError(str(error)) from None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (user + password).isprintable():
            raise ValueError("the URL's user or password holds a control character")
        default = _SUBMISSION if user and parts.scheme == "smtp" else _PORTS[parts.scheme]
        return cls(
            place.host, port or default, place.literal, parts.scheme == "smtps", _starttls(parts), user, password
        )

    @property
    def shown(self) -> str:
        """The URL as people may see it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'smtps' if self.tls else 'smtp'}://{'***@' if self.user else ''}{host}:{self.port}"


def _split(url: str) -> tuple[SplitResult, int | None]:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError(f"a mail server's URL starts with smtp:// or smtps://: {EXAMPLE}")
    if not parts.hostname:
        raise ValueError(f"the mail server's URL names no host: {EXAMPLE}")
    if parts.path.strip("/") or parts.fragment:
        raise ValueError(f"a mail server's URL has no path; a / or # in a password is written %2F or %23: {EXAMPLE}")
    try:
        return parts, parts.port
    except ValueError:
        raise ValueError(f"the mail server's port is not a number from 1 to 65535: {EXAMPLE}") from None


def _starttls(parts: SplitResult) -> Starttls:
    chosen = Starttls.OFFERED
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name != "starttls" or value not in set(Starttls):
            raise ValueError("after the ? of a mail server's URL stands starttls=offered, required or never")
        chosen = Starttls(value)
    return chosen

"""How is a QuestDB reached? `questdb://USER:PASSWORD@HOST:9000?pgwire=8812&tls=on`, taken apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from signalbox.errors import ConfigurationError

_FORM = "questdb://USER:PASSWORD@HOST:9000?pgwire=8812"
_OPTIONS = {"pgwire", "tls"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where QuestDB's two doors are, and who knocks. The password is left out of its text."""

    host: str
    http: int
    pgwire: int
    user: str
    password: str = field(repr=False)
    tls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL; ConfigurationError (never with the password in it) when it is not one of ours."""
        try:
            parts = urlsplit(url)
            options = parse_qs(parts.query, strict_parsing=bool(parts.query))
            http, pgwire = parts.port or 9000, int(options.get("pgwire", ["8812"])[-1])
        except ValueError as error:
            raise ConfigurationError(f"the QuestDB address is not written {_FORM}") from error
        tls = options.get("tls", ["off"])[-1]
        if unknown := set(options) - _OPTIONS:
            raise ConfigurationError(f"the QuestDB address has no option {', '.join(sorted(unknown))}: {_FORM}")
        if not parts.hostname or tls not in ("on", "off"):
            raise ConfigurationError(f"the QuestDB address is not written {_FORM} (with tls=on or tls=off)")
        user, password = unquote(parts.username or "admin"), unquote(parts.password or "")
        return cls(parts.hostname, http, pgwire, user, password, tls == "on")

    def __str__(self) -> str:
        return f"questdb://{self.host}:{self.http}"

"""Whose is the token that somebody shows? Monitors by what senders call them.

Tokens are nowhere in the clear but within sealed specs. Here they are looked up by a keyed hash: how long that takes
says nothing of how much of a token was right.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from hashlib import blake2b

from signalbox.checks.push import PushCheck
from signalbox.monitors.service import Monitor

_KEY = secrets.token_bytes(32)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Addresses:
    """Where heartbeats are sent, as of one set of monitors."""

    def __init__(self, monitors: Iterable[Monitor] = ()) -> None:
        self._tokens: dict[bytes, Monitor] = {}
        self._slugs: dict[str, list[Monitor]] = {}
        self._endpoints: dict[str, Monitor] = {}
        for monitor in monitors:
            if not isinstance(monitor.check, PushCheck):
                continue
            for token in monitor.check.tokens:
                self._tokens.setdefault(_digest(token), monitor)
            self._slugs.setdefault(monitor.check.slug or monitor.id, []).append(monitor)
            self._endpoints.setdefault(endpoint_key(monitor.group, monitor.name), monitor)

    def __bool__(self) -> bool:
        return bool(self._slugs)

    def by_token(self, token: str) -> Monitor | None:
        """The monitor that a token belongs to."""
        return self._tokens.get(_digest(token))

    def by_slug(self, slug: str) -> list[Monitor]:
        """The monitors of that name; more than one where people gave it twice."""
        return self._slugs.get(slug, [])

    def by_endpoint(self, key: str) -> Monitor | None:
        """The monitor that Gatus would call so."""
        return self._endpoints.get(key)

    def is_of(self, token: str, monitor: Monitor) -> bool:
        """Is it one of that monitor's tokens?"""
        found = self.by_token(token)
        return found is not None and found.key == monitor.key


def endpoint_key(group: str | None, name: str) -> str:
    """What Gatus calls an endpoint in URLs: group and name, in lower case, without signs that mean something there."""
    return f"{_plain(group or '')}_{_plain(name)}"


def bits(token: str) -> float:
    """How hard a token is to guess at the most, were it random in the signs that it is made of."""
    if _UUID.fullmatch(token):
        return 122.0
    each = 4.0 if re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", token) else 5.95
    return len(token) * each


def _plain(text: str) -> str:
    return re.sub(r"[/_., #+&]", "-", text.strip().lower())


def _digest(token: str) -> bytes:
    shown = token.lower() if _UUID.fullmatch(token) else token
    return blake2b(shown.encode("utf-8", "surrogatepass"), key=_KEY, digest_size=32).digest()

"""Is a server reached over the network with a password that everybody knows?"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from signalbox.errors import ConfigurationError

_KNOWN_TO_ALL = frozenset(
    {"", "admin", "changeme", "guest", "password", "postgres", "quest", "redis", "root", "secret"}
)


def is_loopback(host: str | None) -> bool:
    """Does that host mean this machine? No host at all means a Unix socket or a file, so yes."""
    if not host or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_weak(password: str | None) -> bool:
    """Is it empty, or one that servers and examples come with?"""
    return (password or "").lower() in _KNOWN_TO_ALL


def refuse_weak_password(url: str, setting: str, *, insecure: bool = False) -> None:
    """Raise ConfigurationError for a URL that reaches another machine with a default or empty password.

    `setting` names where the URL came from, for the message; the password itself is never in it. With `insecure`
    nothing is refused: the caller has said so, loudly, itself.
    """
    parts = urlsplit(url)
    if insecure or is_loopback(parts.hostname) or not is_weak(unquote(parts.password or "")):
        return
    raise ConfigurationError(
        f"{setting}: {parts.scheme} at {parts.hostname} is reached over the network with a default or empty password. "
        "Give the server a password of its own and put it into the URL (SIGNALBOX_INSECURE=1 starts all the same)."
    )

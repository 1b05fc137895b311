"""Does the broker answer? Celery speaks to it; this asks for it, for `/readyz`."""

from __future__ import annotations

from urllib.parse import urlsplit

from signalbox.errors import MissingExtra, Unavailable


def ping(url: str) -> None:
    """Return if the Redis of that URL answers; raise `Unavailable` with its reason if not. Takes at most 4 seconds."""
    try:
        import redis
    except ModuleNotFoundError:
        raise MissingExtra("The distributed mode", "celery") from None
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        raise Unavailable(f"the broker at {place(url)} does not answer: {error}") from None
    finally:
        client.close()


def place(url: str) -> str:
    """The broker's address as people may see it: no password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}"

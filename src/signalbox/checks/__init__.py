"""Which kinds of check are there? This union is the only list of them."""

from __future__ import annotations

from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from pydantic import Field

from signalbox.checks.base import BaseCheck
from signalbox.checks.group import GroupCheck
from signalbox.checks.http import HttpCheck
from signalbox.checks.tcp import TcpCheck

AnyCheck = Annotated[
    HttpCheck
    | GroupCheck
    | TcpCheck,
    Field(discriminator="kind"),
]  # fmt: skip

KINDS: tuple[type[BaseCheck], ...] = get_args(get_args(AnyCheck)[0])

__all__ = ["KINDS", "AnyCheck", "HttpCheck", "from_url"]


def from_url(url: str) -> dict[str, Any]:
    """The check that a URL is short for, as it would be written: by its scheme, else over HTTP.

    A URL that cannot be taken apart is left to its kind, which says what is wrong with it.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return {"kind": "http", "url": url}
    for kind in KINDS:
        if parts.scheme in kind.schemes:
            return {"kind": kind.model_fields["kind"].default, **kind.options_of(url, parts)}
    return {"kind": "http", "url": url}

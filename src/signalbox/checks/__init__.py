"""Which kinds of check are there? This union is the only list of them."""

from __future__ import annotations

from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from pydantic import Field

from signalbox.checks.base import BaseCheck
from signalbox.checks.dns import DnsCheck
from signalbox.checks.domain import DomainCheck
from signalbox.checks.group import GroupCheck
from signalbox.checks.grpc import GrpcCheck
from signalbox.checks.http import HttpCheck
from signalbox.checks.icmp import IcmpCheck
from signalbox.checks.imap import ImapCheck
from signalbox.checks.manual import ManualCheck
from signalbox.checks.mongodb import MongodbCheck
from signalbox.checks.mqtt import MqttCheck
from signalbox.checks.mysql import MysqlCheck
from signalbox.checks.ntp import NtpCheck
from signalbox.checks.postgres import PostgresCheck
from signalbox.checks.push import PushCheck
from signalbox.checks.redis import RedisCheck
from signalbox.checks.smtp import SmtpCheck
from signalbox.checks.ssh import SshCheck
from signalbox.checks.tcp import TcpCheck
from signalbox.checks.tls import TlsCheck
from signalbox.checks.websocket import WebsocketCheck

AnyCheck = Annotated[
    HttpCheck
    | DnsCheck
    | DomainCheck
    | GrpcCheck
    | GroupCheck
    | IcmpCheck
    | ImapCheck
    | ManualCheck
    | MongodbCheck
    | MqttCheck
    | MysqlCheck
    | NtpCheck
    | PostgresCheck
    | PushCheck
    | RedisCheck
    | SmtpCheck
    | SshCheck
    | TcpCheck
    | TlsCheck
    | WebsocketCheck,
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
    if "://" in url and parts.scheme not in ("http", "https"):
        known = ", ".join(f"{scheme}://" for kind in KINDS for scheme in kind.schemes)
        raise ValueError(f"nothing is asked by {parts.scheme or 'such a scheme'}; write http://, https://, {known}")
    return {"kind": "http", "url": url}

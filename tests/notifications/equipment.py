"""What do tests of sending share? A sender over a test's settings and name server, certificates, notices, letters."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import trustme
from pydantic import SecretStr

from signalbox.db.configured import Origin
from signalbox.notifications.channels import Channel
from signalbox.notifications.letters import Letter
from signalbox.notifications.notices import Kind, Notice, Severity
from signalbox.notifications.sending import Sender
from signalbox.notifications.specs import CHANNELS
from signalbox.resolver import Resolver
from signalbox.slugs import slug
from tests.api.serving import settings
from tests.servers.nameserver import NameServer

KEY = "a key for tests only, and long enough"
HAPPENED = 1_795_000_000_000_000  # 2026-11-18 11:06:40 UTC
SECOND = 1_000_000


@cache
def authority() -> trustme.CA:
    """Who issues the certificates that the sender trusts."""
    return trustme.CA()


def tls(*names: str) -> ssl.SSLContext:
    """A server's context with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*names).configure_cert(context)
    return context


@contextmanager
def sending(folder: Path, zone: Mapping[str, list[str]] | None = None, **given: Any) -> Iterator[Sender]:
    """An open sender that trusts the tests' authority and finds only the names in `zone`."""
    ca_file = folder / "ca.pem"
    authority().cert_pem.write_to_path(ca_file)
    chosen = {"data": folder, "secret_key": SecretStr(KEY), "ca_file": ca_file, "guard": "internal", **given}
    hosts = folder / "hosts"
    hosts.touch()
    with (
        NameServer(dict(zone or {})) as names,
        Sender(settings(**chosen), Resolver([names.address], hosts=hosts)) as sender,
    ):
        yield sender


def channel(kind: str, **spec: Any) -> Channel:
    """A channel as the database would give it."""
    made = CHANNELS.validate_python({"kind": kind, "id": "ops", **spec})
    return Channel("ops-key", made.id, made.name, made.kind, Origin.MANIFEST, made)


def notice(name: str = "Api", kind: Kind = Kind.DOWN, severity: Severity = Severity.DOWN, **facts: Any) -> Notice:
    """Something that happened to a monitor of that name."""
    facts = {
        "name": name, "target": "https://api.example.com/", "reason": "status",
        "message": "the server answered 503 Service Unavailable", **facts,
    }  # fmt: skip
    key = slug(name) or "unnamed"  # keys are ours, never what somebody wrote
    return Notice(
        f"{key}:{kind}", f"{key}@{HAPPENED}", kind, severity, HAPPENED, HAPPENED + 4 * SECOND, monitor=key, facts=facts
    )


def letter(*notices: Notice, id_: str = "letter-1", reminders: frozenset[str] = frozenset()) -> Letter:
    """A letter with these notices, or with one."""
    return Letter(id_, "ops", notices or (notice(),), HAPPENED + 5 * SECOND, reminders)

"""Which channels are there, and who changes them? Verbs that take a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.db import configured
from signalbox.db.configured import Origin
from signalbox.db.vault import Vault
from signalbox.errors import NotFound, Refused
from signalbox.notifications.models import ChannelRow
from signalbox.notifications.specs import CHANNELS, AnyChannel, WebhookChannel, secret_of
from signalbox.notifications.webhook import new_secret, secret_of_key

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell somebody, ready to be used."""

    key: str  # what tables refer to; never changes
    id: str
    name: str
    kind: str
    origin: Origin
    spec: AnyChannel

    @property
    def cap(self) -> tuple[int, float]:
        """So many messages in so many seconds."""
        return self.spec.cap


def active(session: Session) -> list[Channel]:
    """All channels that are not archived, in their order. One that cannot be read is logged and left out."""
    vault = Vault.of(session)
    query = select(ChannelRow).where(ChannelRow.archived_at.is_(None)).order_by(ChannelRow.position, ChannelRow.key)
    found = (_channel(row, vault.open(row.spec)) for row in session.scalars(query))
    return [channel for channel in found if channel is not None]


def find(session: Session, id_: str) -> Channel:
    """The active channel of that id. NotFound names those that there are."""
    channels = active(session)
    for channel in channels:
        if channel.id == id_:
            return channel
    known = ", ".join(channel.id for channel in channels) or "none yet"
    raise NotFound(f'there is no channel "{id_}"; there are: {known}')


def columns(spec: AnyChannel) -> Mapping[str, Any]:
    """What a channel's row says in the clear, for queries."""
    return {"id": spec.id, "name": spec.name, "kind": spec.kind}


def make(session: Session, spec: AnyChannel, *, by: str, now: int) -> tuple[Channel, str | None]:
    """Add a channel. Also returns a webhook's secret if it was made here: it is shown this once."""
    _refuse_files(spec)
    secret = None
    if isinstance(spec, WebhookChannel) and spec.secret is None:
        secret = new_secret()
        spec = WebhookChannel.model_validate({**spec.model_dump(), "secret": secret})
    key = configured.add(session, ChannelRow, spec.id, spec, columns=columns(spec), now=now)
    audit.record(session, by, "create", "channel", spec.id, after=spec.masked())
    return Channel(key, spec.id, spec.name, spec.kind, Origin.API, spec), secret


def change(session: Session, id_: str, spec: AnyChannel, *, by: str) -> Channel:
    """Change a channel that the API made. A webhook that comes without a secret keeps the one it has."""
    before = find(session, id_)
    _refuse_files(spec)
    if isinstance(spec, WebhookChannel) and spec.secret is None and isinstance(before.spec, WebhookChannel):
        spec = WebhookChannel.model_validate({**spec.model_dump(), "secret": before.spec.secret})
    configured.alter(session, ChannelRow, before.key, id_=spec.id, spec=spec, columns=columns(spec))
    audit.record(session, by, "change", "channel", spec.id, before=before.spec.masked(), after=spec.masked())
    return Channel(before.key, spec.id, spec.name, spec.kind, before.origin, spec)


def retire(session: Session, id_: str, *, by: str, now: int) -> None:
    """Put a channel aside that the API made. What waits for it is the outbox's to withdraw."""
    channel = find(session, id_)
    configured.retire(session, ChannelRow, channel.key, now)
    audit.record(session, by, "archive", "channel", id_, before=channel.spec.masked())


def signing_secret(channel: Channel, vault: Vault) -> str | None:
    """What a webhook is signed with: its own secret, else one that follows from SECRET_KEY. None for other kinds."""
    spec = channel.spec
    if not isinstance(spec, WebhookChannel):
        return None
    given = secret_of(spec.secret, spec.secret_file)
    return given or secret_of_key(bytes.fromhex(vault.signature("webhook secret", channel.key)))


def _refuse_files(spec: AnyChannel) -> None:
    if spec.files:
        raise Refused(f"{spec.files[0]} names a file of this machine, which only the manifest may: write the value")


def _channel(row: ChannelRow, document: str) -> Channel | None:
    try:
        spec = CHANNELS.validate_json(document)
    except ValidationError as error:
        places = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False)]
        log.error("channel.unreadable", key=row.key, wrong=places)
        return None
    return Channel(row.key, spec.id, spec.name, spec.kind, Origin(row.origin), spec)

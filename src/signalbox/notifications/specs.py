"""What does a person write to have operators told? One class a kind, for YAML, API and importers.

Secrets are `SecretStr`: they are sealed with the spec, and neither repr, log nor API shows them (`masked`).
"""

from __future__ import annotations

import base64
import binascii
import re
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from signalbox import durations
from signalbox.checks.urls import Place
from signalbox.errors import ConfigurationError
from signalbox.notifications import services
from signalbox.notifications.mailserver import MailServer
from signalbox.slugs import PATTERN
from signalbox.zones import Zone

MASK = "***"
_RATE = re.compile(r"(\d{1,5})/(.+)")
_DAY = 86_400.0
_ADDRESS = re.compile(r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,252}[a-zA-Z0-9])?")
_SENDER = re.compile(r"(?:(?P<name>[^<>\"\\]{0,100}?)\s*<(?P<boxed>[^<>]+)>|(?P<bare>[^<>\s]+))")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = frozenset({"content-type", "content-length", "transfer-encoding", "host", "connection", "expect"})


class BaseChannel(BaseModel):
    """Where operators are told, and how much of it they bear."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, hide_input_in_errors=True
    )

    id: str = Field(pattern=PATTERN, description="Short, lasting name that routes and commands use.")
    name: str = Field("", max_length=200, description="What people call it. Default: its id.")
    rate: str = Field("30/1h", description="Most messages in a time, such as 20/1h; what is more waits its turn.")
    timezone: Zone = Field("UTC", description="Zone of the times in messages, as an IANA name: Europe/Budapest.")
    was: str | None = Field(None, pattern=PATTERN, description="The id it had before.")

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {**given, "name": given.get("name") or given.get("id", "")} if isinstance(given, dict) else given

    @field_validator("rate")
    @classmethod
    def _is_rate(cls, rate: str) -> str:
        _cap(rate)
        return rate

    @property
    def cap(self) -> tuple[int, float]:
        """So many messages in so many seconds."""
        return _cap(self.rate)

    @property
    def files(self) -> tuple[str, ...]:
        """Keys that name a file of this machine: only who writes the manifest may choose one."""
        return tuple(name for name in type(self).model_fields if name.endswith("_file") and getattr(self, name))

    def masked(self) -> dict[str, Any]:
        """The spec as people may see it: hosts visible, whatever may be a secret `***`."""
        return {**self.model_dump(exclude={"was"}, exclude_none=True, mode="json", by_alias=True), **self._masks()}

    @abstractmethod
    def _masks(self) -> dict[str, Any]: ...


class EmailChannel(BaseChannel):
    """Mail by SMTP, text and HTML."""

    kind: Literal["email"] = "email"
    to: tuple[str, ...] = Field(min_length=1, max_length=50, description="Who gets it: mail addresses.")
    sender: str | None = Field(
        None, alias="from", description="Who it is from: an address, or Name <address>. Default: who logs in."
    )
    smtp_url: SecretStr | None = Field(
        None, description="Mail server, smtp://USER:PASSWORD@HOST:587 or smtps://…. Default: SIGNALBOX_SMTP_URL."
    )
    smtp_url_file: Path | None = Field(None, description="File that holds that URL.")

    @field_validator("to", mode="before")
    @classmethod
    def _one_or_many(cls, to: Any) -> Any:
        return [to] if isinstance(to, str) else to

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, to: tuple[str, ...]) -> tuple[str, ...]:
        for one in to:
            if not _ADDRESS.fullmatch(one):
                raise ValueError(f"{one!r} is no mail address: write for example ops@example.com")
        return tuple(dict.fromkeys(to))

    @field_validator("sender")
    @classmethod
    def _is_sender(cls, sender: str | None) -> str | None:
        if sender is not None:
            named(sender)
        return sender

    @field_validator("smtp_url")
    @classmethod
    def _is_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            MailServer.of(url.get_secret_value())
        return url

    @model_validator(mode="after")
    def _once(self) -> EmailChannel:
        _at_most_one(self, "smtp_url")
        return self

    def _masks(self) -> dict[str, Any]:
        return {"smtp_url": MailServer.of(self.smtp_url.get_secret_value()).shown} if self.smtp_url else {}


class WebhookChannel(BaseChannel):
    """A signed POST of JSON (Standard Webhooks)."""

    kind: Literal["webhook"] = "webhook"
    url: SecretStr | None = Field(None, description="Where to, http:// or https://. Only its host is ever shown.")
    url_file: Path | None = Field(None, description="File that holds that URL.")
    secret: SecretStr | None = Field(
        None, description="What it is signed with: whsec_ and 24 to 64 bytes in Base64. Default: one of our making."
    )
    secret_file: Path | None = Field(None, description="File that holds the secret.")
    headers: dict[str, SecretStr] = Field({}, max_length=20, description="Headers to send. Values are never shown.")

    @field_validator("url")
    @classmethod
    def _can_be_asked(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            Place.of(url.get_secret_value())
        return url

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            signing_key(secret.get_secret_value())
        return secret

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} is not a header's name: letters, digits and hyphens, without the colon")
            if name.lower() in _OURS or name.lower().startswith("webhook-"):
                raise ValueError(f"the header {name} is ours to set")
            text = value.get_secret_value()
            if len(text) > 8192 or any(character in text for character in "\r\n\0"):
                raise ValueError(f"the value of {name} holds a line break, or is longer than 8192 characters")
            if text == MASK:
                raise ValueError(f"{MASK} stands for a value that is not shown: write the value of {name}")
        return headers

    @model_validator(mode="after")
    def _once(self) -> WebhookChannel:
        _exactly_one(self, "url")
        _at_most_one(self, "secret")
        return self

    def _masks(self) -> dict[str, Any]:
        url = {"url": _host_of(self.url.get_secret_value())} if self.url else {}
        secret = {"secret": MASK} if self.secret else {}
        return {**url, **secret, "headers": dict.fromkeys(self.headers, MASK)}


class AppriseChannel(BaseChannel):
    """One of the services that Apprise speaks to, by its URL."""

    kind: Literal["apprise"] = "apprise"
    url: SecretStr | None = Field(None, description="Apprise URL: slack://…, tgram://…, ntfys://…. Never shown.")
    url_file: Path | None = Field(None, description="File that holds that URL.")

    @field_validator("url")
    @classmethod
    def _is_allowed(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and (why := services.refusal(url.get_secret_value())):
            raise ValueError(why)
        return url

    @model_validator(mode="after")
    def _once(self) -> AppriseChannel:
        _exactly_one(self, "url")
        return self

    def _masks(self) -> dict[str, Any]:
        return {"url": services.shown(self.url.get_secret_value())} if self.url else {}


AnyChannel = EmailChannel | WebhookChannel | AppriseChannel
ChannelSpec = Annotated[AnyChannel, Field(discriminator="kind")]
CHANNELS: TypeAdapter[AnyChannel] = TypeAdapter(ChannelSpec, config=ConfigDict(hide_input_in_errors=True))


def masked_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """A spec that is kept as plain values, as people may see it; of one that cannot be read, only its id and kind."""
    try:
        return CHANNELS.validate_python(document).masked()
    except ValidationError:
        return {name: document[name] for name in ("id", "kind") if name in document}


def secret_of(given: SecretStr | None, file: Path | None) -> str | None:
    """The secret written in the spec, or in the file that it names. ConfigurationError when that cannot be read."""
    if given is not None:
        return given.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(f"the file {file} cannot be read: {why}") from None


def named(sender: str) -> tuple[str, str]:
    """`Name <address>`, or an address, as (name, address). ValueError for anything else."""
    found = _SENDER.fullmatch(sender.strip()) if sender.isprintable() else None
    address = (found["boxed"] or found["bare"]) if found else ""
    if not found or not _ADDRESS.fullmatch(address):
        raise ValueError("write a mail address, or Name <address>: Status <status@example.com>")
    return (found["name"] or "").strip(), address


def signing_key(secret: str) -> bytes:
    """The bytes to sign with. ValueError, without repeating it, for what is no secret of Standard Webhooks."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise ValueError("a webhook's secret is whsec_ and 24 to 64 random bytes in Base64; leave it out to have one")
    return key


def _cap(rate: str) -> tuple[int, float]:
    found = _RATE.fullmatch(rate.replace(" ", ""))
    try:
        count, seconds = (int(found[1]), durations.parse(found[2])) if found else (0, 0.0)
    except ValueError:
        count, seconds = 0, 0.0
    if not count or not 1 <= seconds <= _DAY:
        raise ValueError("write how many messages in which time, at least one and at most a day: 20/1h, 3/10m")
    return count, seconds


def _host_of(url: str) -> str:
    place = Place.of(url)
    port = "" if place.port in (80, 443) else f":{place.port}"
    return f"{place.scheme}://{f'[{place.host}]' if ':' in place.host else place.host}{port}/{MASK}"


def _at_most_one(spec: BaseChannel, name: str) -> None:
    if getattr(spec, name) is not None and getattr(spec, f"{name}_file") is not None:
        raise ValueError(f"write {name} or {name}_file, not both")


def _exactly_one(spec: BaseChannel, name: str) -> None:
    _at_most_one(spec, name)
    if getattr(spec, name) is None and getattr(spec, f"{name}_file") is None:
        raise ValueError(f"write {name}, or {name}_file")

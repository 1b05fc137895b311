"""How are the parts of an HTTP request written that are more than one value? Who we are, what is sent, by which way."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote, unquote, urlencode, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from signalbox.checks.hosts import known_host
from signalbox.checks.trust import version_text
from signalbox.checks.urls import place

_LONGEST = 100_000  # bytes of a body that is sent

Text = Annotated[str, Field(min_length=1, max_length=8_192)]
User = Annotated[str, Field(min_length=1, max_length=1_024, pattern=r"^[^\r\n\x00]*$")]
Password = Annotated[str, Field(max_length=8_192, pattern=r"^[^\r\n\x00]*$")]
Scope = Annotated[str, Field(max_length=200, pattern=r"^[!#-\[\]-~]+$")]


class _Option(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    def __repr_args__(self) -> list[tuple[str, object]]:
        return []  # options may be secrets


class Basic(_Option):
    """User and password, sent with every request (RFC 7617)."""

    kind: Literal["basic"] = "basic"
    user: User = Field(description="Name of the user, without a colon.")
    password: Password = Field("", description="Their password.")

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Basic:
        if ":" in self.user:
            raise ValueError("user: basic authentication knows no user with a colon in the name")
        return self


class Digest(_Option):
    """User and password, of which only a digest is sent (RFC 7616)."""

    kind: Literal["digest"] = "digest"
    user: User = Field(description="Name of the user.")
    password: Password = Field("", description="Their password.")


class Bearer(_Option):
    """A token that is sent with every request (RFC 6750)."""

    kind: Literal["bearer"] = "bearer"
    token: Annotated[str, Field(min_length=1, max_length=8_192, pattern=r"^[!-~]+$")] = Field(description="The token.")


class ClientCredentials(_Option):
    """A token that another server gives us for an id and a secret (OAuth 2, RFC 6749 section 4.4)."""

    kind: Literal["oauth2"] = "oauth2"
    url: str = Field(description="Where tokens are given, http:// or https://.")
    client_id: User = Field(description="Our id there.")
    client_secret: Password = Field(description="Our secret there.")
    scopes: tuple[Scope, ...] = Field((), max_length=50, description="What the token is to be good for.")
    audience: Annotated[str, Field(max_length=2_048)] | None = Field(
        None, description="Whom the token is for, where the server wants to know."
    )
    sent_in: Literal["header", "body"] = Field(
        "header", description="Where id and secret go: the header as the standard has it, or the body."
    )

    @model_validator(mode="after")
    def _can_be_asked(self) -> ClientCredentials:
        if place(self.url).userinfo:
            raise ValueError("url: write id and secret as client_id and client_secret, not into the URL")
        return self


Auth = Annotated[Basic | Digest | Bearer | ClientCredentials, Field(discriminator="kind")]


class Content(_Option):
    """What is sent as the request's body: one of these. A text alone is short for `text`."""

    text: Annotated[str, Field(max_length=_LONGEST)] | None = Field(
        None, description="A text as it is; its Content-Type is text/plain unless `headers` has another."
    )
    document: JsonValue = Field(None, alias="json", description="A value that is sent as JSON.")
    form: dict[Annotated[str, Field(max_length=1_024)], Annotated[str, Field(max_length=_LONGEST)]] | None = Field(
        None, max_length=200, description="Fields and values as a web form sends them."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Content:
        if sum(part is not None for part in (self.text, self.document, self.form)) != 1:
            raise ValueError("write one of  text, json, form  (JSON's null goes as text: 'null')")
        if len(self.encoded[0]) > _LONGEST:
            raise ValueError(f"the body is longer than {_LONGEST // 1_000} kB")
        return self

    @property
    def encoded(self) -> tuple[bytes, str]:
        """The bytes that are sent, and their Content-Type."""
        if self.text is not None:
            return self.text.encode(), "text/plain; charset=utf-8"
        if self.form is not None:
            return urlencode(self.form).encode(), "application/x-www-form-urlencoded"
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode(), "application/json"


def _text_alone(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


SentBody = Annotated[Content, BeforeValidator(_text_alone)]


HttpVersion = Annotated[Literal["1.1", "2", "3"], BeforeValidator(version_text)]


class ProxyPlace(NamedTuple):
    """A proxy's URL taken apart."""

    scheme: Literal["http", "socks5"]
    host: str
    port: int
    literal: bool
    user: str
    password: str


@lru_cache(1_024)
def proxy_place(url: str) -> ProxyPlace:
    """Take a proxy's URL apart. ValueError says what is wrong with it, without repeating its password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the proxy is not a URL; write for example http://proxy.example.com:3128") from None
    if parts.scheme not in ("http", "socks5", "socks5h") or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("write a proxy as http://host:port or socks5://host:port")
    if not port:
        raise ValueError("write the proxy's port, too, such as http://proxy.example.com:3128")
    host, literal = known_host(parts.hostname or "")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if any(sign in user + password for sign in "\r\n\0"):
        raise ValueError("the proxy's user or password holds a line break")
    return ProxyPlace("http" if parts.scheme == "http" else "socks5", host, port, literal, user, password)


def _is_proxy(url: str) -> str:
    proxy_place(url)
    return url


ProxyUrl = Annotated[str, Field(max_length=2_048), AfterValidator(_is_proxy)]


def basic_header(user: str, password: str) -> str:
    """The value of an Authorization header for them (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def client_header(auth: ClientCredentials) -> str:
    """The same for a client's id and secret, which are form-encoded first (RFC 6749 section 2.3.1)."""
    return basic_header(quote(auth.client_id, safe=""), quote(auth.client_secret, safe=""))

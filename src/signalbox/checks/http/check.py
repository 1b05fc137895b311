"""Is a web address up? Asked by HEAD unless told otherwise, on a fresh connection, redirects followed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from signalbox.checks.base import AskedCheck, Outcome, Peer
from signalbox.checks.call import Family
from signalbox.checks.expectations import Expectations
from signalbox.checks.hosts import NameServer
from signalbox.checks.http.asking import Asking
from signalbox.checks.http.options import Auth, HttpVersion, ProxyUrl, SentBody
from signalbox.checks.trust import Trust
from signalbox.checks.urls import place, shown

if TYPE_CHECKING:
    from signalbox.checks.probe import Probe

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METHOD = re.compile(r"[A-Z][A-Z-]{0,19}")


def _is_method(method: str) -> str:
    if not _METHOD.fullmatch(method) or method == "CONNECT":
        raise ValueError("write a method in capital letters, such as GET or POST; CONNECT is not one for a check")
    return method


Method = Annotated[str, AfterValidator(_is_method)]
Header = Annotated[str, Field(max_length=8192)]


class HttpCheck(AskedCheck):
    """A web address. Up when the answer's status is 200 to 399."""

    examples = (
        {"kind": "http", "url": "https://example.com/health", "method": "GET"},
        {
            "kind": "http", "url": "https://api.example.com/orders", "method": "POST",
            "body": {"json": {"article": 7}}, "auth": {"kind": "bearer", "token": "${API_TOKEN}"},
        },
        {
            "kind": "http", "url": "https://api.example.com/me", "method": "GET",
            "auth": {
                "kind": "oauth2", "url": "https://login.example.com/token", "client_id": "signalbox",
                "client_secret": "${CLIENT_SECRET}", "scopes": ["status.read"],
            },
        },
        {
            "kind": "http", "url": "https://api.example.com/health", "method": "GET",
            "expect": {
                "status": "200-299", "latency": {"degraded": "500ms", "down": "3s"}, "certificate": "14d",
                "headers": {"content-type": {"contains": "json"}},
                "jsonpath": {"$.status": "ok", "$.queue.length": {"below": 100}},
            },
        },
        {
            "kind": "http", "url": "https://example.com/", "method": "GET",
            "expect": {"body": {"contains": "Welcome", "lacks": "maintenance"}, "html": {"h1": {"exists": True}}},
        },
        {"kind": "http", "url": "https://example.com/", "version": "3", "family": "ipv6", "resolver": "192.0.2.53"},
    )  # fmt: skip

    kind: Literal["http"] = "http"
    url: str = Field(
        min_length=1, description="What to ask, http:// or https://. Credentials in it are sent, and never shown."
    )
    method: Method = Field(
        "HEAD",
        description="How to ask, in capital letters. A HEAD answered with 405 or 501 is asked again as one GET.",
    )
    headers: dict[str, Header] = Field(
        {}, description="Headers to send. Values are never shown; to other origins only harmless ones go along."
    )
    body: SentBody | None = Field(None, description="What to send: a text, or one of {text}, {json}, {form}.")
    auth: Auth | None = Field(
        None, description="Who we are: kind basic, digest, bearer or oauth2. Goes to the URL's own origin only."
    )
    expect: Expectations | None = Field(
        None, description="What the answer has to be like; without it, a status from 200 to 399 is up."
    )
    tls: Trust | None = Field(
        None, description="Whom to trust and how to show who we are; our certificate goes to the URL's own origin only."
    )
    follow: bool = Field(
        True, description="Follow redirects and judge where they end. Else a redirect itself counts as up."
    )
    redirects: int = Field(5, ge=0, le=20, description="How many redirects are followed; one more is down.")
    cookies: bool = Field(False, description="Keep cookies along the redirects of one check.")
    bust: bool = Field(False, description="Add a random query parameter, so that no cache has the answer.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")
    version: HttpVersion | None = Field(
        None, description="HTTP version that has to be spoken: 1.1 (as usual), 2 or 3 (over QUIC)."
    )
    proxy: ProxyUrl | None = Field(
        None,
        description="Proxy to go through: http://host:port or socks5://host:port, with user:password@ if need be."
        " We look the target's name up ourselves; the proxy is told an address.",
    )
    resolver: NameServer | None = Field(
        None, description="Name server to ask for the target's name: an address, with :port if it is not 53."
    )

    @field_validator("url")
    @classmethod
    def _can_be_asked(cls, url: str) -> str:
        place(url)
        return url

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} is not a header's name: letters, digits and hyphens, without the colon")
            if any(character in value for character in "\r\n\0"):
                raise ValueError(f"the value of {name} holds a line break")
        return headers

    @model_validator(mode="after")
    def _fits_together(self) -> HttpCheck:
        if self.auth is not None and place(self.url).userinfo:
            raise ValueError("credentials are both in the URL and below `auth`; write them in one place")
        if self.auth is not None and any(name.lower() == "authorization" for name in self.headers):
            raise ValueError("there is both `auth` and a header Authorization; write one of them")
        if self.body is not None and self.method in ("HEAD", "TRACE"):
            raise ValueError(f"a {self.method} has no body; write for example  method: POST")
        if self.expect is not None and self.expect.wants_body and self.method == "HEAD":
            raise ValueError("expect: body, jsonpath, html and size need an answer with a body; write  method: GET")
        if self.expect is not None and self.expect.certificate is not None and not self.url.startswith("https:"):
            raise ValueError("expect: certificate is for https:// only")
        if self.version == "3" and self.proxy is not None:
            raise ValueError("HTTP/3 does not go through a proxy; leave out `version` or `proxy`")
        if self.version == "3" and not self.url.startswith("https:"):
            raise ValueError("HTTP/3 is spoken over https:// only")
        return self

    def __repr_args__(self) -> list[tuple[str, object]]:
        return [("kind", self.kind), ("target", self.target), ("method", self.method)]

    @property
    def target(self) -> str:
        """The URL without userinfo and fragment; values of secret-looking query parameters are `***`."""
        return shown(self.url)

    @property
    def peer(self) -> Peer:
        """Host and port of the URL."""
        at = place(self.url)
        return Peer(at.host, at.port)

    @property
    def local(self) -> bool:
        """Is it a loopback address, or `localhost`?"""
        return place(self.url).loopback

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask once, redirects and a GET after a refused HEAD included, in at most `timeout` seconds.

        `fresh` looks the name up anew instead of in the resolver's cache, as a recheck should.
        """
        return await Asking(self, probe, timeout, fresh).run()

"""What is asked in one exchange over HTTP, and what is seen? The values that go into libcurl and come out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from signalbox import __version__
from signalbox.checks.curl.errors import Error

LARGEST_BODY = 1_000_000  # bytes, after decompression; what comes beyond is not read
USER_AGENT = f"Signalbox/{__version__} (+status check)"

Version = Literal["1.1", "2", "3"]


class Proxy(NamedTuple):
    """Who passes the request on. The request's addresses are the proxy's then."""

    scheme: Literal["http", "socks5"]
    host: str
    port: int
    literal: bool  # the host is an address
    target: str  # address that the proxy is to connect to: it looks up no name
    user: str = ""
    password: str = ""


class Extras(NamedTuple):
    """What few requests need. A handle that had any of it is not used again."""

    digest: tuple[str, str] | None = None  # user and password for HTTP's digest authentication (RFC 7616)
    insecure: bool = False
    ca: str | None = None  # authorities to trust, as PEM text
    certificate: str | None = None  # ours, as PEM text, with its key
    private_key: str | None = None
    minimum: Literal["1.2", "1.3"] = "1.2"  # of TLS
    version: Version = "1.1"
    proxy: Proxy | None = None
    cookies: tuple[str, ...] | None = None  # lines as libcurl gave them; None: cookies are not kept


@dataclass(slots=True)
class Request:
    """One question to one server. The URL's host is ASCII and, if an address, in its canonical spelling."""

    url: str
    host: str
    port: int
    addresses: Sequence[str]
    timeout: float  # seconds, for everything from connect to the last byte
    method: str = "HEAD"
    headers: Sequence[str] = ()  # "Name: value"
    literal: bool = False  # the host is an address
    body: bytes = b""  # its Content-Type is among the headers
    largest: int = LARGEST_BODY  # bytes of the answer's body that are read
    keep: int = 0  # first bytes of the answer's body to hand back
    extras: Extras | None = None


@dataclass(slots=True)
class Answer:
    """What was seen. Phases are milliseconds, None where it did not get that far; `status` 0: no HTTP answer."""

    error: int = 0  # see errors.py; others of libcurl's occur
    text: str = ""  # libcurl's own words
    status: int = 0
    connect: float | None = None
    tls: float | None = None
    ttfb: float | None = None
    total: float = 0.0
    redirect: str | None = None  # absolute, as the server wants it
    certificate_expires: int | None = None  # UTC microseconds
    verify_result: int = 0  # OpenSSL's X509_V_ERR_*
    secure: bool = False  # asked over TLS
    cut: bool = False  # the body was longer than we read
    body: bytes = b""  # its beginning, as far as the request keeps it
    head: bytes = b""  # all heads that came, as they came: of interim answers, of the proxy, of the answer itself
    address: str = ""  # connected to
    chain: Sequence[str] = ()  # what each certificate says, where the chain is not trusted
    version: int = 0  # libcurl's number of the HTTP version, where one was asked for
    tunnel: int = 0  # the proxy's status when it was told to connect
    cookies: tuple[str, ...] | None = None  # after this answer, where they are kept

    @property
    def lines(self) -> list[str]:
        """Status line and header lines of the answer itself, or of the last there was."""
        start = max(self.head.rfind(b"\nHTTP/") + 1, 0)
        return [line for line in self.head[start:].decode("latin-1").splitlines() if line]

    @property
    def headers(self) -> dict[str, str]:
        """The answer's headers by lower-case name; of several of one name, the last."""
        parts = (line.partition(":") for line in self.lines[1:])
        return {name.strip().lower(): value.strip() for name, colon, value in parts if colon}


def refused(why: str) -> Answer:
    """The answer when the guard forbids every address."""
    return Answer(error=Error.FORBIDDEN, text=why)

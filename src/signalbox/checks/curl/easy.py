"""What does one request set, and what did libcurl see? A pooled easy handle."""

from __future__ import annotations

import calendar
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pycurl

from signalbox import __version__
from signalbox.checks.curl.errors import Error
from signalbox.clock import MICROS
from signalbox.guard import Guard

LARGEST_BODY = 1_000_000  # bytes, after decompression; what comes beyond is not read
USER_AGENT = f"Signalbox/{__version__} (+status check)"
CURVES = "X25519:P-256"  # without it, OpenSSL's post-quantum key shares cost more than the rest of the check
_TEXT_LIMIT = 300


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
    body: bytes = b""  # sent by POST, PUT and PATCH; its Content-Type is among the headers
    largest: int = LARGEST_BODY  # bytes of the answer's body that are read
    keep: int = 0  # first bytes of the answer's body to hand back; with any, its headers come along


@dataclass(slots=True)
class Answer:
    """What was seen. Phases are milliseconds, None where it did not get that far; `status` 0: no HTTP answer."""

    error: int = 0  # see errors.py; others of libcurl's occur
    text: str = ""
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
    headers: dict[str, str] = field(default_factory=dict)  # lower-case names, where the request keeps anything


def refused(why: str) -> Answer:
    """The answer when the guard forbids every address."""
    return Answer(error=Error.FORBIDDEN, text=why)


class Easy:
    """One easy handle. Constant options are set once; a request that needs more than a plain HEAD leaves it dirty."""

    def __init__(self, guard: Guard, ca_file: str) -> None:
        self.curl = pycurl.Curl()
        self._guard, self._ca_file = guard, ca_file
        self._refusal: str | None = None
        self._received, self._cut, self._tls = 0, False, False
        self._largest, self._keep = LARGEST_BODY, 0
        self._kept, self._head = bytearray(), dict[str, str]()
        self._pinned: str | None = None
        self._configure()

    def _configure(self) -> None:
        self._dirty = False
        for option, value in (
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.REDIR_PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.PROXY, ""),  # else the environment's proxy sees the request and the guard only the proxy
            (pycurl.NOSIGNAL, 1),
            (pycurl.NETRC, 0),
            (pycurl.NOBODY, 1),
            (pycurl.FRESH_CONNECT, 1),
            (pycurl.FORBID_REUSE, 1),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.USERAGENT, USER_AGENT),
            (pycurl.CAINFO, self._ca_file),
            (pycurl.SSL_EC_CURVES, CURVES),
            (pycurl.SSL_SESSIONID_CACHE, 0),  # a full handshake each time: a resumed one shows no certificate
            (pycurl.OPT_CERTINFO, 1),
            (pycurl.DNS_CACHE_TIMEOUT, -1),  # entries are replaced by hand, below
            (pycurl.PREREQFUNCTION, self._connected),
            (pycurl.WRITEFUNCTION, self._body),
        ):
            self.curl.setopt(option, value)

    def prepare(self, request: Request, addresses: Sequence[str], timeout: float) -> None:
        """Set it up for one request that takes at most `timeout` seconds."""
        if self._dirty:
            self.curl.reset()
            self._configure()
        curl = self.curl
        self._refusal, self._received, self._cut = None, 0, False
        self._tls = request.url.startswith("https:")
        self._largest, self._keep = request.largest, request.keep
        if request.keep:
            self._kept, self._head = bytearray(), {}
        curl.setopt(pycurl.URL, request.url)
        curl.setopt(pycurl.TIMEOUT_MS, max(1, round(timeout * 1000)))
        self._pin(request, addresses)
        if request.method != "HEAD" or request.headers:
            self._decorate(request)

    def _pin(self, request: Request, addresses: Sequence[str]) -> None:
        """Tell libcurl the name's addresses, and drop those of this handle's last name from its table."""
        entries = [] if self._pinned is None else [f"-{self._pinned}"]
        self._pinned = None
        if not request.literal:
            self._pinned = f"{request.host}:{request.port}"
            entries.append(f"{self._pinned}:{','.join(addresses)}")
        if entries:
            self.curl.setopt(pycurl.RESOLVE, entries)

    def _decorate(self, request: Request) -> None:
        curl, self._dirty = self.curl, True
        headers = list(request.headers)
        if request.method == "GET":
            curl.setopt(pycurl.HTTPGET, 1)
        elif request.method != "HEAD":
            curl.setopt(pycurl.NOBODY, 0)
            if request.method in ("POST", "PUT", "PATCH"):
                curl.setopt(pycurl.POSTFIELDS, request.body)
                if not request.body:
                    headers.append("Content-Type:")  # an empty body has none
            curl.setopt(pycurl.CUSTOMREQUEST, request.method)
        if request.method != "HEAD":
            curl.setopt(pycurl.ACCEPT_ENCODING, "")  # so that the limit counts what a browser would unpack
        if request.keep:
            curl.setopt(pycurl.HEADERFUNCTION, self._header)
        if headers:
            curl.setopt(pycurl.HTTPHEADER, [header.encode() for header in headers])

    def _connected(self, address: str, _local: str, _port: int, _local_port: int) -> int:
        """libcurl is connected and about to send: is it where it was told to go?"""
        self._refusal = self._guard.refusal(address)
        return int(pycurl.PREREQFUNC_OK if self._refusal is None else pycurl.PREREQFUNC_ABORT)

    def _body(self, data: bytes) -> int | None:
        self._received += len(data)
        if len(self._kept) < self._keep:
            self._kept += data[: self._keep - len(self._kept)]
        self._cut = self._received > self._largest
        return 0 if self._cut else None  # fewer than given: libcurl ends with E_WRITE_ERROR

    def _header(self, line: bytes) -> None:
        if line.startswith(b"HTTP/"):
            self._head = {}  # those before it were of an interim answer
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            self._head[name.strip().lower()] = value.strip()

    def answer(self, error: int, text: str) -> Answer:
        """What was seen, read before the handle is used again. `error` is libcurl's number, 0 for none."""
        if self._refusal is not None:
            return refused(self._refusal)
        get = self.curl.getinfo
        status = get(pycurl.RESPONSE_CODE)
        answer = Answer(error, text[:_TEXT_LIMIT], status, secure=self._tls, cut=self._cut)
        if self._cut and error == Error.WRITE_ERROR:
            answer.error, answer.text = 0, ""
        if self._keep:
            answer.body, answer.headers = bytes(self._kept), self._head
        answer.total = get(pycurl.TOTAL_TIME) * 1000
        self._read_phases(answer, error)
        if 300 <= status < 400:
            answer.redirect = get(pycurl.REDIRECT_URL)
        if self._tls:
            answer.certificate_expires = _leaf_expiry(self.curl)
            answer.verify_result = get(pycurl.SSL_VERIFYRESULT)
        return answer

    def _read_phases(self, answer: Answer, error: int) -> None:
        # Times past the phase that failed hold leftovers, so each is read only once the one before it is there.
        get = self.curl.getinfo
        connected = get(pycurl.CONNECT_TIME)
        if not connected or error == Error.COULDNT_CONNECT:
            return
        answer.connect = (connected - get(pycurl.NAMELOOKUP_TIME)) * 1000
        if self._tls:
            secured = get(pycurl.APPCONNECT_TIME)
            if not secured or error in (Error.SSL_CONNECT_ERROR, Error.PEER_FAILED_VERIFICATION):
                return
            answer.tls, connected = (secured - connected) * 1000, secured
        if answer.status:
            answer.ttfb = (get(pycurl.STARTTRANSFER_TIME) - connected) * 1000


def _leaf_expiry(curl: pycurl.Curl) -> int | None:
    """When the peer's own certificate expires, in UTC microseconds; it comes first, and comes even if not trusted."""
    for certificate in curl.getinfo_raw(pycurl.INFO_CERTINFO)[:1]:
        for name, value in certificate:
            if name == b"Expire date":
                return _moment(value)
    return None


@lru_cache(1024)
def _moment(text: bytes) -> int | None:
    """OpenSSL's `Nov 24 02:07:00 2027 GMT` in UTC microseconds; None where it is written otherwise."""
    try:
        parsed = time.strptime(text.decode("ascii"), "%b %d %H:%M:%S %Y GMT")
    except ValueError:
        return None
    return calendar.timegm(parsed) * MICROS

"""What does one request set, and what did libcurl see? A pooled easy handle."""

from __future__ import annotations

from collections.abc import Sequence

import pycurl

from signalbox.checks.curl.certificates import chain, leaf_expiry
from signalbox.checks.curl.dressing import dress
from signalbox.checks.curl.errors import Error
from signalbox.checks.curl.exchange import LARGEST_BODY, USER_AGENT, Answer, Extras, Request, refused
from signalbox.guard import Guard

CURVES = "X25519:P-256"  # without it, OpenSSL's post-quantum key shares cost more than the rest of the check
_TEXT_LIMIT = 300
_UNTRUSTED = frozenset({Error.PEER_FAILED_VERIFICATION, Error.SSL_ISSUER_ERROR, Error.SSL_INVALIDCERTSTATUS})


class Easy:
    """One easy handle. Constant options are set once; a request that needs more than a plain HEAD leaves it dirty."""

    def __init__(self, guard: Guard, ca_file: str) -> None:
        self.curl = pycurl.Curl()
        self._guard, self._ca_file = guard, ca_file
        self._refusal: str | None = None
        self._received, self._cut, self._tls = 0, False, False
        self._largest, self._keep = LARGEST_BODY, 0
        self._kept, self._head = bytearray(), bytearray()
        self._extras: Extras | None = None
        self._pinned: str | None = None
        self._configure()

    @property
    def spent(self) -> bool:
        """Is the handle not to be used again? libcurl keeps cookies and more when a handle is reset."""
        return self._extras is not None

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
            (pycurl.HEADERFUNCTION, self._head.extend),  # libcurl takes 300 kB of them at most; no call into Python
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
        self._head.clear()
        if request.keep:
            self._kept = bytearray()
        curl.setopt(pycurl.URL, request.url)
        curl.setopt(pycurl.TIMEOUT_MS, max(1, round(timeout * 1000)))
        self._pin(request, addresses)
        if request.method != "HEAD" or request.headers:
            self._decorate(request)
        self._extras = request.extras
        if request.extras is not None:
            dress(curl, request, request.extras)

    def _pin(self, request: Request, addresses: Sequence[str]) -> None:
        """Tell libcurl the name's addresses, and drop those of this handle's last name from its table."""
        entries = [] if self._pinned is None else [f"-{self._pinned}"]
        self._pinned = None
        proxy = None if request.extras is None else request.extras.proxy
        asked = request if proxy is None else proxy
        if not asked.literal:
            self._pinned = f"{asked.host}:{asked.port}"
            entries.append(f"{self._pinned}:{','.join(addresses)}")
        if entries:
            self.curl.setopt(pycurl.RESOLVE, entries)

    def _decorate(self, request: Request) -> None:
        curl, self._dirty = self.curl, True
        headers = list(request.headers)
        if request.method == "GET" and not request.body:
            curl.setopt(pycurl.HTTPGET, 1)
        elif request.method != "HEAD":
            curl.setopt(pycurl.NOBODY, 0)
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                curl.setopt(pycurl.POSTFIELDS, request.body)
                if not request.body:
                    headers.append("Content-Type:")  # an empty body has none
            curl.setopt(pycurl.CUSTOMREQUEST, request.method)
        if request.method != "HEAD":
            curl.setopt(pycurl.ACCEPT_ENCODING, "")  # so that the limit counts what a browser would unpack
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

    def answer(self, error: int, text: str) -> Answer:
        """What was seen, read before the handle is used again. `error` is libcurl's number, 0 for none."""
        if self._refusal is not None:
            return refused(self._refusal)
        get = self.curl.getinfo
        status = get(pycurl.RESPONSE_CODE)
        answer = Answer(error, text[:_TEXT_LIMIT], status, secure=self._tls, cut=self._cut)
        if self._cut and error == Error.WRITE_ERROR:
            answer.error, answer.text = 0, ""
        answer.head, answer.address = bytes(self._head), get(pycurl.PRIMARY_IP)
        if self._keep:
            answer.body = bytes(self._kept)
        answer.total = get(pycurl.TOTAL_TIME) * 1000
        self._read_phases(answer, error)
        if 300 <= status < 400:
            answer.redirect = get(pycurl.REDIRECT_URL)
        if self._tls:
            answer.certificate_expires = leaf_expiry(self.curl)
            answer.verify_result = get(pycurl.SSL_VERIFYRESULT)
            if error in _UNTRUSTED:
                answer.chain = chain(self.curl)
        if self._extras is not None:
            self._read_extras(answer, self._extras)
        return answer

    def _read_extras(self, answer: Answer, extras: Extras) -> None:
        get = self.curl.getinfo
        answer.version = get(pycurl.INFO_HTTP_VERSION)
        if extras.proxy is not None:
            answer.tunnel = get(pycurl.HTTP_CONNECTCODE)
        if extras.cookies is not None:
            answer.cookies = tuple(get(pycurl.INFO_COOKIELIST))

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

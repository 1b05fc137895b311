"""How does a check that is not HTTP's own get something over HTTP? One guarded exchange by libcurl within its call."""

from __future__ import annotations

from collections.abc import Sequence

from signalbox.checks.call import Call, Family
from signalbox.checks.curl import Answer, Extras, Request
from signalbox.checks.failures import failure
from signalbox.checks.trust import Trust
from signalbox.checks.urls import Place


async def fetch(
    call: Call, at: Place, method: str = "GET", headers: Sequence[str] = (), body: bytes = b"", *,
    largest: int, trust: Trust | None = None, family: Family = None, http2: bool = False,
) -> Answer:  # fmt: skip
    """Ask once, follow nothing. What goes wrong ends the check; any HTTP status is an answer.

    `largest`: bytes of the answer's body that are read, and kept; `http2`: the server is known to speak it.
    """
    addresses = await call.addresses(at.host, family)
    call.doing("no answer")
    request = Request(
        at.url, at.host, at.port, addresses, max(call.left, 0.001), method, headers, at.literal, body, largest, largest,
        _extras(at, trust, http2),
    )  # fmt: skip
    answer = await call.probe.curl.fetch(request)
    outcome = call.outcome
    outcome.connect, outcome.tls, outcome.ttfb = answer.connect, answer.tls, answer.ttfb
    outcome.certificate_expires = answer.certificate_expires
    if answer.error:
        call.evidence.note("curl", answer.text)
        call.evidence.note("chain", answer.chain)
        call.fail(*failure(answer, call.timeout))
    return answer


def _extras(at: Place, trust: Trust | None, http2: bool) -> Extras | None:
    """Over TLS, HTTP/2 where the server speaks it: RFC 8484 asks for it at least. In the clear, where that is known."""
    if at.scheme != "https":
        return Extras(version="2") if http2 else None
    trust = trust or Trust()
    return Extras(
        insecure=trust.insecure, ca=trust.ca, certificate=trust.certificate, private_key=trust.private_key,
        minimum=trust.minimum, version="2",
    )  # fmt: skip

"""Does a check always end, in time and with the right reason, whatever the server does?"""

from __future__ import annotations

import datetime
import resource
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from signalbox.checks.base import Outcome
from signalbox.checks.http import HttpCheck
from signalbox.checks.probe import Probe
from signalbox.signals import NO_ANSWER, Reason, Verdict
from tests.checks.conftest import serving
from tests.servers import hostile

SHORT = 0.6  # seconds; for checks that must run into their deadline
LONG = 20.0  # seconds; for checks that must end long before it
LATE = 10.0  # seconds after the deadline that a busy machine may need


async def ask(probe: Probe, url: str, timeout: float = LONG, **options: Any) -> Outcome:
    """One check's outcome; fails when it came much too late."""
    start = time.monotonic()
    outcome = await HttpCheck(url=url, **options).ask(probe, timeout)
    assert time.monotonic() - start < timeout + LATE
    return outcome


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (hostile.silent, "no answer within 0.6 s"),
        (hostile.drips_headers, "the answer was not complete within 0.6 s"),
        (hostile.drips_body, "the answer was not complete within 0.6 s"),
    ],
)
async def test_a_server_that_takes_its_time_is_a_timeout(
    probe: Probe, behaviour: hostile.Behaviour, words: str
) -> None:
    with hostile.Server(behaviour) as server:
        outcome = await ask(probe, server.url(), SHORT, method="GET")
    assert (outcome.verdict, outcome.reason, outcome.message) == (Verdict.DOWN, Reason.TIMEOUT, words)
    assert outcome.connect is not None
    assert outcome.tls is None
    assert not outcome.available


@pytest.mark.parametrize(
    ("behaviour", "reason", "words"),
    [
        (hostile.endless_headers, Reason.PROTOCOL, "headers are too large"),
        (hostile.one_endless_header, Reason.PROTOCOL, "headers are too large"),
        (hostile.endless_early_hints, Reason.PROTOCOL, "headers are too large"),
        (hostile.broken_gzip, Reason.PROTOCOL, "content encoding is broken"),
        (hostile.bad_chunks, Reason.PROTOCOL, "chunk"),
        (hostile.short_body, Reason.PROTOCOL, "ended before it was complete"),
        (hostile.resets_in_body, Reason.CONNECT, "broke while the answer was read"),
        (hostile.resets_at_once, Reason.CONNECT, "broke while the answer was read"),
        (hostile.closes_at_once, Reason.PROTOCOL, "without an answer"),
        (hostile.garbage, Reason.PROTOCOL, "not HTTP"),
        (hostile.http_zero_nine, Reason.PROTOCOL, "not HTTP"),
        (hostile.bad_status, Reason.PROTOCOL, "not HTTP"),
    ],
)
async def test_a_broken_answer_is_down_with_its_reason(
    probe: Probe, behaviour: hostile.Behaviour, reason: Reason, words: str
) -> None:
    with hostile.Server(behaviour) as server:
        outcome = await ask(probe, server.url(), method="GET")
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, reason), outcome
    assert words in outcome.message


@pytest.mark.parametrize("behaviour", [hostile.huge_body, hostile.gzip_bomb])
async def test_a_body_without_end_is_cut_and_the_status_counts(probe: Probe, behaviour: hostile.Behaviour) -> None:
    with hostile.Server(behaviour) as server:
        await ask(probe, server.url(), method="GET")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(5):
            outcome = await ask(probe, server.url(), method="GET")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (outcome.verdict, outcome.http_status) == (Verdict.UP, 200)
    assert "longer than 1 MB" in outcome.message
    assert grown < 50_000, f"{grown} kB more for bodies that nobody keeps"


async def test_redirects_without_end_are_given_up_after_five(probe: Probe) -> None:
    with hostile.Server(hostile.redirecting(lambda number: f"/{number}")) as server:
        outcome = await ask(probe, server.url())
        assert server.visits == 6
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.PROTOCOL)
    assert outcome.message == "more than 5 redirects"


async def test_a_redirect_to_itself_is_given_up(probe: Probe) -> None:
    with hostile.Server(hostile.redirecting("/")) as server:
        outcome = await ask(probe, server.url())
    assert (outcome.reason, outcome.message) == (Reason.PROTOCOL, "more than 5 redirects")


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:1/", "http://"])
async def test_a_redirect_out_of_the_web_is_not_followed(probe: Probe, to: str) -> None:
    with hostile.Server(hostile.redirecting(to)) as server:
        outcome = await ask(probe, server.url())
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.PROTOCOL), outcome


async def test_a_host_that_drops_every_syn_is_a_timeout_without_a_connection(probe: Probe) -> None:
    with hostile.full_backlog() as port:
        outcome = await ask(probe, f"http://127.0.0.1:{port}/", SHORT)
    assert (outcome.reason, outcome.message) == (Reason.TIMEOUT, "no connection within 0.6 s")
    assert outcome.connect is None
    assert outcome.http_status == NO_ANSWER


async def test_a_closed_port_is_refused(probe: Probe) -> None:
    with hostile.Server(hostile.silent) as server:
        url = server.url()
    outcome = await ask(probe, url)
    assert (outcome.reason, outcome.message) == (Reason.CONNECT, "no connection: refused")
    assert outcome.connect is None


async def test_the_deadline_covers_every_hop_together(probe: Probe) -> None:
    def slow_redirect(visit: hostile.Visit) -> None:
        if visit.pause(0.4):
            hostile.redirecting("/next")(visit)

    with hostile.Server(slow_redirect) as server:
        outcome = await ask(probe, server.url(), 1.0)
        assert 2 <= server.visits <= 3
    assert outcome.reason is Reason.TIMEOUT


TLS_FAULTS: dict[str, Callable[[trustme.CA], ssl.SSLContext]] = {
    "the certificate has expired": lambda authority: serving(
        authority, "127.0.0.1", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    ),
    "the certificate is for another host name": lambda authority: serving(authority, "elsewhere.example"),
    "the certificate's authority is not known": lambda _: serving(trustme.CA(), "127.0.0.1"),
}


@pytest.mark.parametrize("words", TLS_FAULTS)
async def test_an_untrusted_certificate_is_named_and_its_expiry_still_seen(
    probe: Probe, authority: trustme.CA, words: str
) -> None:
    with hostile.Server(hostile.answering(), TLS_FAULTS[words](authority)) as server:
        outcome = await ask(probe, server.url())
        assert server.requests in ([], [b""]), "nothing may be sent to a server that is not trusted"
    assert (outcome.verdict, outcome.reason, outcome.message) == (Verdict.DOWN, Reason.CERTIFICATE, words)
    assert outcome.certificate_expires is not None
    assert outcome.connect is not None
    assert outcome.tls is None


async def test_plain_http_on_a_tls_port_is_a_failed_handshake(probe: Probe) -> None:
    def answers_plainly(visit: hostile.Visit) -> None:
        visit.connection.recv(4096)
        visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with hostile.Server(answers_plainly) as server:
        outcome = await ask(probe, f"https://127.0.0.1:{server.port}/")
    assert outcome.reason is Reason.TLS
    assert "wrong version number" in outcome.message or "record" in outcome.message
    assert outcome.connect is not None
    assert outcome.tls is None


async def test_a_handshake_that_never_ends_is_a_timeout_after_the_connection(probe: Probe) -> None:
    with hostile.Server(hostile.silent) as server:
        outcome = await ask(probe, f"https://127.0.0.1:{server.port}/", SHORT)
    assert (outcome.reason, outcome.tls) == (Reason.TIMEOUT, None)
    assert outcome.connect is not None
    assert outcome.message == "the TLS handshake did not end within 0.6 s"


async def test_http_on_a_tls_server_is_a_broken_answer(probe: Probe, authority: trustme.CA) -> None:
    with hostile.Server(hostile.answering(), serving(authority, "127.0.0.1")) as server:
        outcome = await ask(probe, f"http://127.0.0.1:{server.port}/")
    assert outcome.verdict is Verdict.DOWN
    assert outcome.reason in (Reason.PROTOCOL, Reason.CONNECT)


async def test_hanging_servers_hold_up_nobody(probe: Probe) -> None:
    with hostile.Server(hostile.silent) as hanging, hostile.Server(hostile.answering()) as healthy:
        import asyncio

        stuck = [asyncio.create_task(HttpCheck(url=hanging.url()).ask(probe, 60)) for _ in range(100)]
        outcomes = await asyncio.gather(*(HttpCheck(url=healthy.url()).ask(probe, LONG) for _ in range(50)))
        assert {outcome.verdict for outcome in outcomes} == {Verdict.UP}
        assert not any(task.done() for task in stuck)
        for task in stuck:
            task.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*stuck, return_exceptions=True)
        )

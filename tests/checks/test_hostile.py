"""Does a check always end, in time and with the right reason, whatever the server does?"""

from __future__ import annotations

import asyncio
import resource
import time
from typing import Any

import pytest
import trustme

from signalbox.checks.base import Outcome
from signalbox.checks.http import HttpCheck
from signalbox.checks.probe import Probe
from signalbox.signals import NO_ANSWER, Reason, Verdict
from tests.checks.conftest import serving
from tests.servers import certificates, hostile

SHORT = 0.6  # seconds; for checks that must run into their deadline
LONG = 20.0  # seconds; for checks that must end long before it
BODIES = {"GET": None, "POST": {"json": {"hello": "there"}}}
LATE = 10.0  # seconds after the deadline that a busy machine may need


async def ask(probe: Probe, url: str, timeout: float = LONG, **options: Any) -> Outcome:
    """One check's outcome; fails when it came much too late."""
    start = time.monotonic()
    outcome = await HttpCheck(url=url, **options).ask(probe, timeout)
    assert time.monotonic() - start < timeout + LATE
    return outcome


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (hostile.silent, "no answer within 0.6 s"),
        (hostile.drips_headers, "the answer was not complete within 0.6 s"),
        (hostile.drips_body, "the answer was not complete within 0.6 s"),
    ],
)
async def test_a_server_that_takes_its_time_is_a_timeout(
    probe: Probe, behaviour: hostile.Behaviour, words: str, method: str
) -> None:
    with hostile.Server(behaviour) as server:
        outcome = await ask(probe, server.url(), SHORT, method=method, body=BODIES[method])
    assert (outcome.verdict, outcome.reason, outcome.message) == (Verdict.DOWN, Reason.TIMEOUT, words)
    assert outcome.connect is not None
    assert outcome.tls is None
    assert not outcome.available


@pytest.mark.parametrize("method", ["GET", "POST"])
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
    probe: Probe, behaviour: hostile.Behaviour, reason: Reason, words: str, method: str
) -> None:
    with hostile.Server(behaviour) as server:
        outcome = await ask(probe, server.url(), method=method, body=BODIES[method])
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


@pytest.mark.parametrize("number", range(7))
async def test_an_untrusted_certificate_is_named_and_its_expiry_still_seen(
    probe: Probe, authority: trustme.CA, number: int
) -> None:
    words, context = list(certificates.bad(authority).items())[number]
    with hostile.Server(hostile.answering(), context) as server:
        outcome = await ask(probe, server.url())
        assert server.requests in ([], [b""]), "nothing may be sent to a server that is not trusted"
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.CERTIFICATE), outcome
    assert outcome.message == words.partition(",")[0]
    assert outcome.certificate_expires is not None
    assert outcome.connect is not None
    assert outcome.tls is None


@pytest.mark.parametrize("kind", ["old", "anonymous"])
async def test_a_server_with_nothing_in_common_is_a_failed_handshake(
    probe: Probe, authority: trustme.CA, kind: str
) -> None:
    context = certificates.old(authority) if kind == "old" else certificates.anonymous()
    with hostile.Server(hostile.answering(), context) as server:
        outcome = await ask(probe, server.url())
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TLS), outcome


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
        stuck = [asyncio.create_task(HttpCheck(url=hanging.url()).ask(probe, 60)) for _ in range(100)]
        outcomes = await asyncio.gather(*(HttpCheck(url=healthy.url()).ask(probe, LONG) for _ in range(50)))
        assert {outcome.verdict for outcome in outcomes} == {Verdict.UP}
        assert not any(task.done() for task in stuck)
        for task in stuck:
            task.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*stuck, return_exceptions=True)
        )


# --- those who stand between us and the target ---


BETWEEN = [
    hostile.silent, hostile.drips_headers, hostile.endless_headers, hostile.one_endless_header,
    hostile.endless_early_hints, hostile.garbage, hostile.closes_at_once, hostile.resets_at_once, hostile.bad_status,
    hostile.huge_body,
]  # fmt: skip


@pytest.mark.parametrize("behaviour", BETWEEN)
@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_hostile_proxy_ends_by_the_deadline(probe: Probe, behaviour: hostile.Behaviour, scheme: str) -> None:
    with hostile.Server(behaviour) as proxy, hostile.Server(hostile.answering()) as server:
        start = time.monotonic()
        way = f"{scheme}://me:s3cret@127.0.0.1:{proxy.port}"
        outcome = await ask(probe, server.url(), 1.5, proxy=way)
        assert time.monotonic() - start < 1.5 + LATE
        assert server.visits == 0
    assert outcome.verdict in (Verdict.DOWN, Verdict.UNKNOWN)
    assert outcome.reason in (Reason.TIMEOUT, Reason.CONNECT, Reason.PROTOCOL), outcome
    assert "s3cret" not in f"{outcome}"


@pytest.mark.parametrize("behaviour", [*BETWEEN, hostile.drips_body, hostile.gzip_bomb, hostile.bad_chunks])
async def test_a_hostile_token_server_ends_by_the_deadline_and_is_told_as_such(
    probe: Probe, behaviour: hostile.Behaviour
) -> None:
    with hostile.Server(behaviour) as tokens, hostile.Server(hostile.answering()) as server:
        auth = {"kind": "oauth2", "url": tokens.url(), "client_id": "me", "client_secret": "s3cret"}
        outcome = await ask(probe, server.url(), 1.5, auth=auth)
        assert server.visits == 0
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.message.startswith("the token server: ")
    assert "s3cret" not in f"{outcome}"


async def test_a_redirecting_token_server_is_not_followed(probe: Probe) -> None:
    with hostile.Server(hostile.answering()) as thief, hostile.Server(hostile.redirecting(thief.url())) as tokens:
        auth = {"kind": "oauth2", "url": tokens.url(), "client_id": "me", "client_secret": "s3cret"}
        outcome = await ask(probe, thief.url(), auth=auth)
        assert thief.visits == 0
    assert outcome.message == "the token server: it answered 302 Found"


async def test_cookies_by_the_thousand_are_neither_kept_nor_sent_on(probe: Probe) -> None:
    def bomb(visit: hostile.Visit) -> None:
        visit.request()
        cookies = b"".join(b"Set-Cookie: a%d=%s; Path=/\r\n" % (number, b"x" * 3_000) for number in range(80))
        visit.send(b"HTTP/1.1 302 Found\r\nLocation: /next\r\n" + cookies + b"Content-Length: 0\r\n" + hostile.END)

    with hostile.Server(bomb) as server:
        outcome = await ask(probe, server.url(), cookies=True, redirects=20)
    assert outcome.reason is Reason.PROTOCOL
    assert max(map(len, server.requests)) < 10_000


async def test_memory_stays_flat_whatever_servers_send(probe: Probe) -> None:
    behaviours = [hostile.endless_headers, hostile.huge_body, hostile.gzip_bomb, hostile.endless_early_hints]
    before = grown = 0
    for behaviour in behaviours * 4:
        with hostile.Server(behaviour) as server:
            options = {"method": "POST", "body": "x", "cookies": True}
            await asyncio.gather(*(ask(probe, server.url(), 5.0, **options) for _ in range(5)))
        now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        before, grown = before or now, now - (before or now)
    assert grown < 100_000, f"{grown} kB more for answers that nobody keeps"

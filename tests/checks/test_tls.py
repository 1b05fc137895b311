"""Does a TLS check say what is wrong with a server's certificate, and how long it is good for?"""

from __future__ import annotations

import datetime
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from signalbox.checks.base import Outcome
from signalbox.checks.probe import Probe
from signalbox.checks.tls import TlsCheck
from signalbox.signals import Reason, Verdict
from tests.checks.asking import check_of
from tests.checks.conftest import serving
from tests.servers import certificates, hostile
from tests.servers.hostile import Server, Visit
from tests.servers.nameserver import NameServer

PATIENCE = 20.0
SHORT = 0.6


def idle(visit: Visit) -> None:
    """Shakes hands, and waits for the client to go."""
    visit.connection.recv(1)


async def ask(probe: Probe, server: Server, timeout: float = PATIENCE, **options: Any) -> Outcome:
    """One check's outcome."""
    return await TlsCheck(**{"host": "127.0.0.1", "port": server.port, **options}).ask(probe, timeout)


def lasting(authority: trustme.CA, days: float) -> ssl.SSLContext:
    """A certificate that is good for so many days more."""
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return serving(authority, "127.0.0.1", not_after=end)


async def test_a_good_certificate_is_up_and_its_expiry_is_seen(probe: Probe, authority: trustme.CA) -> None:
    with Server(idle, lasting(authority, 90)) as server:
        outcome = await ask(probe, server)
    assert (outcome.verdict, outcome.reason, outcome.available) == (Verdict.UP, Reason.OK, True), outcome
    assert outcome.evidence is None
    assert outcome.tls is not None
    assert outcome.certificate_expires is not None
    assert abs(outcome.certificate_expires / 1e6 - time.time() - 90 * 86_400) < 60


@pytest.mark.parametrize(
    ("days", "options", "verdict"),
    [
        (13, {}, Verdict.DEGRADED),
        (2, {}, Verdict.DOWN),
        (15, {}, Verdict.UP),
        (13, {"expires": {"degraded": "7d"}}, Verdict.UP),
        (13, {"expires": {"degraded": "60d", "down": "30d"}}, Verdict.DOWN),
        (2, {"expires": {"degraded": None, "down": None}}, Verdict.UP),
    ],
)
async def test_a_certificate_that_expires_soon_is_told_beforehand(
    probe: Probe, authority: trustme.CA, days: float, options: dict[str, Any], verdict: Verdict
) -> None:
    with Server(idle, lasting(authority, days)) as server:
        outcome = await ask(probe, server, **options)
    assert outcome.verdict is verdict, outcome
    if verdict is not Verdict.UP:
        assert outcome.reason is Reason.CERTIFICATE
        assert outcome.message in (
            f"the certificate expires in {days}.0 days",
            f"the certificate expires in {days - 0.1} days",
        )
        assert outcome.available is (verdict is Verdict.DEGRADED)
        assert outcome.evidence is not None
        assert "subject: " in dict(outcome.evidence)["certificates"]


@pytest.mark.parametrize("number", range(7))
async def test_a_bad_certificate_is_named_and_shown(probe: Probe, authority: trustme.CA, number: int) -> None:
    words, context = list(certificates.bad(authority).items())[number]
    with Server(idle, context) as server:
        outcome = await ask(probe, server)
        assert server.visits == 2  # once more for the chain
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.CERTIFICATE), outcome
    if number != 2:
        assert outcome.message == words.partition(",")[0]
    else:
        assert outcome.message in ("the certificate is for another address", words)
    assert outcome.evidence is not None
    assert "valid from 20" in dict(outcome.evidence)["certificates"]
    assert outcome.certificate_expires is not None


async def test_what_is_not_trusted_can_be_taken_as_it_is(probe: Probe, authority: trustme.CA) -> None:
    with Server(idle, serving(trustme.CA(), "elsewhere.example")) as server:
        assert (await ask(probe, server, tls={"insecure": True})).verdict is Verdict.UP
    other = trustme.CA()
    with Server(idle, serving(other, "127.0.0.1")) as server:
        assert (await ask(probe, server, tls={"ca": other.cert_pem.bytes().decode()})).verdict is Verdict.UP


async def test_another_name_than_the_host_may_be_asked_for(
    probe: Probe, nameserver: NameServer, authority: trustme.CA
) -> None:
    nameserver.zone["machine.test"] = ["127.0.0.1"]
    asked: list[str | None] = []
    context = serving(authority, "shop.test")
    context.sni_callback = lambda _object, name, _context: asked.append(name)
    with Server(idle, context) as server:
        right = await ask(probe, server, host="machine.test", name="shop.test")
        wrong = await ask(probe, server, host="machine.test")
    assert right.verdict is Verdict.UP, right
    assert wrong.message == "the certificate is for another host name"
    assert asked[0] == "shop.test"


async def test_a_protocol_that_is_offered_has_to_be_chosen(probe: Probe, authority: trustme.CA) -> None:
    context = serving(authority, "127.0.0.1")
    context.set_alpn_protocols(["h2"])
    with Server(idle, context) as server, Server(idle, serving(authority, "127.0.0.1")) as plain:
        assert (await ask(probe, server, alpn=["h2", "http/1.1"])).verdict is Verdict.UP
        none = await ask(probe, plain, alpn=["h2"])
    assert (none.reason, none.message) == (Reason.PROTOCOL, "the server speaks none of h2")


@pytest.mark.parametrize("kind", ["old", "anonymous", "plain", "garbage", "closes", "resets"])
async def test_a_handshake_that_fails_is_down_for_tls(probe: Probe, authority: trustme.CA, kind: str) -> None:
    behaviour, context = {
        "old": (idle, certificates.old(authority)),
        "anonymous": (idle, certificates.anonymous()),
        "plain": (lambda visit: (visit.connection.recv(64), visit.send(b"HTTP/1.1 400 No\r\n\r\n")), None),
        "garbage": (lambda visit: (visit.connection.recv(64), visit.send(b"\0\1\2\3" * 100)), None),
        "closes": (lambda visit: visit.connection.recv(64), None),
        "resets": (lambda visit: (visit.connection.recv(64), visit.reset()), None),
    }[kind]
    with Server(behaviour, context) as server:
        outcome = await ask(probe, server)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TLS), outcome
    assert outcome.message.startswith(("the TLS handshake failed", "the server closed the connection during"))


async def test_a_handshake_that_hangs_ends_by_the_deadline(probe: Probe) -> None:
    with Server(hostile.silent) as server:
        outcome = await ask(probe, server, SHORT)
    assert (outcome.reason, outcome.message) == (Reason.TIMEOUT, "the TLS handshake did not end within 0.6 s")


async def test_a_second_handshake_that_hangs_changes_nothing(probe: Probe) -> None:
    bad, count = serving(trustme.CA(), "127.0.0.1"), 0

    def behave(visit: Visit) -> None:
        nonlocal count
        count += 1
        if count > 1:
            hostile.silent(visit)
            return
        with bad.wrap_socket(visit.connection, server_side=True) as secured:
            secured.recv(1)

    with Server(behave) as server:
        outcome = await ask(probe, server, 2.0)
    assert (outcome.reason, outcome.message) == (Reason.CERTIFICATE, "the certificate's authority is not known")


DIALOGUES: dict[str, tuple[bytes, list[tuple[bytes, bytes]]]] = {
    "smtp": (
        b"220-mail\r\n220 ready\r\n",
        [(b"EHLO", b"250-mail\r\n250-PIPELINING\r\n250 STARTTLS\r\n"), (b"STARTTLS", b"220 go\r\n")],
    ),
    "imap": (b"* OK ready\r\n", [(b"a1 STARTTLS", b"* CAPABILITY IMAP4rev1\r\na1 OK go\r\n")]),
    "pop3": (b"+OK ready\r\n", [(b"STLS", b"+OK go\r\n")]),
    "ftp": (b"220 ready\r\n", [(b"AUTH TLS", b"234 go\r\n")]),
    "postgres": (b"", [(b"\0\0\0\x08", b"S")]),
}


def beginning(protocol: str, context: ssl.SSLContext, refusal: bytes = b"") -> hostile.Behaviour:
    """A server that begins in the clear; with a refusal, it says that in the end."""
    greeting, turns = DIALOGUES[protocol]

    def behave(visit: Visit) -> None:
        visit.send(greeting)
        for number, (asked, answer) in enumerate(turns, 1):
            assert visit.connection.recv(256).startswith(asked)
            visit.send(refusal if refusal and number == len(turns) else answer)
        with context.wrap_socket(visit.connection, server_side=True) as secured:
            secured.recv(1)

    return behave


REFUSALS = {
    "smtp": b"454 no\r\n", "imap": b"a1 NO\r\n", "pop3": b"-ERR\r\n", "ftp": b"500 no\r\n", "postgres": b"N",
}  # fmt: skip


@pytest.mark.parametrize("protocol", DIALOGUES)
async def test_a_connection_that_begins_in_the_clear_changes_to_tls(
    probe: Probe, authority: trustme.CA, protocol: str
) -> None:
    good, bad = serving(authority, "127.0.0.1"), serving(trustme.CA(), "127.0.0.1")
    with Server(beginning(protocol, good)) as server, Server(beginning(protocol, bad)) as untrusted:
        assert (await ask(probe, server, starttls=protocol)).verdict is Verdict.UP
        outcome = await ask(probe, untrusted, starttls=protocol)
    assert outcome.message == "the certificate's authority is not known"
    assert outcome.evidence is not None
    assert "certificates" in dict(outcome.evidence)
    with Server(beginning(protocol, good, REFUSALS[protocol])) as server, Server(hostile.silent) as hanging:
        refused = await ask(probe, server, starttls=protocol)
        stuck = await ask(probe, hanging, SHORT, starttls=protocol)
    assert (refused.verdict, refused.reason) == (Verdict.DOWN, Reason.PROTOCOL)
    assert "does not offer TLS" in refused.message
    assert (stuck.reason, stuck.message) == (Reason.TIMEOUT, "the server did not get ready for TLS within 0.6 s")


async def test_the_guard_holds(make_probe: Callable[[str], Probe], authority: trustme.CA) -> None:
    with Server(idle, serving(authority, "127.0.0.1")) as server:
        outcome = await ask(make_probe("public-only"), server)
        assert server.visits == 0
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.BLOCKED)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"expires": {"degraded": "2d", "down": "3d"}}, "degraded has to be more than down"),
        ({"name": "a b"}, "host name"),
        ({"port": 0}, "port"),
        ({"alpn": ["h 2"]}, "alpn"),
        ({"tls": {"minimum": "1.0"}}, "minimum"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TlsCheck(**{"host": "x.test", **options})
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"kind": "tls", "tls": {"minimum": 1.3}}, {"kind": "tls", "tls": {"minimum": "1.3"}}),
        ({"kind": "mqtt", "version": 5}, {"kind": "mqtt", "version": "5"}),
    ],
)
def test_a_version_may_be_written_as_the_number_that_yaml_reads(written: dict[str, Any], meant: dict[str, Any]) -> None:
    assert check_of(**written, host="example.com") == check_of(**meant, host="example.com")

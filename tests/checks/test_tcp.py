"""TCP ports: taken, refused, reset, silent, endless; what is said, and over TLS."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from tests.checks.asking import MakeProbe, asked, check_of, garbage, hanging, said
from tests.checks.conftest import serving
from tests.servers import certificates
from tests.servers.hostile import Server, Visit, full_backlog
from tests.servers.nameserver import NameServer
from tests.servers.smtp import MailServer

HERE: dict[str, Any] = {"kind": "tcp", "host": "127.0.0.1"}


def _talk(visit: Visit) -> None:
    """Says a line, waits for one, and repeats it."""
    visit.send(b"READY 7\r\n")
    heard = visit.connection.recv(1_024)
    visit.send(b"heard " + heard)


def _drip(visit: Visit) -> None:
    while visit.pause(0.05):
        visit.send(b"x")


def _flood(visit: Visit) -> None:
    while visit.pause(0):
        visit.send(b"x" * 65_536)


async def test_a_port_that_takes_connections(make_probe: MakeProbe) -> None:
    with hanging() as server:
        outcome = await asked(make_probe(), port=server.port, **HERE)
    assert said(outcome) == ("up", "ok")
    assert outcome.connect is not None
    assert outcome.evidence is None


@pytest.mark.parametrize(
    "options",
    [{"expect": "READY"}, {"matches": "READY [0-9]+\r\n"}, {"send": "hi\r\n", "expect": "heard hi"}],
)
async def test_what_is_expected_comes(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with Server(_talk) as server:
        outcome = await asked(make_probe(), port=server.port, **HERE, **options)
    assert said(outcome) == ("up", "ok"), outcome
    assert outcome.ttfb is not None


async def test_what_is_expected_does_not_come(make_probe: MakeProbe) -> None:
    with Server(_talk) as server:
        silent = await asked(make_probe(), 0.5, port=server.port, **HERE, expect="GO")
        closed = await asked(make_probe(), 3.0, port=server.port, **HERE, send="hi", expect="GO")
    assert said(silent) == ("down", "timeout")
    assert silent.message == "what was expected did not come within 0.5 s"
    assert said(closed) == ("down", "assertion")
    assert closed.evidence is not None
    assert closed.evidence[-1].text.startswith("READY 7")


@pytest.mark.parametrize(
    ("behaviour", "reason"), [(_drip, "timeout"), (_flood, "assertion"), (lambda visit: visit.reset(), "connect")]
)
async def test_who_means_harm_ends_by_the_deadline(make_probe: MakeProbe, behaviour: Any, reason: str) -> None:
    with Server(behaviour) as server:
        start = time.monotonic()
        outcome = await asked(make_probe(), 1.0, port=server.port, **HERE, expect="never")
    assert said(outcome) == ("down", reason), outcome
    assert time.monotonic() - start < 3.0


async def test_nobody_at_home(make_probe: MakeProbe) -> None:
    assert (await asked(make_probe(), port=1, **HERE)).message == "no connection: refused"


async def test_the_guard_holds(make_probe: MakeProbe) -> None:
    with hanging() as server:
        assert said(await asked(make_probe("public-only"), port=server.port, **HERE)) == ("unknown", "blocked")


async def test_a_dead_address_is_passed_over_for_one_that_lives(make_probe: MakeProbe, nameserver: NameServer) -> None:
    nameserver.zone["two.test"] = ["127.0.0.9", "127.0.0.1"]
    with hanging() as server:
        outcome = await asked(make_probe(), kind="tcp", host="two.test", port=server.port)
    assert said(outcome) == ("up", "ok"), outcome


async def test_a_name_that_leads_nowhere(make_probe: MakeProbe) -> None:
    assert said(await asked(make_probe(), kind="tcp", host="nowhere.test", port=80)) == ("down", "dns")


async def test_over_ipv6_and_not_over_it(make_probe: MakeProbe, nameserver: NameServer) -> None:
    nameserver.zone["six.test"] = ["::1"]
    with Server(lambda visit: None, family=socket.AF_INET6) as server:
        there: dict[str, Any] = {"kind": "tcp", "host": "six.test", "port": server.port}
        assert said(await asked(make_probe(), **there, family="ipv6")) == ("up", "ok")
        assert said(await asked(make_probe(), **there, family="ipv4")) == ("down", "dns")


async def test_over_tls(make_probe: MakeProbe, authority: trustme.CA) -> None:
    with Server(_talk, serving(authority, "127.0.0.1")) as server:
        good = await asked(make_probe(), port=server.port, **HERE, tls={}, expect="READY")
    with Server(_talk, serving(trustme.CA(), "127.0.0.1")) as server:
        bad = await asked(make_probe(), port=server.port, **HERE, tls={})
        blind = await asked(make_probe(), port=server.port, **HERE, tls={"insecure": True}, expect="READY")
    assert said(good) == ("up", "ok"), good
    assert good.certificate_expires is not None
    assert said(bad) == ("down", "certificate")
    assert said(blind) == ("up", "ok")
    with garbage() as server:
        assert said(await asked(make_probe(), port=server.port, **HERE, tls={})) == ("down", "tls")


async def test_from_the_clear_to_tls(make_probe: MakeProbe, authority: trustme.CA) -> None:
    with MailServer(serving(authority, "127.0.0.1")) as server:
        outcome = await asked(make_probe(), port=server.port, **HERE, starttls="smtp")
    assert said(outcome) == ("up", "ok"), outcome
    assert outcome.tls is not None


async def test_what_is_said_ahead_of_the_handshake_counts_for_nothing(make_probe: MakeProbe) -> None:
    def slips_in(visit: Visit) -> None:
        visit.send(b"+OK ready\r\n")
        visit.connection.recv(1_024)
        visit.send(b"+OK begin\r\n+OK all is well\r\n")
        visit.pause(60)

    with Server(slips_in) as server:
        outcome = await asked(make_probe(), port=server.port, **HERE, starttls="pop3", expect="all is well")
    assert said(outcome) == ("down", "tls")
    assert outcome.message == "the server said more in the clear than it may before TLS"


@pytest.mark.parametrize("number", range(7))
async def test_each_bad_certificate_is_told(make_probe: MakeProbe, authority: trustme.CA, number: int) -> None:
    words, context = list(certificates.bad(authority).items())[number]
    with Server(_talk, context) as server:
        outcome = await asked(make_probe(), port=server.port, **HERE, tls={})
    assert said(outcome) == ("down", "certificate")
    assert outcome.message == words.partition(",")[0].replace("another host name", "another address")


async def test_an_address_that_hangs_leaves_time_for_one_that_does_not(
    make_probe: MakeProbe, nameserver: NameServer
) -> None:
    with full_backlog() as port, Server(lambda visit: None, family=socket.AF_INET6, port=port) as server:
        nameserver.zone["slow.test"] = ["127.0.0.1", "::1"]
        outcome = await asked(make_probe(), 2.0, kind="tcp", host="slow.test", port=server.port)
    assert said(outcome) == ("up", "ok"), outcome


@pytest.mark.parametrize(
    "options",
    [
        {"port": 0}, {"port": 70_000}, {"host": "a b"}, {"host": "http://a"}, {"host": "1.2.3.999"}, {"expect": ""},
        {"expect": "a", "matches": "b"}, {"matches": "("}, {"starttls": "telnet"}, {"family": "ipv5"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(**{**HERE, "port": 80, **options})

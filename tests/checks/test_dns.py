"""The DNS: a real name server that is well over every transport, and others that are not."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import uvloop
from dnslib import QTYPE, RR, A, DNSRecord
from pydantic import ValidationError

from signalbox.checks import from_url
from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.resolver import Resolver
from tests.checks.asking import MakeProbe, asked, check_of, garbage, hanging, said
from tests.servers.nameserver import NameServer
from tests.servers.packets import Packets, silent
from tests.servers.process import free_port
from tests.servers.unbound import UnboundServer

TRANSPORTS = ["udp", "tcp", "dot", "doh"]


@pytest.fixture(scope="module")
def unbound(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[UnboundServer]:
    """A name server with a zone `example.test`."""
    folder = tmp_path_factory.mktemp("unbound")
    certificate = folder / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    with UnboundServer(folder, certificate) as server:
        yield server


def at(server: UnboundServer, transport: str = "udp") -> dict[str, Any]:
    """Options that ask that server that way."""
    if transport == "doh":
        return {"kind": "dns", "transport": "doh", "server": f"https://127.0.0.1:{server.https_port}/dns-query"}
    port = server.tls_port if transport == "dot" else server.port
    return {"kind": "dns", "transport": transport, "server": "127.0.0.1", "port": port}


def to(port: int, transport: str = "udp") -> dict[str, Any]:
    """Options that ask whoever is at that port."""
    if transport == "doh":
        return {"kind": "dns", "name": "example.test", "transport": "doh", "server": f"https://127.0.0.1:{port}/q"}
    return {"kind": "dns", "name": "example.test", "transport": transport, "server": "127.0.0.1", "port": port}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_name_server_that_is_well(make_probe: MakeProbe, unbound: UnboundServer, transport: str) -> None:
    outcome = await asked(make_probe(), **at(unbound, transport), name="example.test", values=["192.0.2.1"])
    assert said(outcome) == ("up", "ok"), outcome
    assert outcome.ttfb is not None
    assert (outcome.connect is None) is (transport == "udp")
    assert (outcome.certificate_expires is None) is (transport in ("udp", "tcp"))
    assert outcome.evidence is None


@pytest.mark.parametrize(
    ("type_", "name", "values"),
    [
        ("A", "example.test", ["192.0.2.2", " 192.0.2.1"]),
        ("A", "EXAMPLE.test.", ["192.0.2.2"]),
        ("AAAA", "example.test", ["2001:DB8:0::1"]),
        ("CNAME", "www.example.test", ["Other.example.test."]),
        ("MX", "example.test", ["10 mail.example.test"]),
        ("MX", "example.test", ["mail.example.test."]),
        ("NS", "example.test", ["ns.example.test"]),
        ("TXT", "example.test", ["v=spf1 -all"]),
        ("SOA", "example.test", ["ns.example.test"]),
        ("SOA", "example.test", ["ns.example.test. root.example.test. 2026112501 7200 3600 1209600 300"]),
        ("SRV", "_sip._tcp.example.test", ["1 2 5060 sip.example.test"]),
        ("SRV", "_sip._tcp.example.test", ["sip.example.test"]),
        ("CAA", "example.test", ['0 issue "ca.example.test"']),
        ("CAA", "example.test", ["ca.example.test"]),
        ("PTR", "192.0.2.1", ["example.test"]),
        ("PTR", "1.2.0.192.in-addr.arpa", ["example.test"]),
    ],
)
async def test_every_type_is_read(
    make_probe: MakeProbe, unbound: UnboundServer, type_: str, name: str, values: list[str]
) -> None:
    outcome = await asked(make_probe(), **at(unbound), name=name, type=type_, values=values)
    assert said(outcome) == ("up", "ok"), outcome


@pytest.mark.parametrize(
    ("match", "values", "verdict"),
    [
        ("all", ["192.0.2.1", "192.0.2.2"], "up"),
        ("all", ["192.0.2.1", "192.0.2.3"], "down"),
        ("any", ["192.0.2.3", "192.0.2.2"], "up"),
        ("any", ["192.0.2.3"], "down"),
        ("none", ["192.0.2.3"], "up"),
        ("none", ["192.0.2.3", "192.0.2.1"], "down"),
        ("exactly", ["192.0.2.2", "192.0.2.1"], "up"),
        ("exactly", ["192.0.2.2"], "down"),
        ("exactly", ["192.0.2.2", "192.0.2.1", "192.0.2.3"], "down"),
    ],
)
async def test_values_match_as_written(
    make_probe: MakeProbe, unbound: UnboundServer, match: str, values: list[str], verdict: str
) -> None:
    outcome = await asked(make_probe(), **at(unbound), name="example.test", values=values, match=match)
    assert outcome.verdict == verdict
    if verdict == "down":
        assert outcome.reason == "assertion"
        assert outcome.message.startswith("the A record of example.test was expected to be ")
        assert "192.0.2.2" in str(outcome.evidence)
        assert [one.passed for one in outcome.assertions] == [False]


@pytest.mark.parametrize(
    ("options", "reason", "words"),
    [
        ({"name": "nothing.example.test"}, "dns", "the name does not exist (NXDOMAIN)"),
        ({"name": "www.example.test", "type": "MX"}, "dns", "the name has no MX record"),
        ({"name": "refused.test"}, "dns", "the name server refuses to tell (REFUSED)"),
        (
            {"name": "example.test", "rcode": "NXDOMAIN"}, "assertion",
            "the response code was expected to be NXDOMAIN, but it is NOERROR",
        ),
    ],
)  # fmt: skip
async def test_what_is_not_as_expected_is_told(
    make_probe: MakeProbe, unbound: UnboundServer, options: dict[str, Any], reason: str, words: str
) -> None:
    outcome = await asked(make_probe(), **at(unbound), **options)
    assert (*said(outcome), outcome.message) == ("down", reason, words)
    assert "rcode" in dict(outcome.evidence or [])["answer"]


async def test_a_name_may_be_expected_not_to_be(make_probe: MakeProbe, unbound: UnboundServer) -> None:
    gone = {"name": "nothing.example.test", "rcode": "NXDOMAIN"}
    assert said(await asked(make_probe(), **at(unbound), **gone)) == ("up", "ok")


async def test_what_fits_no_packet_comes_by_tcp(make_probe: MakeProbe, unbound: UnboundServer) -> None:
    outcome = await asked(make_probe(), **at(unbound), name="long.example.test", type="TXT", values=[f"{19:0200}"])
    assert said(outcome) == ("up", "ok")
    assert outcome.connect is not None


async def test_without_a_server_this_machines_are_asked(make_probe: MakeProbe, nameserver: NameServer) -> None:
    nameserver.zone["www.test"] = ["192.0.2.9"]
    nameserver.aliases["alias.test"] = "www.test"
    check: dict[str, Any] = {"kind": "dns", "name": "alias.test", "values": ["192.0.2.9"]}
    assert said(await asked(make_probe("public-only"), **check)) == ("up", "ok")
    assert said(await asked(make_probe("public-only"), **check, transport="tcp")) == ("up", "ok")
    nameserver.failing.add("alias.test")
    failed = await asked(make_probe(), **check)
    assert failed.message == "the name server could not find out (SERVFAIL)"


async def test_one_that_is_dead_does_not_keep_the_next_from_being_asked(ca_file: Path, nameserver: NameServer) -> None:
    nameserver.zone["www.test"] = ["192.0.2.9"]
    with Packets(silent) as dead:
        servers = [("127.0.0.1", dead.port), ("127.0.0.1", free_port()), nameserver.address]
        with Probe(Guard.from_setting("internal"), ca_file, Resolver(servers)) as probe:
            outcome = await asked(probe, 1.5, kind="dns", name="www.test")
            assert said(outcome) == ("up", "ok")
            assert dead.asked


async def test_a_server_may_be_a_name(make_probe: MakeProbe, nameserver: NameServer, unbound: UnboundServer) -> None:
    nameserver.zone["ns.test"] = ["127.0.0.1"]
    outcome = await asked(make_probe(), **{**at(unbound), "server": "ns.test"}, name="example.test")
    assert said(outcome) == ("up", "ok")
    away = await asked(make_probe(), **{**at(unbound), "server": "away.test"}, name="example.test")
    assert said(away) == ("down", "dns")


def answer(query: bytes, address: str = "192.0.2.1") -> DNSRecord:
    """The answer to it."""
    asked = DNSRecord.parse(query)
    reply = asked.reply()
    reply.add_answer(RR(asked.q.qname, QTYPE.A, rdata=A(address)))
    return reply


async def test_a_lost_packet_is_sent_again(make_probe: MakeProbe) -> None:
    seen: list[bytes] = []

    def second(query: bytes) -> Iterable[bytes]:
        seen.append(query)
        return [answer(query).pack()] if len(seen) > 1 else []

    with Packets(second) as server:
        outcome = await asked(make_probe(), 1.2, **to(server.port))
    assert said(outcome) == ("up", "ok")
    assert len(set(seen)) == 1
    assert len(seen) == 2


async def test_what_answers_something_else_is_passed_over(make_probe: MakeProbe) -> None:
    def behave(query: bytes) -> Iterable[bytes]:
        other = bytes([query[0] ^ 1]) + query[1:]
        elsewhere = query.replace(b"example", b"exampla")
        yield answer(other, "192.0.2.66").pack()
        yield answer(elsewhere, "192.0.2.66").pack()
        yield query  # a question is no answer
        yield b""
        yield b"\xff" * 500
        yield answer(query).pack()

    with Packets(behave) as server:
        outcome = await asked(make_probe(), **to(server.port), values=["192.0.2.1"], match="exactly")
    assert said(outcome) == ("up", "ok")


async def test_who_knows_no_edns_is_asked_without(make_probe: MakeProbe) -> None:
    def old(query: bytes) -> Iterable[bytes]:
        has_edns = query[11] == 1
        return [query[:2] + b"\x81\x81" + bytes(8)] if has_edns else [answer(query).pack()]

    with Packets(old) as server:
        assert said(await asked(make_probe(), **to(server.port), values=["192.0.2.1"])) == ("up", "ok")


async def test_a_flood_ends_the_check_and_holds_nobody_up(make_probe: MakeProbe) -> None:
    def flood(_: bytes) -> Iterable[bytes]:
        return (b"\xff" * 100 for _ in range(20_000))

    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(others())
    with Packets(flood) as server:
        outcome = await asked(make_probe(), 3.0, **to(server.port))
    beside.cancel()
    assert outcome.verdict == "down"
    assert outcome.reason in ("protocol", "timeout")
    assert turns > 500


async def test_a_broken_answer_is_none(make_probe: MakeProbe) -> None:
    def broken(query: bytes) -> Iterable[bytes]:
        head = query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
        return [head + query[12 : 12 + 18] + b"\xc0\x0c\0\1\0\1\0\0\0\1\0\x40ab"]

    with Packets(broken) as server:
        outcome = await asked(make_probe(), **to(server.port))
    assert (*said(outcome), outcome.message) == ("down", "protocol", "the answer is not DNS's, or broken")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_who_hangs_is_given_up_at_the_deadline(make_probe: MakeProbe, transport: str) -> None:
    start = time.monotonic()
    if transport == "udp":
        with Packets(silent) as packets:
            outcome = await asked(make_probe(), 0.5, **to(packets.port))
            assert len(packets.asked) >= 2
    else:
        with hanging() as server:
            outcome = await asked(make_probe(), 0.5, **to(server.port, transport))
    assert said(outcome) == ("down", "timeout")
    assert "within 0.5 s" in outcome.message
    assert time.monotonic() - start < 3.0


@pytest.mark.parametrize("transport", ["tcp", "dot", "doh"])
async def test_nonsense_is_no_answer(make_probe: MakeProbe, transport: str) -> None:
    with garbage() as server:
        outcome = await asked(make_probe(), 3.0, **to(server.port, transport))
    assert outcome.verdict == "down"
    assert outcome.reason in ("protocol", "tls", "connect")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_nobody_at_home_is_a_refused_connection(make_probe: MakeProbe, transport: str) -> None:
    outcome = await asked(make_probe(), **to(free_port(), transport))
    assert (*said(outcome), outcome.message) == ("down", "connect", "no connection: refused")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_guard_holds(make_probe: MakeProbe, transport: str) -> None:
    with Packets(silent) as packets, hanging() as server:
        outcome = await asked(
            make_probe("public-only"), **to(packets.port if transport == "udp" else server.port, transport)
        )
        assert said(outcome) == ("unknown", "blocked")
        assert (packets.asked, server.visits) == ([], 0)


@pytest.mark.parametrize("transport", ["dot", "doh"])
async def test_a_name_server_that_nobody_trusts(make_probe: MakeProbe, unbound: UnboundServer, transport: str) -> None:
    other = trustme.CA().cert_pem.bytes().decode()
    outcome = await asked(make_probe(), **at(unbound, transport), name="example.test", tls={"ca": other})
    assert said(outcome) == ("down", "certificate")
    lax = await asked(make_probe(), **at(unbound, transport), name="example.test", tls={"insecure": True})
    assert said(lax) == ("up", "ok")


async def test_a_url_that_is_not_for_dns_is_told(make_probe: MakeProbe, unbound: UnboundServer) -> None:
    wrong = {**at(unbound, "doh"), "server": f"https://127.0.0.1:{unbound.https_port}/wrong"}
    outcome = await asked(make_probe(), **wrong, name="example.test")
    assert (*said(outcome), outcome.message) == ("down", "status", "the name server answered 404 Not Found")


async def test_cancelling_frees_everything(make_probe: MakeProbe) -> None:
    probe = make_probe()
    with Packets(silent) as server:
        before = len(os.listdir("/proc/self/fd"))
        tasks = [asyncio.create_task(asked(probe, **to(server.port))) for _ in range(20)]
        while len(server.asked) < 20:
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert len(os.listdir("/proc/self/fd")) == before


def test_it_runs_on_uvloop(make_probe: MakeProbe, unbound: UnboundServer) -> None:
    async def all_of_them() -> list[tuple[str, str]]:
        probe = make_probe()
        return [said(await asked(probe, **at(unbound, way), name="example.test")) for way in TRANSPORTS]

    assert uvloop.run(all_of_them()) == [("up", "ok")] * 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "192.0.2.1"}, "A records belong to a name, not to an address"),
        ({"name": "a b"}, "write a host name or an address alone"),
        ({"type": "ANY"}, "'A', 'AAAA', 'CNAME'"),
        ({"values": ["example.net"]}, "'example.net' is not an IPv4 address"),
        ({"type": "MX", "values": ["10 mail example"]}, "is not what MX records hold"),
        ({"match": "any"}, "match: any  needs  values:"),
        ({"rcode": "NXDOMAIN", "values": ["192.0.2.1"]}, "values: there are none with rcode NXDOMAIN"),
        ({"transport": "dot"}, "transport: dot  needs a server:"),
        ({"transport": "doh", "server": "http://a.test/"}, "write the URL that answers for doh"),
        ({"server": "https://a.test/"}, "a URL is for  transport: doh"),
        ({"port": 53}, "port: is the port of  server:"),
        ({"server": "192.0.2.1", "tls": {}}, "tls: is for dot and doh"),
    ],
)
def test_wrong_options_are_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        check_of(**{"kind": "dns", "name": "example.test", **options})


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("dns://192.0.2.53/example.test?type=MX", "dns://192.0.2.53/example.test?type=MX"),
        ("dns://[2001:db8::53]:5353/example.test", "dns://[2001:db8::53]:5353/example.test?type=A"),
        ("dns:example.test?class=IN;type=txt", "dns:///example.test?type=TXT"),
        ("dns:///2001:db8::1?type=PTR", f"dns:///{'1.' + '0.' * 23 + '8.b.d.0.1.0.0.2'}.ip6.arpa?type=PTR"),
    ],
)
def test_a_url_is_short_for_it(url: str, target: str) -> None:
    assert check_of(**from_url(url)).target == target


def test_the_path_of_a_private_name_server_shows_nowhere() -> None:
    check = check_of(kind="dns", name="a.test", transport="doh", server="https://u:p@dns.test/private-id")
    assert check.target == "dns://dns.test/a.test?type=A"
    assert "private-id" not in repr(check)
    assert check.peer is not None

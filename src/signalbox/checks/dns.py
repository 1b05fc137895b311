"""What does the DNS say? One question to one server: over UDP or TCP (RFC 1035), TLS (RFC 7858), HTTPS (RFC 8484)."""

from __future__ import annotations

import os
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import SplitResult, parse_qs, unquote

from pydantic import Field, field_validator, model_validator

from signalbox.checks import records
from signalbox.checks.base import AskedCheck, Outcome, Peer
from signalbox.checks.call import Call, Family, Trouble
from signalbox.checks.datagrams import Server, exchange
from signalbox.checks.evidence import Assertion
from signalbox.checks.failures import status_words
from signalbox.checks.fetches import fetch
from signalbox.checks.hosts import Port, known_host, port_of
from signalbox.checks.trust import Trust
from signalbox.checks.urls import Place, is_loopback, place
from signalbox.resolver import packets
from signalbox.signals import Reason

if TYPE_CHECKING:
    from dns.message import Message

    from signalbox.checks.probe import Probe

Transport = Literal["udp", "tcp", "dot", "doh"]
Rcode = Literal["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "NOTIMP", "FORMERR"]
_PORTS = {"udp": 53, "tcp": 53, "dot": 853, "doh": 443}
_HEADERS = ("Content-Type: application/dns-message", "Accept: application/dns-message")
_LARGEST = 65_535  # bytes of an answer
_TRUNCATED = 0x02
_PROBLEMS = {
    "NXDOMAIN": "the name does not exist (NXDOMAIN)",
    "SERVFAIL": "the name server could not find out (SERVFAIL)",
    "REFUSED": "the name server refuses to tell (REFUSED)",
}


class DnsCheck(AskedCheck):
    """A name in the DNS. Up when the name server gives the response code and the records that are expected."""

    schemes = ("dns",)
    examples = (
        {"kind": "dns", "name": "example.com", "values": ["192.0.2.1"]},
        {"kind": "dns", "name": "example.com", "type": "MX", "server": "192.0.2.53", "values": ["10 mail.example.com"]},
        {"kind": "dns", "name": "old.example.com", "rcode": "NXDOMAIN"},
        {"kind": "dns", "name": "example.com", "transport": "doh", "server": "https://dns.example.net/dns-query"},
    )

    kind: Literal["dns"] = "dns"
    name: str = Field(
        min_length=1, max_length=253, description="Name to ask for; for PTR an address will do, such as 192.0.2.7."
    )
    type: records.Type = Field("A", description="Type of the records.")
    server: str | None = Field(
        None, max_length=500,
        description="Name server to ask: name or address; for doh its URL. Without one, those of this machine.",
    )  # fmt: skip
    port: Port | None = Field(None, description="Its port; 53 for udp and tcp, 853 for dot.")
    transport: Transport = Field(
        "udp", description="udp (tcp where an answer does not fit), tcp, dot (over TLS) or doh (over HTTPS)."
    )
    values: tuple[str, ...] = Field(
        (),
        max_length=100,
        description="Records that are expected, as dig +short shows them; of MX the host alone will do.",
    )
    match: records.Match = Field(
        "all", description="Of the values: all have to be there, any of them, none, or exactly these and no others."
    )
    rcode: Rcode = Field("NOERROR", description="Response code that is expected; NXDOMAIN: there is no such name.")
    tls: Trust | None = Field(None, description="For dot and doh: whom to trust; the usual authorities by default.")
    family: Family = Field(None, description="Ask the name server only over ipv4, or only over ipv6.")

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        known_host(name)
        return name

    @field_validator("server")
    @classmethod
    def _can_be_asked(cls, server: str | None) -> str | None:
        if server is not None and "://" not in server:
            known_host(server)
        return server

    @model_validator(mode="after")
    def _server_fits(self) -> DnsCheck:
        server, secure = self.server or "", self.transport in ("dot", "doh")
        if secure and not server:
            raise ValueError(f"transport: {self.transport}  needs a server:")
        if self.transport == "doh":
            if not server.startswith("https://"):
                raise ValueError("server: write the URL that answers for doh, https://dns.example.net/dns-query")
            place(server)
        elif "://" in server:
            raise ValueError("server: write a name or an address alone; a URL is for  transport: doh")
        if self.port is not None and (not server or self.transport == "doh"):
            raise ValueError("port: is the port of  server:,  and for doh it stands in its URL")
        if self.tls is not None and not secure:
            raise ValueError(f"tls: is for dot and doh; there is none over {self.transport}")
        return self

    @model_validator(mode="after")
    def _values_fit(self) -> DnsCheck:
        if known_host(self.name)[1] and self.type != "PTR":
            raise ValueError(f"name: {self.type} records belong to a name, not to an address")
        if self.values and self.rcode != "NOERROR":
            raise ValueError(f"values: there are none with rcode {self.rcode}")
        if not self.values and self.match != "all":
            raise ValueError(f"match: {self.match}  needs  values:")
        for value in self.values:
            records.normal(self.type, value)
        return self

    @property
    def asked(self) -> str:
        """The name as it is asked for: ASCII, of an address the name that its PTR records belong to."""
        name, literal = known_host(self.name)
        return ip_address(name).reverse_pointer if literal else name

    @property
    def target(self) -> str:
        """`dns://server:port/name?type=A`, as RFC 4501 writes it; the port where it is not the usual one."""
        host, port = self.peer or ("", None)
        at = f"[{host}]" if ":" in host else host
        usual = port in (None, _PORTS[self.transport])
        return f"dns://{at}{'' if usual else f':{port}'}/{self.asked}?type={self.type}"

    @property
    def peer(self) -> Peer | None:
        """The name server; None where this machine's are asked."""
        if self.server is None:
            return None
        if self.transport == "doh":
            at = place(self.server)
            return Peer(at.host, at.port)
        return Peer(known_host(self.server)[0], self.port or _PORTS[self.transport])

    @property
    def local(self) -> bool:
        """Is the name server this machine?"""
        return self.peer is not None and is_loopback(*known_host(self.peer.host))

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """What `dns://server/name?type=A`, `dns:///name` and `dns:name` are short for (RFC 4501)."""
        asked = {name.lower(): values[-1] for name, values in parse_qs(parts.query.replace(";", "&")).items()}
        if parts.username is not None or parts.fragment or asked.keys() - {"type", "class"}:
            raise ValueError("write dns://server/name?type=A and nothing else; options go below `check:`")
        if asked.get("class", "IN").upper() != "IN":
            raise ValueError("only class IN can be asked")
        if not parts.path.strip("/"):
            raise ValueError(f"write dns:///{parts.netloc or 'example.com'} for that name, or dns://server/name")
        options = {"name": unquote(parts.path).strip("/"), "type": asked.get("type", "A").upper()}
        return (
            options
            | ({"server": parts.hostname} if parts.hostname else {})
            | ({"port": port} if (port := port_of(parts)) else {})
        )

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask the name server, and look at what it says."""
        call = Call(probe, timeout, fresh=fresh)
        async with call.held_to_time():
            question = _question(self.asked, self.type)
            self._judge(call, await self._answer(call, question), question)
        return call.outcome

    # --- asking ---

    async def _answer(self, call: Call, question: bytes) -> bytes:
        if self.transport == "doh":
            return await self._over_https(call, question)
        if self.transport != "udp":
            return await self._over_stream(call, question, await self._servers(call))
        servers = await self._servers(call)
        wire, server = await _by_packets(call, servers, question)
        if wire[3] & 15 == packets.FORMERR and self.rcode != "FORMERR":  # RFC 6891 section 7: it may not know EDNS
            wire, server = await _by_packets(call, [server], question, edns=False)
        call.evidence.note("name server", f"{server.address} port {server.port}")
        return await self._over_stream(call, question, [server]) if wire[2] & _TRUNCATED else wire

    async def _servers(self, call: Call) -> list[Server]:
        """The name server that is named, as far as the guard allows. This machine's own are asked by every check."""
        if self.server is None:
            return [Server(*one) for one in call.probe.resolver.servers()]
        port = self.port or _PORTS[self.transport]
        return [Server(address, port) for address in await call.addresses(self.server, self.family)]

    async def _over_stream(self, call: Call, question: bytes, servers: list[Server]) -> bytes:
        """Two bytes of length before each message (RFC 1035 section 4.2.2)."""
        number = int.from_bytes(os.urandom(2), "big")
        packet = packets.query(number, question)
        port = servers[0].port
        await call.connect_to([one.address for one in servers if one.port == port], port)
        if self.transport == "dot":
            await call.start_tls(self.server or "", self.tls or Trust(), ("dot",))
        await call.send(len(packet).to_bytes(2, "big") + packet)
        wire = await call.exactly(int.from_bytes(await call.exactly(2), "big"))
        fits = wire[:2] == packet[:2] and packets.is_reply(wire, question)
        call.expect(fits, "the answer is not one to what was asked")
        return wire

    async def _over_https(self, call: Call, question: bytes) -> bytes:
        packet = packets.query(0, question)  # RFC 8484 section 4.1: always the same, so that it can be cached
        at: Place = place(self.server or "")
        answer = await fetch(
            call, at, "POST", _HEADERS, packet, largest=_LARGEST, trust=self.tls, family=self.family,
        )  # fmt: skip
        if answer.status != 200:
            call.fail(Reason.STATUS, f"the name server answered {status_words(answer.status)}")
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        fits = media == "application/dns-message" and packets.is_reply(answer.body, question)
        call.expect(fits, "the answer is not DNS's message (RFC 8484)")
        return answer.body

    # --- judging ---

    def _judge(self, call: Call, wire: bytes, question: bytes) -> None:
        if self.rcode == "NOERROR":
            plain = records.addresses(self.type, wire, question)
            if plain and (not self.values or self._held(call, plain)):
                return
        answer = _parsed(call, wire)
        try:
            self._look(call, answer)
        except Trouble:
            call.evidence.note("answer", answer.to_text())
            raise

    def _look(self, call: Call, answer: Message) -> None:
        import dns.rcode

        code = dns.rcode.to_text(answer.rcode())
        if code != self.rcode:
            if self.rcode == "NOERROR":
                call.fail(Reason.DNS, _PROBLEMS.get(code, f"the name server answered {code}"))
            call.fail(Reason.ASSERTION, f"the response code was expected to be {self.rcode}, but it is {code}")
        if self.rcode != "NOERROR":
            return
        found = records.spellings(self.type, answer)
        call.expect(found or self.match == "none", f"the name has no {self.type} record", Reason.DNS)
        if self.values and not self._held(call, found):
            call.hold(call.outcome.assertions)

    def _held(self, call: Call, found: list[tuple[str, ...]]) -> bool:
        """Do the records that came fit the values wanted? The expectation is kept either way."""
        wanted = tuple(records.normal(self.type, value) for value in self.values)
        passed = records.held(self.match, wanted, found)
        expected = records.EXPECTED[self.match] + ", ".join(self.values)
        seen = ", ".join(one[0] for one in found)[:1_000] or "nothing"
        call.outcome.assertions = [Assertion(f"the {self.type} record of {self.asked}", expected, seen, passed)]
        return passed


@lru_cache(16_384)
def _question(name: str, type_: str) -> bytes:
    """The question section (RFC 1035 section 4.1.2)."""
    sections = packets.questions(name)
    if sections is None:  # `known_host` takes names only that can be
        raise ValueError(f"no name: {name!r}")
    return sections[0][:-4] + records.NUMBERS[type_].to_bytes(2, "big") + b"\0\x01"


async def _by_packets(call: Call, servers: list[Server], question: bytes, *, edns: bool = True) -> tuple[bytes, Server]:
    number = int.from_bytes(os.urandom(2), "big")
    packet, head = packets.query(number, question, edns=edns), number.to_bytes(2, "big")

    def read(wire: bytes) -> bytes | None:
        return wire if wire.startswith(head) and packets.is_reply(wire, question) else None

    return await exchange(call, servers, lambda: packet, read)


def _parsed(call: Call, wire: bytes) -> Message:
    import dns.exception
    import dns.message

    try:
        return dns.message.from_wire(wire, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        call.evidence.note("answer", wire.hex(" "))
        call.fail(Reason.PROTOCOL, "the answer is not DNS's, or broken")

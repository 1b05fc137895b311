"""Is an answer read as dnspython reads it, and is nothing that anybody may send more than malformed?"""

from __future__ import annotations

import contextlib
import struct
import time

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from signalbox.resolver import packets
from signalbox.resolver.packets import Answer, Malformed

NAMES = st.sampled_from(["a.test.", "b.test.", "WWW.a.test.", "c.other.", "deep.er.b.test."])
TTLS = st.integers(0, 0xFFFF_FFFF)
RECORDS = st.one_of(
    st.tuples(NAMES, TTLS, st.just("A"), st.ip_addresses(v=4).map(str)),
    st.tuples(NAMES, TTLS, st.just("AAAA"), st.ip_addresses(v=6).map(str)),
    st.tuples(NAMES, TTLS, st.just("CNAME"), NAMES),
    st.tuples(NAMES, TTLS, st.just("TXT"), st.just('"words"')),
)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
SOA = ("test.", 60, "SOA", "ns.test. root.test. 1 2 3 4 7")


def asked(name: str, family: str) -> bytes:
    """The question section for addresses of that family (`A`, `AAAA`)."""
    questions = packets.questions(name)
    assert questions is not None
    return questions[family == "A"]


def reply(
    name: str, family: str, answers: list[tuple[str, int, str, str]], authority: list[tuple[str, int, str, str]]
) -> bytes:
    """An answer as dnspython writes it, names compressed."""
    message = dns.message.make_response(dns.message.from_wire(packets.query(7, asked(name, family))))
    for section, records in ((message.answer, answers), (message.authority, authority)):
        section.extend(dns.rrset.from_text(owner, ttl, "IN", kind, data) for owner, ttl, kind, data in records)
    return message.to_wire()


def only_malformed(packet: bytes, question: bytes) -> None:
    """Read it; anything but an answer and Malformed is a failure."""
    packets.is_reply(packet, question)
    with contextlib.suppress(Malformed):
        assert isinstance(packets.read(packet, question), Answer)


@pytest.mark.parametrize("family", ["A", "AAAA"])
@pytest.mark.parametrize("edns", [True, False])
def test_a_question_is_what_dnspython_understands_by_it(family: str, edns: bool) -> None:
    message = dns.message.from_wire(packets.query(513, asked("Www.Example.test", family), edns=edns))
    assert (message.id, message.flags, message.payload) == (513, dns.flags.RD, 1232 if edns else 0)
    assert message.question[0].to_text() == f"www.example.test. IN {family}"


@pytest.mark.parametrize("name", ["", ".", "a..b", ".a", "a" * 64, "é.test", ".".join(["a" * 60] * 5)])
def test_what_cannot_be_a_name_is_not_asked_for(name: str) -> None:
    assert packets.questions(name) is None


@UNHURRIED
@given(family=st.sampled_from(["A", "AAAA"]), name=NAMES, records=st.lists(RECORDS, max_size=12))
def test_addresses_are_those_that_dnspython_finds(
    family: str, name: str, records: list[tuple[str, int, str, str]]
) -> None:
    packet, question = reply(name, family, records, [SOA]), asked(name, family)
    assert packets.is_reply(packet, question)
    links = [(owner.lower(), data.lower()) for owner, _, kind, data in records if kind == "CNAME"]
    if len({owner for owner, _ in links}) < len(links):
        only_malformed(packet, question)  # two aliases for one name: no answer that any server gives
        return
    message = dns.message.from_wire(packet)
    assert isinstance(message, dns.message.QueryMessage)
    try:
        chain = message.resolve_chaining()
    except dns.exception.DNSException:
        only_malformed(packet, question)
        return
    expected = {record.address for record in chain.answer} if chain.answer is not None else set()
    assert set(packets.read(packet, question).addresses) == expected


@pytest.mark.parametrize(
    ("records", "ttl"),
    [
        ([("a.test.", 50, "CNAME", "b.test."), ("b.test.", 70, "A", "10.0.0.1"), ("b.test.", 60, "A", "10.0.0.2")], 50),
        ([("a.test.", 0x8000_0000, "A", "10.0.0.1")], 0),
        ([("a.test.", 5, "CNAME", "b.test.")], 5),
        ([("a.test.", 500, "CNAME", "b.test.")], 7),
        ([], 7),
    ],
)
def test_an_answer_holds_as_long_as_the_shortest_of_what_it_stands_on(
    records: list[tuple[str, int, str, str]], ttl: float
) -> None:
    assert packets.read(reply("a.test", "A", records, [SOA]), asked("a.test", "A")).ttl == ttl


@UNHURRIED
@given(st.binary(max_size=600))
def test_any_bytes_are_an_answer_or_malformed(packet: bytes) -> None:
    only_malformed(packet, asked("a.test", "A"))


@UNHURRIED
@given(
    counts=st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
    rest=st.lists(
        st.sampled_from(
            [b"\xc0\x0c", b"\xc0\x18", b"\xc0\xff", b"\xff\xff", b"\x01a", b"\0", b"\x3f", b"\0\x01\0\x01"]
        ),
        max_size=80,
    ).map(b"".join),
)
@example(counts=(1, 0), rest=b"\xc0\x18")  # a name that points to itself
@example(counts=(1, 0), rest=b"\x01a\xc0\x18")  # and one that comes back
def test_pointers_that_lead_anywhere_end(counts: tuple[int, int], rest: bytes) -> None:
    question = asked("a.test", "A")
    only_malformed(struct.pack("!HHHHHH", 7, 0x8180, 1, *counts, 0) + question + rest, question)


@UNHURRIED
@given(data=st.data())
def test_an_answer_with_bytes_changed_or_cut_off_is_an_answer_or_malformed(data: st.DataObject) -> None:
    records = [("a.test.", 5, "CNAME", "b.test."), ("b.test.", 5, "AAAA", "::1"), ("b.test.", 5, "AAAA", "::2")]
    packet = bytearray(reply("a.test", "AAAA", records, [SOA]))
    for _ in range(data.draw(st.integers(0, 6))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    only_malformed(bytes(packet[: data.draw(st.integers(0, len(packet)))]), asked("a.test", "AAAA"))


def test_the_worst_packet_costs_little() -> None:
    question = asked("a.test", "A")
    labels = b"\x01a" * 100 + b"\0"
    start = 12 + len(question)
    first = labels + struct.pack("!HHIH", 5, 1, 60, 2) + b"\xc0\x0c"
    record = struct.pack("!H", 0xC000 | start) + struct.pack("!HHIH", 5, 1, 60, 2) + struct.pack("!H", 0xC000 | start)
    packet = struct.pack("!HHHHHH", 7, 0x8180, 1, 0xFFFF, 0xFFFF, 0) + question + first + record * 4000
    begin = time.process_time()
    only_malformed(packet[:65_535], question)
    assert time.process_time() - begin < 1


def test_aliases_in_a_circle_are_malformed() -> None:
    packet = reply("a.test", "A", [("a.test.", 5, "CNAME", "b.test."), ("b.test.", 5, "CNAME", "a.test.")], [])
    with pytest.raises(Malformed, match="aliases lead nowhere"):
        packets.read(packet, asked("a.test", "A"))


def test_the_reply_to_another_question_is_none() -> None:
    question, packet = asked("a.test", "A"), reply("a.test", "A", [], [])
    assert packets.is_reply(packet, question)
    assert packets.is_reply(packet.replace(b"\x01a\x04test", b"\x01A\x04TEST"), question)
    assert not packets.is_reply(packet, asked("b.test", "A"))
    assert not packets.is_reply(packet, asked("a.test", "AAAA"))
    assert not packets.is_reply(packets.query(7, question), question), "a question is no reply"


def test_a_server_that_cannot_tell_says_why() -> None:
    message = dns.message.from_wire(packets.query(7, asked("a.test", "A")))
    for code, words in ((dns.rcode.SERVFAIL, "SERVFAIL"), (dns.rcode.REFUSED, "REFUSED"), (dns.rcode.YXDOMAIN, "6")):
        answer = dns.message.make_response(message)
        answer.set_rcode(code)
        read = packets.read(answer.to_wire(), asked("a.test", "A"))
        assert not read.final
        assert words in read.problem

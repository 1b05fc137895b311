"""What is said to a name server, and what does it answer, in bytes? (RFC 1035 section 4, EDNS: RFC 6891.)

Only what finding addresses needs. Answers come from anybody, so reading one costs little, ends, and raises nothing
but `Malformed`, whatever the bytes are.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop
from typing import NamedTuple

FORMERR, SERVFAIL = 1, 2
_NOERROR, _NXDOMAIN = 0, 3
_WORDS = {FORMERR: "FORMERR", SERVFAIL: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}

_A, _AAAA, _CNAME, _SOA, _IN = 1, 28, 5, 6, 1
_TYPES = {_A: (AF_INET, 4), _AAAA: (AF_INET6, 16)}
_ENDS = (struct.pack("!HH", _AAAA, _IN), struct.pack("!HH", _A, _IN))
_REPLY, _TRUNCATED, _RECURSE = 0x8000, 0x0200, 0x0100

_PAYLOAD = 1232  # bytes over UDP (DNS flag day 2020)
_EDNS = struct.pack("!BHHIH", 0, 41, _PAYLOAD, 0, 0)
_HEAD = struct.Struct("!HHHHH")  # flags, then how many questions, answers, authorities, additional records
_HEAD_EDNS, _HEAD_PLAIN = _HEAD.pack(_RECURSE, 1, 0, 0, 1), _HEAD.pack(_RECURSE, 1, 0, 0, 0)
_QUESTION = 12  # where it starts
_TO_QUESTION = b"\xc0\x0c"  # a compression pointer to the question's name, as nearly every record begins
_RECORD = struct.Struct("!HHIH")  # type, class, ttl, length

_LONGEST_LABEL, _LONGEST_NAME = 63, 254  # bytes with their lengths, without the root
_LONGEST_TTL, _FOR_EVER = 0x7FFF_FFFF, float("inf")  # seconds
_MOST_RECORDS, _MOST_ALIASES, _MOST_POINTERS = 512, 16, 32


class Malformed(ValueError):
    """These bytes are no answer."""


class Answer(NamedTuple):
    """What one packet said. `final`: it tells the name's addresses, or that there are none; `ttl`: for how many s.

    Else `problem` says why the server cannot tell, or the answer is `truncated`.
    """

    addresses: tuple[str, ...] = ()
    problem: str = ""
    ttl: float = 0.0
    final: bool = False
    truncated: bool = False
    rcode: int = 0


@lru_cache(8192)
def questions(name: str) -> tuple[bytes, bytes] | None:
    """The question sections for a full name's IPv6 and IPv4 addresses; None when there cannot be such a name."""
    try:
        labels = name.lower().removesuffix(".").encode("ascii").split(b".")
    except UnicodeEncodeError:
        return None
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        return None
    owner = b"".join([bytes((len(label),)) + label for label in labels])
    if len(owner) > _LONGEST_NAME:
        return None
    owner += b"\0"
    return owner + _ENDS[0], owner + _ENDS[1]


def query(number: int, question: bytes, *, edns: bool = True) -> bytes:
    """A packet that asks it, recursion desired."""
    if edns:
        return number.to_bytes(2, "big") + _HEAD_EDNS + question + _EDNS
    return number.to_bytes(2, "big") + _HEAD_PLAIN + question


def is_reply(packet: bytes, question: bytes) -> bool:
    """Does the packet answer that question? One that says it could not read our packet need not repeat it."""
    if len(packet) < _QUESTION or not packet[2] & 0x80:
        return False
    if packet[4] == 0 and packet[5] == 1:
        asks = packet.startswith(question, _QUESTION)
        return asks or packet[_QUESTION : _QUESTION + len(question)].lower() == question
    return packet[4] == packet[5] == 0 and packet[3] & 15 == FORMERR


def read(packet: bytes, question: bytes) -> Answer:
    """What a packet says that answers this question. Raises Malformed and nothing else."""
    try:
        return _read(packet, question)
    except (struct.error, IndexError):
        raise Malformed("it ends too early") from None


def _read(packet: bytes, question: bytes) -> Answer:
    flags, _, answers, authorities, _ = _HEAD.unpack_from(packet, 2)
    rcode = flags & 15
    if rcode not in (_NOERROR, _NXDOMAIN):
        return Answer((), _WORDS.get(rcode, f"response code {rcode}"), rcode=rcode)
    if flags & _TRUNCATED:
        return Answer(truncated=True)
    records = _Records(packet, question)
    at = records.read(_QUESTION + len(question), answers) if answers else _QUESTION + len(question)
    addresses, ttl = records.chain() if answers else ((), _FOR_EVER)
    if addresses:
        return Answer(addresses, "", ttl, True)
    if authorities:
        records.read(at, authorities)
    problem = "the name does not exist" if rcode == _NXDOMAIN else "the name has no address"
    return Answer((), problem, min(ttl, records.negative_ttl), True)


class _Records:
    """The records of a packet that matter to a question, read one after the other."""

    def __init__(self, packet: bytes, question: bytes) -> None:
        self._packet, self._asked, self._type = packet, question[:-5], question[-3]
        self._addresses: dict[bytes, dict[str, int]] = {}
        self._aliases: dict[bytes, tuple[bytes, int]] = {}
        self.negative_ttl = 0

    def read(self, at: int, count: int) -> int:
        """Read so many records from there on, as far as it is worth it; where they end."""
        packet, wanted = self._packet, self._type
        for _ in range(min(count, _MOST_RECORDS)):
            if packet.startswith(_TO_QUESTION, at):
                owner, at = self._asked, at + 2
            else:
                owner, at = self._name(at)
            type_, class_, ttl, length = _RECORD.unpack_from(packet, at)
            start, at = at + 10, at + 10 + length
            if at > len(packet):
                raise Malformed("a record ends outside the packet")
            if ttl > _LONGEST_TTL:  # RFC 2181 section 8
                ttl = 0
            if class_ != _IN:
                continue
            if type_ == wanted:
                family, size = _TYPES[type_]
                if length != size:
                    raise Malformed("an address has a wrong length")
                self._addresses.setdefault(owner, {})[inet_ntop(family, packet[start:at])] = ttl
            elif type_ == _CNAME:
                self._aliases[owner] = self._name(start)[0], ttl
            elif type_ == _SOA and length >= 4:
                self.negative_ttl = min(ttl, int.from_bytes(packet[at - 4 : at], "big"))
        return at

    def chain(self) -> tuple[tuple[str, ...], float]:
        """The addresses where the aliases lead, and how long all of it holds, in seconds."""
        name, ttl = self._asked, _FOR_EVER
        for _ in range(_MOST_ALIASES):
            if name in self._addresses:
                found = self._addresses[name]
                return tuple(found), min(ttl, *found.values())
            if name not in self._aliases:
                return (), ttl
            name, seconds = self._aliases[name]
            ttl = min(ttl, seconds)
        raise Malformed("its aliases lead nowhere")

    def _name(self, at: int) -> tuple[bytes, int]:
        """The name there in small letters, as lengths and labels without the root, and where it ends.

        Each pointer leads to before where the last one led, so this ends.
        """
        packet, labels, size, pointers = self._packet, [], 0, 0
        after, before = 0, at
        while length := packet[at]:
            if length <= _LONGEST_LABEL:
                labels.append(packet[at : at + 1 + length])
                at += 1 + length
                size += 1 + length
                if size > _LONGEST_NAME:
                    raise Malformed("a name is too long")
            else:
                to = (length & 0x3F) << 8 | packet[at + 1]
                pointers += 1
                if length < 0xC0 or to >= before or pointers > _MOST_POINTERS:
                    raise Malformed("a pointer in a name leads nowhere")
                after = after or at + 2
                at = before = to
        return b"".join(labels).lower(), after or at + 1

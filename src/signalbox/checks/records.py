"""When is a DNS record what somebody expected? Values as people write them, and the ways a record may be written."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Literal

from signalbox.resolver import packets

if TYPE_CHECKING:
    from dns.message import Message

Type = Literal["A", "AAAA", "CNAME", "MX", "NS", "TXT", "SOA", "SRV", "CAA", "PTR"]
Match = Literal["all", "any", "none", "exactly"]
NUMBERS = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "CAA": 257,
}  # fmt: skip
_ADDRESSES: dict[str, type[IPv4Address | IPv6Address]] = {"A": IPv4Address, "AAAA": IPv6Address}
_FIELDS = {"MX": 2, "SRV": 4, "CAA": 3, "SOA": 7}  # of the whole record; the last alone will do, of an SOA the first
_MOST_ALIASES, _MOST_RECORDS = 16, 1_000


@lru_cache(8_192)
def normal(type_: str, value: str) -> str:
    """An expected value in a spelling of `spellings`. ValueError says what to write instead."""
    if type_ in _ADDRESSES:
        try:
            return str(_ADDRESSES[type_](value.strip()))
        except ValueError:
            raise ValueError(f"{value!r} is not an {'IPv4' if type_ == 'A' else 'IPv6'} address") from None
    if type_ == "TXT":
        return value
    words = value.split()
    if len(words) not in (1, _FIELDS.get(type_, 1)):
        raise ValueError(f"{value!r} is not what {type_} records hold; write one as dig +short shows it, or its name")
    if type_ == "CAA":
        return " ".join([*(word.lower() for word in words[:-1]), words[-1].strip('"')])
    return " ".join(_name(word) for word in words)


def _name(text: object) -> str:
    return str(text).lower().removesuffix(".")


def _texts(*fields: object) -> str:
    return " ".join(map(str, fields))


# The ways to write a record of a type, the whole one first.
_SPELLINGS: dict[str, Callable[[Any], tuple[str, ...]]] = {
    "A": lambda data: (data.address,),
    "AAAA": lambda data: (str(IPv6Address(data.address)),),
    "CNAME": lambda data: (_name(data.target),),
    "NS": lambda data: (_name(data.target),),
    "PTR": lambda data: (_name(data.target),),
    "MX": lambda data: (_texts(data.preference, _name(data.exchange)), _name(data.exchange)),
    "TXT": lambda data: (b"".join(data.strings).decode("utf-8", errors="replace"),),
    "SRV": lambda data: (_texts(data.priority, data.weight, data.port, _name(data.target)), _name(data.target)),
    "CAA": lambda data: (_texts(data.flags, _text(data.tag), _text(data.value)), _text(data.value)),
    "SOA": lambda data: (
        _texts(
            _name(data.mname), _name(data.rname), data.serial, data.refresh, data.retry, data.expire, data.minimum
        ),
        _name(data.mname),
    ),
}  # fmt: skip


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def spellings(type_: str, answer: Message) -> list[tuple[str, ...]]:
    """The records of that type that answer the question, where aliases lead; each in the ways to write it."""
    import dns.rdatatype

    wanted, write = dns.rdatatype.from_text(type_), _SPELLINGS[type_]
    by_name = {(rrset.name, rrset.rdtype): rrset for rrset in answer.answer}
    name = answer.question[0].name
    for _ in range(_MOST_ALIASES):
        if (name, wanted) in by_name:
            return [write(data) for data in list(by_name[name, wanted])[:_MOST_RECORDS]]
        alias = by_name.get((name, dns.rdatatype.CNAME))
        if alias is None:
            return []
        name = alias[0].target
    return []


def addresses(type_: str, wire: bytes, question: bytes) -> list[tuple[str, ...]]:
    """The same for A and AAAA, at a third of the cost, where the answer is plain; else nothing."""
    if type_ not in _ADDRESSES:
        return []
    try:
        found = packets.read(wire, question).addresses
    except packets.Malformed:
        return []
    return [(address,) if type_ == "A" else (str(IPv6Address(address)),) for address in found[:_MOST_RECORDS]]


def held(match: str, wanted: tuple[str, ...], found: list[tuple[str, ...]]) -> bool:
    """Do the records that came fit the values wanted?"""
    there = [any(value in one for one in found) for value in wanted]
    match match:
        case "any":
            return any(there)
        case "none":
            return not any(there)
        case "exactly":
            return all(there) and all(any(value in one for value in wanted) for one in found)
    return all(there)


EXPECTED = {"all": "", "any": "one of ", "none": "none of ", "exactly": "exactly "}  # in words, before the values

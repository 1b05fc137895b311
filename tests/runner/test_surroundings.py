"""Gateways and name servers are read from what Linux says, and nothing that it might say breaks the reading."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from signalbox.runner.surroundings import Surroundings, gateways, look, resolvers

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
ZEROS = "0" * 32


def hexadecimal(address: str) -> str:
    """An IPv4 address as the kernel prints it on this machine."""
    return f"{int.from_bytes(bytes(map(int, address.split('.'))), sys.byteorder):08X}"


def route(
    gateway: str, metric: int = 0, destination: str = "0.0.0.0", mask: str = "0.0.0.0", flags: str = "0003"
) -> str:
    """A line of /proc/net/route."""
    words = ("eth0", hexadecimal(destination), hexadecimal(gateway), flags, "0", "0", metric, hexadecimal(mask))
    return "\t".join(map(str, (*words, 0, 0, 0))) + "\n"


def route_6(gateway: str, flags: str = "00000003", length: str = "00", metric: str = "00000400") -> str:
    """A line of /proc/net/ipv6_route."""
    return f"{ZEROS} {length} {ZEROS} 00 {gateway} {metric} 00000002 00000000 {flags}     eth0\n"


def test_the_gateway_of_the_default_route_is_found_the_preferred_first() -> None:
    text = HEAD + route("192.0.2.9", metric=600) + route("192.0.2.1", metric=100) + route("192.0.2.1", metric=700)
    assert gateways(text, "") == ("192.0.2.1", "192.0.2.9")


@pytest.mark.parametrize(
    "line",
    [
        route("10.0.0.1", destination="10.0.0.0", mask="255.0.0.0"),
        route("0.0.0.0", flags="0001"),  # straight out of the interface: a tunnel
        route("10.0.0.1", flags="0002"),  # not up
        route("10.0.0.1", flags="0203"),  # rejected
        "eth0 hardly a route\n",
        "eth0\tGGGG\t0\t3\t0\t0\t0\t0\n",
    ],
)
def test_what_is_no_default_route_has_no_gateway(line: str) -> None:
    assert gateways(HEAD + line, "") == ()


def test_a_gateway_on_the_link_has_its_zone() -> None:
    on_link, far = "fe800000000000000000000000000001", "20010db8000000000000000000000001"
    text = route_6(on_link) + route_6(far, metric="00000100") + route_6(far, length="40") + route_6(ZEROS, "00200200")
    assert gateways("", text) == ("2001:db8::1", "fe80::1%eth0")


def test_a_name_server_on_this_machine_counts_as_those_that_it_asks() -> None:
    stub = "# a comment\nnameserver 127.0.0.53\noptions edns0\nsearch example.com\n"
    assert resolvers(stub) == ()
    assert resolvers(stub, "nameserver 192.0.2.53\nnameserver fe80::1%eth0\n") == ("192.0.2.53", "fe80::1%eth0")
    docker = "nameserver 127.0.0.11\n\n# ExtServers: [192.0.2.53 host(127.0.0.53)]\n"
    assert resolvers(docker) == ("192.0.2.53",)


def test_name_servers_elsewhere_are_found_each_once() -> None:
    text = "nameserver 192.0.2.53 # ours\nnameserver not-an-address\n nameserver 2001:db8::53\nnameserver 192.0.2.53\n"
    assert resolvers(text, "nameserver 198.51.100.1\n") == ("192.0.2.53", "2001:db8::53")


def test_a_machine_that_tells_nothing_leans_on_nobody(tmp_path: Path) -> None:
    assert look(tmp_path) == Surroundings()
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "resolv.conf").write_bytes(b"\xff\xfe nameserver\nnameserver 192.0.2.53\n")
    assert look(tmp_path) == Surroundings((), ("192.0.2.53",))

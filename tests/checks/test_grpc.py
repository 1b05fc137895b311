"""gRPC's health check, against the library's own server."""

from __future__ import annotations

from typing import Any

import pytest
import trustme

from tests.checks.asking import MakeProbe, asked, check_of, said
from tests.servers.grpcs import STATES, GrpcServer
from tests.servers.hostile import END, OK, Server, Visit

THERE: dict[str, Any] = {"kind": "grpc", "host": "127.0.0.1"}


async def test_a_server_and_its_services(make_probe: MakeProbe) -> None:
    probe = make_probe()
    with GrpcServer() as server:
        server.set("shop.Orders", STATES.SERVING)
        server.set("shop.Stock", STATES.NOT_SERVING)
        server.set("shop.Mail", STATES.UNKNOWN)
        there = {**THERE, "port": server.port}
        assert said(await asked(probe, **there)) == ("up", "ok")
        assert said(await asked(probe, **there, service="shop.Orders")) == ("up", "ok")
        for service, words in (
            ("shop.Stock", "it is not serving"), ("shop.Mail", "its state is unknown"),
            ("shop.None", "there is no such service"),
        ):  # fmt: skip
            outcome = await asked(probe, **there, service=service)
            assert said(outcome) == ("down", "assertion"), outcome
            assert outcome.message == words


async def test_over_tls(make_probe: MakeProbe, authority: trustme.CA) -> None:
    for issuer, wanted in ((authority, ("up", "ok")), (trustme.CA(), ("down", "certificate"))):
        pem = issuer.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes()
        with GrpcServer(pem) as server:
            outcome = await asked(make_probe(), **THERE, port=server.port, tls={})
        assert said(outcome) == wanted, outcome


async def test_a_server_without_a_health_check(make_probe: MakeProbe) -> None:
    with GrpcServer(healthy=False) as server:
        outcome = await asked(make_probe(), **THERE, port=server.port)
    assert said(outcome) == ("down", "assertion")
    assert outcome.message == "the server has no health check (grpc.health.v1)"


async def test_a_web_server_is_no_grpc_server(make_probe: MakeProbe) -> None:
    def web(visit: Visit) -> None:
        visit.request()
        visit.send(OK + b"Content-Length: 2\r\n" + END + b"hi")

    with Server(web) as server:
        outcome = await asked(make_probe(), 3.0, **THERE, port=server.port)
    assert said(outcome) == ("down", "protocol"), outcome


@pytest.mark.parametrize("code", [b"9" * 5_000, b"1234", b"-1", b"zero"])
async def test_a_status_that_is_none_is_no_answer(make_probe: MakeProbe, code: bytes) -> None:
    head = b"\x88" + b"\x0f\x10\x10application/grpc"  # :status 200, content-type from the static table
    field = b"\x00\x0bgrpc-status\x7f" + _hpack_integer(len(code) - 127) + code if len(code) > 126 else (
        b"\x00\x0bgrpc-status" + bytes([len(code)]) + code
    )  # fmt: skip

    def answer(visit: Visit) -> None:
        visit.connection.recv(65_536)
        visit.send(_frame(4, 0, 0, b"") + _frame(1, 5, 1, head + field))
        visit.pause(5)

    with Server(answer) as server:
        outcome = await asked(make_probe(), 3.0, **THERE, port=server.port)
    assert (said(outcome), outcome.message) == (("down", "protocol"), "the answer has no grpc-status")


def _frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    """A frame of HTTP/2 (RFC 9113 section 4.1)."""
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body


def _hpack_integer(value: int) -> bytes:
    """What follows a prefix that is full (RFC 7541 section 5.1)."""
    digits = b""
    while value >= 128:
        digits += bytes((value % 128 + 128,))
        value //= 128
    return digits + bytes((value,))


def test_names_are_bounded() -> None:
    with pytest.raises(ValueError, match="pattern"):
        check_of(**THERE, port=1, service="bücher")
    with pytest.raises(ValueError, match="127"):
        check_of(**THERE, port=1, service="x" * 128)

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


def test_names_are_bounded() -> None:
    with pytest.raises(ValueError, match="127"):
        check_of(**THERE, port=1, service="x" * 128)

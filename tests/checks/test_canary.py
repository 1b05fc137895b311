"""A canary answers when anybody does, be it with a refusal."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from signalbox.checks.canary import Canary, answers, parse
from tests.servers.process import free_port


@pytest.fixture
def listening() -> Iterator[Canary]:
    """Somebody who accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Canary("127.0.0.1", server.getsockname()[1])


@pytest.fixture
def silent() -> Iterator[Canary]:
    """Somebody whose queue is full: connections to it are neither accepted nor refused."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield Canary("127.0.0.1", server.getsockname()[1])


async def test_who_accepts_answers(listening: Canary) -> None:
    assert await answers(listening, 2.0)


async def test_who_refuses_answers_too() -> None:
    assert await answers(Canary("127.0.0.1", free_port()), 2.0)


async def test_who_is_silent_does_not_answer_and_takes_no_longer_than_allowed(silent: Canary) -> None:
    started = time.monotonic()
    assert not await answers(silent, 0.3)
    assert 0.25 < time.monotonic() - started < 2.0


async def test_an_address_that_no_route_leads_to_does_not_answer() -> None:
    assert not await answers(Canary("fe80::1%no-such-link", 53), 1.0)


@pytest.mark.parametrize(
    ("text", "canary"),
    [
        ("1.1.1.1:443", Canary("1.1.1.1", 443)),
        (" 10.0.0.1:53 ", Canary("10.0.0.1", 53)),
        ("[2606:4700:4700:0::1111]:443", Canary("2606:4700:4700::1111", 443)),
    ],
)
def test_a_canary_is_an_address_and_a_port(text: str, canary: Canary) -> None:
    assert parse(text) == canary
    assert parse(str(canary)) == canary


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.1.1.1", "is not an address with a port"),
        ("", "is not an address with a port"),
        ("1.1.1.1:https", "is not an address with a port"),
        ("1.1.1.1:0", "port that is not from 1 to 65535"),
        ("1.1.1.1:65536", "port that is not from 1 to 65535"),
        ("one.one.one.one:443", "does not begin with an address"),
        ("2606:4700:4700::1111:443", "is not an address with a port"),
        ("[1.1.1.1]:443", "is not an address of one host"),
        ("0.0.0.0:80", "is not an address of one host"),
        ("224.0.0.1:80", "is not an address of one host"),
        ("127.0.0.1:80", "is this machine itself"),
        ("[::1]:80", "is this machine itself"),
        ("[fe80::1%eth0]:80", "has a zone"),
        ("1.1.1.1:٤٤٣", "is not an address with a port"),
    ],
)
def test_what_is_no_canary_is_refused_with_words(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        parse(text)
    assert "such as 1.1.1.1:443" in str(refused.value)

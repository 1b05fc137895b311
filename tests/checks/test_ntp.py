"""Time servers: a real one that is well, one that has no time, and those that lie."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from signalbox.checks import from_url
from signalbox.checks.ntp import seconds
from signalbox.clock import MICROS
from tests.checks.asking import MakeProbe, asked, check_of, said
from tests.servers.chrony import ChronyServer
from tests.servers.packets import Packets, silent
from tests.servers.process import free_port


def telling(
    ahead: float = 0.0, *, leap: int = 0, stratum: int = 2, reference: bytes = b"GPS\0", mode: int = 4
) -> Callable[[bytes], Iterable[bytes]]:
    """A time server whose clock is that many seconds ahead of ours."""

    def behave(query: bytes) -> Iterable[bytes]:
        now = int((time.time() + ahead + 2_208_988_800) * 2**32) % 2**64
        head = struct.pack("!BBbbII4s8s", leap << 6 | 4 << 3 | mode, stratum, 6, -20, 0, 0, reference, bytes(8))
        return [head + query[40:48] + struct.pack("!QQ", now, now)]

    return behave


def to(port: int) -> dict[str, Any]:
    """Options that ask whoever is at that port."""
    return {"kind": "ntp", "host": "127.0.0.1", "port": port}


async def test_a_time_server_that_is_well(make_probe: MakeProbe, tmp_path: Path) -> None:
    with ChronyServer(tmp_path, stratum=8) as server:
        outcome = await asked(make_probe(), **to(server.port))
        assert said(outcome) == ("up", "ok"), outcome
        assert outcome.ttfb is not None
        assert [one.seen for one in outcome.assertions if one.what == "stratum"] == ["8"]
        far = await asked(make_probe(), **to(server.port), stratum=7)
    assert far.message == "stratum was expected to be at most 7, but it is 8"


async def test_a_time_server_without_time(make_probe: MakeProbe, tmp_path: Path) -> None:
    with ChronyServer(tmp_path, stratum=None) as server:
        outcome = await asked(make_probe(), **to(server.port))
    assert (*said(outcome), outcome.message) == ("down", "assertion", "the server's own clock is not synchronised")


@pytest.mark.parametrize(
    ("behaviour", "verdict", "words"),
    [
        (telling(0.5), "up", ""),
        (telling(-2.5), "degraded", "offset was expected to be within 1 s of our clock, but it is -2."),
        (telling(90), "down", "offset was expected to be within 60 s of our clock, but it is +"),
        (telling(leap=3), "down", "the server's own clock is not synchronised"),
        (telling(stratum=16), "down", "stratum was expected to be at most 15, but it is 16"),
        (telling(leap=3, stratum=0, reference=b"RATE"), "down", "the server gives no time: it wants to be asked less"),
        (telling(stratum=0, reference=b"\xff\x00<b>"), "down", "the server gives no time"),
    ],
)  # fmt: skip
async def test_what_a_server_says_is_judged(
    make_probe: MakeProbe, behaviour: Callable[[bytes], Iterable[bytes]], verdict: str, words: str
) -> None:
    with Packets(behaviour) as server:
        outcome = await asked(make_probe(), **to(server.port), offset={"degraded": "1s", "down": "60s"})
    assert outcome.verdict == verdict
    assert outcome.message.startswith(words)
    assert "<b>" not in outcome.message
    assert outcome.message or verdict == "up"


async def test_a_clock_far_off_is_degraded_unless_a_limit_says_down(make_probe: MakeProbe) -> None:
    with Packets(telling(86_400)) as server:
        outcome = await asked(make_probe(), **to(server.port))
    assert said(outcome) == ("degraded", "assertion")
    assert "offset" in dict(outcome.evidence or [])["reply"]


async def test_what_answers_nothing_of_ours_is_passed_over(make_probe: MakeProbe) -> None:
    def behave(query: bytes) -> Iterable[bytes]:
        yield from telling(500)(query[:40] + bytes(8))
        yield from telling(500, mode=3)(query)
        yield b"\x24" * 47
        yield from telling()(query)

    with Packets(behave) as server:
        assert said(await asked(make_probe(), **to(server.port))) == ("up", "ok")
        tells_of_us = {query[:40] for query in server.asked}
    assert tells_of_us == {b"\x23" + bytes(39)}


async def test_who_hangs_is_given_up_at_the_deadline(make_probe: MakeProbe) -> None:
    start = time.monotonic()
    with Packets(silent) as server:
        outcome = await asked(make_probe(), 0.5, **to(server.port))
        assert len(set(server.asked)) == len(server.asked) >= 2
    assert (*said(outcome), outcome.message) == ("down", "timeout", "no answer within 0.5 s")
    assert time.monotonic() - start < 3.0


async def test_nobody_at_home_is_a_refused_connection(make_probe: MakeProbe) -> None:
    assert said(await asked(make_probe(), **to(free_port()))) == ("down", "connect")


async def test_the_guard_holds(make_probe: MakeProbe) -> None:
    with Packets(silent) as server:
        assert said(await asked(make_probe("public-only"), **to(server.port))) == ("unknown", "blocked")
        assert server.asked == []


def test_timestamps_go_on_after_2036() -> None:
    later = 2_085_978_500  # February 2036, four seconds after the era's end
    assert seconds(4 << 32, later * MICROS) == later
    assert seconds((2**32 - 1) << 32, later * MICROS) == later - 5


@pytest.mark.parametrize(
    "options", [{"stratum": 16}, {"offset": {"degraded": "2s", "down": "1s"}}, {"offset": {"down": 0}}]
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(kind="ntp", host="192.0.2.1", **options)


def test_a_url_is_short_for_it() -> None:
    assert check_of(**from_url("ntp://time.test")).target == "ntp://time.test:123"

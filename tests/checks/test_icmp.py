"""Pings: to this machine, and over a cable to a host that answers, loses packets, refuses, or is dead."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from pydantic import ValidationError

from signalbox.checks import from_url
from tests.checks.asking import MakeProbe, asked, check_of, said
from tests.servers.far import GATEWAY, NEAR, Far
from tests.servers.process import Process, program

ROOT = Path(__file__).parents[2]
DEAD = "10.213.7.99"  # nobody at the far end has it
UNPRIVILEGED = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    """A cable with a host at its far end."""
    with Far(tmp_path_factory.mktemp("far")) as cable:
        yield cable


def run(far: Far, namespace: str, *command: str) -> str:
    """What a program prints that is run there."""
    done = subprocess.run(far.at(namespace, command), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked_there(far: Far, timeout: float = 3.0, *, before: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
    """The outcome of a check that is asked once from the near end of the cable."""
    check = json.dumps({"kind": "icmp", "interval": 0.02, **options})
    out = run(far, far.near, *before, sys.executable, "-m", "tests.checks.ask_here", check, str(timeout))
    outcome: dict[str, Any] = json.loads(out)
    return outcome


@contextmanager
def ruled(far: Far, rule: str) -> Iterator[None]:
    """The far end's packets go by that rule of nftables meanwhile."""
    nft = program("nft", "/usr/sbin/nft")
    run(far, far.far, nft, f"table ip rules {{ chain incoming {{ type filter hook input priority 0; {rule}; }}; }}")
    try:
        yield
    finally:
        run(far, far.far, nft, "delete table ip rules")


@contextmanager
def pings_allowed(far: Far, groups: str) -> Iterator[None]:
    """At the near end these groups may send pings without privilege meanwhile."""
    before = run(far, far.near, "cat", "/proc/sys/net/ipv4/ping_group_range").split()
    allow = "echo $0 > /proc/sys/net/ipv4/ping_group_range"
    run(far, far.near, "sh", "-c", allow, groups)
    try:
        yield
    finally:
        run(far, far.near, "sh", "-c", allow, " ".join(before))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_this_machine_answers(make_probe: MakeProbe, host: str) -> None:
    outcome = await asked(make_probe(), kind="icmp", host=host, interval=0.01)
    assert said(outcome) == ("up", "ok"), outcome
    assert outcome.ttfb == outcome.total
    assert outcome.ttfb is not None
    assert 0 < outcome.ttfb < 1000
    assert outcome.assertions[0].seen == "0 %"
    assert "jitter" in outcome.assertions[1].seen


@pytest.mark.parametrize(("host", "family"), [("::1", "ipv4"), ("127.0.0.1", "ipv6")])
async def test_a_family_may_be_demanded(make_probe: MakeProbe, host: str, family: str) -> None:
    outcome = await asked(make_probe(), kind="icmp", host=host, family=family)
    assert said(outcome) == ("down", "dns")


async def test_the_guard_holds(make_probe: MakeProbe) -> None:
    assert said(await asked(make_probe("public-only"), kind="icmp", host="127.0.0.1")) == ("unknown", "blocked")


async def test_many_at_once_do_not_take_each_others_answers(make_probe: MakeProbe) -> None:
    probe = make_probe()
    check: dict[str, Any] = {"kind": "icmp", "host": "127.0.0.1", "count": 10, "interval": 0.01}
    outcomes = await asyncio.gather(*(asked(probe, **check) for _ in range(50)))
    assert {said(one) for one in outcomes} == {("up", "ok")}


async def test_a_process_that_is_late_sends_all_the_same(make_probe: MakeProbe) -> None:
    async def hold_up() -> None:
        for _ in range(5):
            time.sleep(0.06)
            await asyncio.sleep(0)

    check = asked(make_probe(), kind="icmp", host="127.0.0.1", interval=0.01)
    outcome, _ = await asyncio.gather(check, hold_up())
    assert outcome.assertions[0].seen == "0 %"


async def test_cancelling_frees_everything(make_probe: MakeProbe) -> None:
    probe, before = make_probe(), len(os.listdir("/proc/self/fd"))
    slow: dict[str, Any] = {"kind": "icmp", "host": "127.0.0.1", "interval": 2}
    tasks = [asyncio.create_task(asked(probe, **slow)) for _ in range(20)]
    while len(os.listdir("/proc/self/fd")) < before + 20:
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(os.listdir("/proc/self/fd")) == before


def test_it_runs_on_uvloop(make_probe: MakeProbe) -> None:
    outcome = uvloop.run(asked(make_probe(), kind="icmp", host="127.0.0.1"))
    assert said(outcome) == ("up", "ok")


def test_a_host_that_is_dead_is_down(far: Far) -> None:
    start = time.monotonic()
    outcome = asked_there(far, 1.0, host=DEAD)
    assert (outcome["verdict"], outcome["message"]) == ("down", "none of 3 pings came back within 1 s")
    assert time.monotonic() - start < 10.0


def test_a_host_that_no_way_leads_to_is_down(far: Far) -> None:
    outcome = asked_there(far, host="fd00:1::1")
    assert (outcome["verdict"], outcome["reason"]) == ("down", "connect")


@pytest.mark.parametrize(
    ("loss", "verdict"), [({}, "up"), ({"degraded": 50}, "degraded"), ({"degraded": 20, "down": 50}, "down")]
)
def test_packets_that_are_lost_are_counted(far: Far, loss: dict[str, Any], verdict: str) -> None:
    with ruled(far, "icmp type echo-request numgen inc mod 2 0 drop"):
        outcome = asked_there(far, host=GATEWAY, count=10, loss=loss)
    assert outcome["verdict"] == verdict
    assert outcome["seen"][0] == "50 %"
    if verdict != "up":
        assert outcome["message"].startswith("loss was expected to be below ")
        assert outcome["evidence"]["pings"].startswith("5 of 10 came back\n")


def test_answers_that_are_slow_are_told(far: Far) -> None:
    outcome = asked_there(far, host=GATEWAY, latency={"down": "0.001ms"})
    assert (outcome["verdict"], outcome["reason"]) == ("down", "slow")
    assert outcome["message"].startswith("round trip was expected to be at most 0.001 ms, but it is ")


def test_a_host_that_refuses_is_down(far: Far) -> None:
    with ruled(far, "icmp type echo-request reject with icmp type host-unreachable"):
        outcome = asked_there(far, 0.8, host=GATEWAY)
    assert outcome["verdict"] == "down"
    assert outcome["reason"] in ("connect", "timeout")


def test_without_privilege_the_kernel_may_let_us(far: Far) -> None:
    with pings_allowed(far, "0 2147483647"):
        assert asked_there(far, host=GATEWAY, before=tuple(UNPRIVILEGED))["verdict"] == "up"
        assert asked_there(far, host="::1", before=tuple(UNPRIVILEGED))["verdict"] == "up"


def test_where_pings_are_not_allowed_it_is_unknown_and_says_what_to_do(far: Far) -> None:
    with pings_allowed(far, "1 0"):
        outcome = asked_there(far, host=GATEWAY, before=tuple(UNPRIVILEGED))
    assert (outcome["verdict"], outcome["reason"]) == ("unknown", "internal")
    assert "net.ipv4.ping_group_range" in outcome["message"]
    assert "CAP_NET_RAW" in outcome["message"]


FORGING = f"""
import socket, struct, time
place = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
place.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)
print("ready", flush=True)
while True:
    for number in range(3):
        place.sendto(struct.pack("!BBHHH", 0, 0, (~number) & 0xffff, 0, number), ("{NEAR}", 0))
    time.sleep(0.01)
"""


def test_answers_that_somebody_makes_up_do_not_count(far: Far, tmp_path: Path) -> None:
    forging = Process(far.at(far.far, [sys.executable, "-c", FORGING]), tmp_path, "forging")
    with ruled(far, "icmp type echo-request drop"), forging:
        forging.start(lambda: "ready" in forging.output())
        outcome = asked_there(far, 1.0, host=GATEWAY)
    assert (outcome["verdict"], outcome["message"]) == ("down", "none of 3 pings came back within 1 s")


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"count": 11}, {"loss": {"down": 0}}, {"loss": {"degraded": 50, "down": 40}}, {"port": 1}]
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(kind="icmp", host="192.0.2.1", **options)


@pytest.mark.parametrize(
    ("url", "target"), [("icmp://Host.test", "icmp://host.test"), ("ping://[::1]", "icmp://[::1]")]
)
def test_a_url_is_short_for_it(url: str, target: str) -> None:
    assert check_of(**from_url(url)).target == target


def test_a_url_with_more_is_refused() -> None:
    with pytest.raises(ValueError, match="write icmp://host and nothing else"):
        from_url("icmp://user:password@host.test")

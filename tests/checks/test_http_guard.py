"""Does the guard hold on every way that an HTTP check can take to an address?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signalbox.checks.base import Outcome
from signalbox.checks.http import HttpCheck
from signalbox.checks.probe import Probe
from signalbox.signals import Reason, Verdict
from tests.checks.test_http import LOOPBACK_SPELLINGS
from tests.servers.hostile import Server, answering, redirecting
from tests.servers.nameserver import NameServer
from tests.servers.proxy import connecting, socks

PATIENCE = 20.0
METADATA = [
    "169.254.169.254", "169.254.43518", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]", "[fe80::1]",
    "169.254.170.2", "100.100.100.200", "168.63.129.16", "meta.test", "meta6.test", "alias.test", "①⑥⑨.254.169.254",
]  # fmt: skip
ZONE = {
    "meta.test": ["169.254.169.254"], "meta6.test": ["64:ff9b::a9fe:a9fe"], "end.test": ["169.254.169.254"],
    "loop.test": ["127.0.0.1"], "loop6.test": ["::ffff:7f00:1"],
}  # fmt: skip


@pytest.fixture
def names(nameserver: NameServer) -> NameServer:
    """A name server with names of forbidden addresses."""
    nameserver.zone |= ZONE
    nameserver.aliases["alias.test"] = "end.test"
    return nameserver


async def ask(probe: Probe, url: str, **options: Any) -> Outcome:
    """One check's outcome."""
    return await HttpCheck(url=url, **options).ask(probe, PATIENCE)


def is_blocked(outcome: Outcome) -> bool:
    """Was it not asked, and told so?"""
    return (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.BLOCKED)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("host", METADATA)
async def test_no_way_leads_to_where_clouds_hand_out_credentials(probe: Probe, host: str) -> None:
    """Even the most open guard never lets anybody there: at once, by a redirect, through proxies, for a token."""
    forbidden, asked = f"http://{host}/latest", list[bytes]()
    with Server(redirecting(forbidden)) as start, Server(connecting(asked)) as proxy, Server(socks([])) as other:
        token = {"kind": "oauth2", "url": forbidden, "client_id": "a", "client_secret": "b"}
        outcomes = [
            await ask(probe, forbidden),
            await ask(probe, start.url()),
            await ask(probe, forbidden, proxy=proxy.url()),
            await ask(probe, start.url(), proxy=proxy.url()),
            await ask(probe, forbidden, proxy=f"socks5h://127.0.0.1:{other.port}"),
            await ask(probe, start.url(), auth=token),
            await ask(probe, start.url(), proxy=f"http://{host}:3128"),
            await ask(probe, "https" + forbidden[4:], version="2"),
            await ask(probe, "https" + forbidden[4:], version="3"),
        ]
        assert all(map(is_blocked, outcomes)), outcomes
        assert (len(asked), other.visits, start.visits) == (1, 0, 2)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("host", [host for host in LOOPBACK_SPELLINGS if host != "alias.test"])
async def test_no_spelling_of_loopback_passes_public_only_on_any_way(
    make_probe: Callable[[str], Probe], host: str
) -> None:
    probe = make_probe("public-only")
    with Server(answering()) as server:
        there = server.url(host=host)
        token = {"kind": "oauth2", "url": there, "client_id": "a", "client_secret": "b"}
        outcomes = [
            await ask(probe, there, method="POST", body="x"),
            await ask(probe, "http://192.0.2.1/", proxy=f"http://{host}:{server.port}"),
            await ask(probe, "http://1.1.1.1/", proxy=f"http://{host}:{server.port}"),
            await ask(probe, there, proxy="http://1.1.1.1:3128"),
            await ask(probe, there, proxy="socks5://1.1.1.1:1080"),
            await ask(probe, "http://1.1.1.1/", auth=token),
        ]
        assert all(map(is_blocked, outcomes)), outcomes
        assert server.visits == 0


async def test_a_name_server_that_changes_its_mind_is_not_believed(make_probe: Callable[[str], Probe]) -> None:
    """Rebinding, by a name server of the check's own, on a redirect within the same name."""
    probe = make_probe("127.0.0.1/32")
    with NameServer({"a.test": ["127.0.0.1"]}, ttl=0) as own, Server(answering()) as server:
        at = f"127.0.0.1:{own.address[1]}"
        check = HttpCheck(url=server.url(host="a.test"), resolver=at)
        assert (await check.ask(probe, PATIENCE)).verdict is Verdict.UP
        for address in ("127.0.0.2", "::ffff:7f00:2", "169.254.169.254", "64:ff9b::a9fe:a9fe"):
            own.zone["a.test"] = [address]
            assert is_blocked(await check.ask(probe, PATIENCE, fresh=True)), address
        assert server.visits == 1


@pytest.mark.parametrize("resolver", ["127.0.0.1", "10.0.0.53:5353", "[::1]:53", "::ffff:127.0.0.1", "169.254.169.253"])
async def test_a_name_server_inside_is_not_asked_under_public_only(
    make_probe: Callable[[str], Probe], resolver: str
) -> None:
    outcome = await ask(make_probe("public-only"), "http://a.test/", resolver=resolver)
    assert is_blocked(outcome)
    assert outcome.message.startswith("the name server is not asked: ")

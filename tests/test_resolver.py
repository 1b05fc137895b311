"""Does the resolver find names as libc would, and do dead names hold up nobody?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.resolver import Resolver, network
from tests.servers.nameserver import NameServer
from tests.servers.process import free_port


@pytest.fixture
def nameserver() -> Iterator[NameServer]:
    """A name server with one name."""
    with NameServer({"a.test": ["127.0.0.1", "::1"]}) as server:
        yield server


@pytest.fixture
def resolver(nameserver: NameServer) -> Iterator[Resolver]:
    """An open resolver that asks it."""
    yield from opened(Resolver([nameserver.address]))


def opened(resolver: Resolver) -> Iterator[Resolver]:
    """Open for the time of a test."""
    resolver.open()
    yield resolver
    resolver.close()


async def test_both_families_are_found(resolver: Resolver) -> None:
    lookup = await resolver.lookup("a.test")
    assert set(lookup.addresses) == {"127.0.0.1", "::1"}
    assert lookup.took > 0


async def test_a_known_name_is_not_asked_again_unless_fresh(resolver: Resolver, nameserver: NameServer) -> None:
    assert resolver.cached("a.test") is None
    await resolver.lookup("a.test")
    again = await resolver.lookup("a.test")
    assert again.took == 0
    assert resolver.cached("a.test") == again
    assert nameserver.asked["a.test", "A"] == 1
    await resolver.lookup("a.test", fresh=True)
    assert nameserver.asked["a.test", "A"] == 2


async def test_lookups_of_one_name_at_one_time_are_one(resolver: Resolver, nameserver: NameServer) -> None:
    lookups = await asyncio.gather(*(resolver.lookup("a.test") for _ in range(100)))
    assert len({lookup.addresses for lookup in lookups}) == 1
    assert nameserver.asked["a.test", "A"] == 1


async def test_a_thousand_dead_names_change_nothing_for_the_healthy_ones_beside_them(nameserver: NameServer) -> None:
    nameserver.dead_suffix = ".dead.test"
    nameserver.zone |= {f"h{number}.test": ["127.0.0.1"] for number in range(100)}
    for resolver in opened(Resolver([nameserver.address])):
        dead = [asyncio.create_task(resolver.lookup(f"d{number}.dead.test")) for number in range(1000)]
        await asyncio.sleep(0)
        for fresh in (False, True):
            healthy = await asyncio.gather(*(resolver.lookup(f"h{number}.test", fresh=fresh) for number in range(100)))
            assert {(lookup.addresses, lookup.problem) for lookup in healthy} == {(("127.0.0.1",), "")}
        assert not all(task.done() for task in dead), "a healthy name waited until the dead ones were given up"
    ended = await asyncio.gather(*dead, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended)


async def test_a_name_that_nobody_answers_for_is_given_up(nameserver: NameServer) -> None:
    nameserver.dead.add("dead.test")
    for resolver in opened(Resolver([nameserver.address], patience=0.3)):
        for _ in range(2):
            lookup = await resolver.lookup("dead.test", fresh=True)
            assert (lookup.addresses, lookup.problem) == ((), "no name server answered within 0.3 s")


async def test_a_name_that_does_not_exist_is_said_and_remembered_briefly(
    resolver: Resolver, nameserver: NameServer
) -> None:
    for _ in range(2):
        assert (await resolver.lookup("no.test")).problem == "the name does not exist"
    assert nameserver.asked["no.test", "A"] == 1


async def test_a_name_without_addresses_says_so(resolver: Resolver, nameserver: NameServer) -> None:
    nameserver.zone["empty.test"] = []
    assert (await resolver.lookup("empty.test")).problem == "the name has no address"


async def test_an_alias_leads_to_the_addresses_of_its_end(resolver: Resolver, nameserver: NameServer) -> None:
    nameserver.aliases["www.test"] = "a.test"
    assert set((await resolver.lookup("www.test")).addresses) == {"127.0.0.1", "::1"}


async def test_an_answer_that_does_not_fit_is_fetched_over_tcp(resolver: Resolver, nameserver: NameServer) -> None:
    nameserver.zone["big.test"] = [f"10.0.0.{number}" for number in range(1, 200)]
    nameserver.truncated.add("big.test")
    assert len((await resolver.lookup("big.test")).addresses) == 199


async def test_a_server_that_keeps_quiet_about_one_family_delays_little(
    resolver: Resolver, nameserver: NameServer
) -> None:
    nameserver.quiet_types.add("AAAA")
    lookup = await resolver.lookup("a.test")
    assert lookup.addresses == ("127.0.0.1",)


async def test_a_server_that_cannot_tell_ends_the_lookup(resolver: Resolver, nameserver: NameServer) -> None:
    nameserver.failing.add("bad.test")
    assert (await resolver.lookup("bad.test")).problem == "the name server could not tell (SERVFAIL)"


async def test_the_next_server_is_asked_when_one_is_silent_or_cannot_tell(nameserver: NameServer) -> None:
    with NameServer({"b.test": ["127.0.0.3"]}) as failing:
        failing.failing.add("a.test")
        failing.dead.add("b.test")
        nameserver.zone["b.test"] = ["127.0.0.2"]
        for resolver in opened(Resolver([failing.address, ("127.0.0.1", free_port()), nameserver.address])):
            assert set((await resolver.lookup("a.test")).addresses) == {"127.0.0.1", "::1"}
            assert (await resolver.lookup("b.test")).addresses == ("127.0.0.2",)


async def test_sockets_are_replaced_when_they_have_asked_their_share(
    resolver: Resolver, nameserver: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "_QUESTIONS", 5)
    nameserver.zone |= {f"n{number}.test": ["127.0.0.1"] for number in range(100)}
    lookups = await asyncio.gather(*(resolver.lookup(f"n{number}.test") for number in range(100)))
    assert all(lookup.addresses for lookup in lookups)


async def test_localhost_needs_no_server(tmp_path: Path) -> None:
    nowhere = tmp_path / "missing"
    for resolver in opened(Resolver(resolv_conf=nowhere, hosts=nowhere)):
        assert (await resolver.lookup("localhost")).addresses == ("127.0.0.1", "::1")
        assert (await resolver.lookup("a.LOCALHOST.")).addresses == ("127.0.0.1", "::1")


async def test_the_hosts_file_comes_first(tmp_path: Path, nameserver: NameServer) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("# mine\n10.0.0.1 a.test other  # two\n::5 A.test\nbroken line\n\n")
    for resolver in opened(Resolver([nameserver.address], hosts=hosts)):
        assert (await resolver.lookup("a.test")).addresses == ("10.0.0.1", "::5")
        assert (await resolver.lookup("other")).addresses == ("10.0.0.1",)
    assert not nameserver.asked


@pytest.mark.parametrize(
    ("conf", "name", "found"),
    [
        ("search corp.test\n", "api", "api.corp.test"),
        ("domain corp.test\n", "api", "api.corp.test"),
        ("search corp.test\noptions ndots:3\n", "api.x.y", "api.x.y.corp.test"),
        ("", "api", "api"),
        ("search corp.test\noptions ndots:0\n", "api", "api"),
        ("search corp.test\n", "api.x", "api.x"),
        ("search corp.test\n", "api.", "api"),
    ],
)
async def test_the_search_list_applies_as_resolv_conf_says(
    tmp_path: Path, nameserver: NameServer, conf: str, name: str, found: str
) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(f"nameserver 127.0.0.1\n{conf}")
    nameserver.zone = {
        candidate: [f"10.0.0.{number}"]
        for number, candidate in enumerate(
            ["api", "api.corp.test", "api.x", "api.x.corp.test", "api.x.y", "api.x.y.corp.test"]
        )
    }
    for resolver in opened(Resolver([nameserver.address], resolv_conf=path, hosts=tmp_path / "none")):
        assert (await resolver.lookup(name)).addresses == tuple(nameserver.zone[found])


async def test_a_waiter_that_gives_up_does_not_end_the_lookup_for_others(
    resolver: Resolver, nameserver: NameServer
) -> None:
    nameserver.dead.add("late.test")
    first = asyncio.create_task(resolver.lookup("late.test"))
    second = asyncio.create_task(resolver.lookup("late.test"))
    while not nameserver.asked["late.test", "A"]:
        await asyncio.sleep(0.01)
    first.cancel()
    nameserver.zone["late.test"] = ["127.0.0.1"]
    nameserver.dead.clear()
    assert (await second).addresses == ("127.0.0.1",)


def test_two_event_loops_share_one_resolver(resolver: Resolver, nameserver: NameServer) -> None:
    for _ in range(2):
        assert asyncio.run(resolver.lookup("a.test")).addresses
    assert nameserver.asked["a.test", "A"] == 1


async def test_closing_cancels_what_is_under_way_and_opening_again_works(nameserver: NameServer) -> None:
    resolver = Resolver([nameserver.address])
    nameserver.dead.add("dead.test")
    resolver.open()
    waiting = asyncio.create_task(resolver.lookup("dead.test"))
    while not nameserver.asked["dead.test", "A"]:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(resolver.close)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(RuntimeError, match="not open"):
        await resolver.lookup("a.test")
    resolver.open()
    assert (await resolver.lookup("a.test")).addresses
    resolver.close()

"""Are name servers of somebody's choice asked by few resolvers, and by none that others still need?"""

from __future__ import annotations

import threading

from signalbox.resolver import Resolvers
from tests.servers.nameserver import NameServer


def threads() -> int:
    """Resolver threads that run."""
    return sum(thread.name == "signalbox-resolver" for thread in threading.enumerate())


async def test_one_resolver_for_each_name_server_is_shared() -> None:
    resolvers, before = Resolvers(), threads()
    with NameServer({"a.test": ["192.0.2.1"]}) as server:
        at = server.address
        with resolvers.at(at) as one, resolvers.at(at) as other:
            assert one is other
            assert one is not None
            assert (await one.lookup("a.test")).addresses == ("192.0.2.1",)
        assert threads() == before + 1
        resolvers.close()
    assert threads() == before


async def test_the_machine_s_own_names_say_nothing_about_another_name_server() -> None:
    resolvers = Resolvers()
    with NameServer({"box.test": ["192.0.2.1"]}) as server:
        with resolvers.at(server.address) as resolver:
            assert resolver is not None
            assert (await resolver.lookup("box")).problem == "the name does not exist"
        resolvers.close()


def test_the_one_not_used_for_longest_makes_room_and_one_in_use_never_does() -> None:
    resolvers, before = Resolvers(most=2), threads()
    servers = [("127.0.0.1", port) for port in (1, 2, 3)]
    with resolvers.at(servers[0]) as first, resolvers.at(servers[1]) as second:
        with resolvers.at(servers[2]) as none:
            assert none is None
        assert first is not second
    with resolvers.at(servers[2]) as third, resolvers.at(servers[1]) as again:
        assert third is not None
        assert again is second
        assert threads() == before + 2
    resolvers.close()
    assert threads() == before

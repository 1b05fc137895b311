"""Does the resolver believe only who was asked, ask whoever is left, and blame no name for what we did not fetch?"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from signalbox.resolver import Resolver, packets
from signalbox.resolver.turns import Turns
from tests.servers.nameserver import NameServer
from tests.servers.process import free_port

A = b"\0\1\0\1"


@pytest.fixture
def nameserver() -> Iterator[NameServer]:
    """A name server with one name."""
    with NameServer({"a.test": ["127.0.0.1"]}) as server:
        yield server


@contextmanager
def answering(answer: Callable[[bytes], list[bytes]]) -> Iterator[tuple[str, int]]:
    """A server that sends those packets for each that it gets, as (address, port)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as served:
        served.bind(("127.0.0.1", 0))

        def serve() -> None:
            while query := served.recvfrom(4096):
                if not query[0]:
                    return
                for packet in answer(query[0]):
                    served.sendto(packet, query[1])

        thread = threading.Thread(target=serve)
        thread.start()
        yield served.getsockname()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", served.getsockname())
        thread.join()


@contextmanager
def answering_at(port: int) -> Iterator[None]:
    """A server at that port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as served:
        served.bind(("127.0.0.1", port))

        def serve() -> None:
            for _ in range(2):
                query, peer = served.recvfrom(4096)
                served.sendto(reply(query, "10.0.0.1"), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


@contextmanager
def opened(*servers: tuple[str, int], patience: float = 5.0) -> Iterator[Resolver]:
    """A resolver that asks these, for the time of a block."""
    resolver = Resolver(list(servers), patience=patience)
    resolver.open()
    yield resolver
    resolver.close()


def reply(query: bytes, address: str, code: int = 0) -> bytes:
    """That the name has this address, and no IPv6 address."""
    question = query[12 : query.index(0, 12) + 5]
    has = question.endswith(A)
    record = b"\xc0\x0c" + A + (60).to_bytes(4, "big") + b"\0\4" + socket.inet_aton(address) if has else b""
    return query[:2] + bytes([0x81, 0x80 | code, 0, 1, 0, has, 0, 0, 0, 0]) + question + record


@pytest.mark.parametrize(
    "forge",
    [
        lambda query: bytes([query[0] ^ 1]) + reply(query, "6.6.6.6")[1:],
        lambda query: reply(query, "6.6.6.6").replace(b"\4test", b"\4evil"),
        lambda query: query,
        lambda query: query[:2],
        lambda query: b"",
    ],
    ids=["another number", "another question", "no reply", "cut off", "empty"],
)
async def test_a_packet_that_is_no_reply_to_our_question_changes_nothing(forge: Callable[[bytes], bytes]) -> None:
    with answering(lambda query: [forge(query), reply(query, "10.0.0.1")]) as server, opened(server) as resolver:
        assert (await resolver.lookup("a.test")).addresses == ("10.0.0.1",)


async def test_a_packet_from_elsewhere_changes_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        ours: list[int] = []

        def forge(query: bytes) -> list[bytes]:
            for port in ours:
                elsewhere.sendto(reply(query, "6.6.6.6"), ("127.0.0.1", port))
            return [reply(query, "10.0.0.1")]

        with answering(forge) as server, opened(server) as resolver:
            await resolver.lookup("first.test")
            places = resolver._desk._network._sockets[server]  # type: ignore[union-attr]
            ours += [place._socket.getsockname()[1] for place in places]
            assert (await resolver.lookup("a.test")).addresses == ("10.0.0.1",)


async def test_numbers_and_ports_are_not_to_be_guessed() -> None:
    seen: list[int] = []

    def note(query: bytes) -> list[bytes]:
        seen.append(int.from_bytes(query[:2], "big"))
        return [reply(query, "10.0.0.1")]

    with answering(note) as server, opened(server) as resolver:
        await asyncio.gather(*(resolver.lookup(f"n{number}.test") for number in range(200)))
        places = resolver._desk._network._sockets[server]  # type: ignore[union-attr]
        ports = [place._socket.getsockname()[1] for place in places]
    steps = {second - first for first, second in pairwise(seen)}
    assert len(steps) > len(seen) * 0.9
    assert len(set(ports)) == len(ports) == 8


async def test_a_server_where_nobody_listens_costs_no_time(nameserver: NameServer) -> None:
    with opened(("127.0.0.1", free_port()), nameserver.address) as resolver:
        lookup = await resolver.lookup("a.test")
    assert lookup.addresses == ("127.0.0.1",)
    assert nameserver.asked["a.test", "A"] == 1
    assert lookup.took < 0.45, "it was asked at once, not in its turn after half a second"


async def test_names_are_asked_for_again_when_no_server_listens_for_a_moment() -> None:
    with opened(("127.0.0.1", port := free_port())) as resolver:
        waiting = asyncio.create_task(resolver.lookup("a.test"))
        await asyncio.sleep(0.3)
        with answering_at(port):
            assert (await waiting).addresses == ("10.0.0.1",)


async def test_no_server_at_all_is_said() -> None:
    with opened(("127.0.0.1", free_port()), patience=0.3) as resolver:
        assert (await resolver.lookup("a.test")).problem == "no name server can be reached"


async def test_a_server_that_kept_quiet_is_asked_after_the_others(nameserver: NameServer) -> None:
    nameserver.zone["b.test"] = ["127.0.0.2"]
    with NameServer() as dead:
        dead.dead |= {"a.test", "b.test"}
        with opened(dead.address, nameserver.address) as resolver:
            assert (await resolver.lookup("a.test")).took >= 0.4
            assert (await resolver.lookup("b.test")).addresses == ("127.0.0.2",)
        assert not dead.asked["b.test", "A"]


async def test_a_server_that_does_not_know_edns_is_asked_without() -> None:
    def old(query: bytes) -> list[bytes]:
        refusal = query[:2] + bytes([0x81, 0x80 | packets.FORMERR]) + bytes(8)
        return [refusal if query[11] else reply(query, "10.0.0.1")]

    with answering(old) as server, opened(server) as resolver:
        assert (await resolver.lookup("a.test")).addresses == ("10.0.0.1",)


async def test_an_answer_that_makes_no_sense_is_said() -> None:
    def cut(query: bytes) -> list[bytes]:
        whole = reply(query, "10.0.0.1")
        return [whole[:-2] if whole[7] else whole]

    with answering(cut) as server, opened(server) as resolver:
        problem = (await resolver.lookup("a.test")).problem
    assert problem == "the name server could not tell (an answer that makes no sense: a record ends outside the packet)"


async def test_what_came_while_we_had_no_cpu_counts() -> None:
    def late(query: bytes) -> list[bytes]:
        assert resolver._desk is not None
        resolver._desk._turns.call(lambda: time.sleep(0.5))  # its thread stands still for longer than its patience
        time.sleep(0.1)
        return [reply(query, "10.0.0.1")]

    with answering(late) as server, opened(server, patience=0.3) as resolver:
        assert (await resolver.lookup("a.test")).addresses == ("10.0.0.1",)


def test_the_clock_counts_no_time_in_which_nothing_could_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def monotonic() -> float:
        nonlocal now
        now += 3600
        return now

    with monkeypatch.context() as patched:
        patched.setattr("signalbox.resolver.turns.time.monotonic", monotonic)
        fired: list[float] = []
        stood = Turns()
        stood.at(0.5, lambda: fired.append(stood.now))
        while not fired:
            stood.turn()
        stood.close()
    assert now >= 4 * 3600
    assert 0.5 <= fired[0] < 0.7

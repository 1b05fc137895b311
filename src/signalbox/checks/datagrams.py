"""How does a check ask by packets? One connected socket for each server, on the loop that runs, questions sent again.

A connected socket takes packets of that one address and port alone, and hears when nobody listens there. What comes
is bounded: packets that are no answer are passed over, and a flood of them ends the check.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from signalbox.checks.call import Call, Trouble, connect_words
from signalbox.signals import Reason

LARGEST = 65_535  # bytes of a packet
_MOST_STRAY = 1_000  # packets of one server that are no answer
_A_TURN = 100  # packets; then others have their turn
_AGAIN = 1.0  # seconds until a question is sent again, then twice that, and so on

Answer = TypeVar("Answer")


class Server(NamedTuple):
    """Where packets go: an address that the guard allows, and a port."""

    address: str
    port: int


@contextlib.contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    """A UDP socket to that server, that never blocks."""
    with socket.socket(socket.AF_INET6 if ":" in server.address else socket.AF_INET, socket.SOCK_DGRAM) as place:
        place.setblocking(False)
        place.connect(server)
        yield place


async def came(place: socket.socket, wait: float) -> Iterator[bytes]:
    """The packets that are there now, or as soon as one comes within so many seconds; a hundred at most.

    What came is read after waiting, whatever the clock says then, so that none is lost to a process that was late.
    Reading raises OSError where a packet told of a problem, such as that nobody listens there.
    """
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(max(wait, 0.0), _wake, ready)
    loop.add_reader(place, _wake, ready)
    try:
        await ready
    finally:
        loop.remove_reader(place)
        timer.cancel()
    return _read(place)


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _read(place: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(BlockingIOError):
        for _ in range(_A_TURN):
            yield place.recv(LARGEST)


async def exchange(
    call: Call, servers: Sequence[Server], packet: Callable[[], bytes], read: Callable[[bytes], Answer | None]
) -> tuple[Answer, Server]:
    """The first answer, and who gave it. Servers are asked one after the other, each for its share of the time.

    `packet` makes what is sent, each time; `read` gives None for what answers none of it. Adds the phase `ttfb`: the
    wait for the answer since the question was first sent to who answered.
    """
    call.doing("no answer")
    problem = None
    for number, server in enumerate(servers, 1):
        start = time.monotonic()
        share = call.left / (len(servers) - number + 1)  # one dead server must not eat all the time
        try:
            with connected(server) as place:
                answer = await _asked(call, place, packet, read, start + share)
        except OSError as error:
            problem = error
        else:
            if answer is not None:
                call.outcome.ttfb = (time.monotonic() - start) * 1000
                return answer, server
            problem = None
    raise TimeoutError if problem is None else Trouble(Reason.CONNECT, connect_words(problem))


async def _asked(
    call: Call, place: socket.socket, packet: Callable[[], bytes], read: Callable[[bytes], Answer | None], end: float
) -> Answer | None:
    """The answer, if one comes by then."""
    now, stray = time.monotonic(), 0
    patience = min(_AGAIN, (end - now) / 3)
    while now < end:
        with contextlib.suppress(BlockingIOError):  # no room: as good as lost, and sent again
            place.send(packet())
        until = min(now + patience, end)
        patience *= 2
        while now < until:
            for data in await came(place, until - now):
                if (answer := read(data)) is not None:
                    return answer
                stray += 1
                call.expect(stray < _MOST_STRAY, "the server sends packets that are no answers")
            now = time.monotonic()
    return None

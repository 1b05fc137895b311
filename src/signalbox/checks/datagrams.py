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


async def exchange(
    call: Call, servers: Sequence[Server], packet: Callable[[], bytes], read: Callable[[bytes], Answer | None]
) -> tuple[Answer, Server]:
    """The first answer, and who gave it. Servers are asked one after the other, each for its share of the time.

    `packet` makes what is sent, each time; `read` gives None for what answers none of it. Adds the phase `ttfb`: the
    wait for the answer since the question was first sent to who answered.
    """
    call.doing("no answer")
    problem = "no answer"
    for number, server in enumerate(servers, 1):
        share = call.left / (len(servers) - number + 1)  # one dead server must not eat all the time
        try:
            with connected(server) as place:
                start = time.monotonic()
                async with asyncio.timeout(share):
                    answer = await _asked(call, place, packet, read, share)
                call.outcome.ttfb = (time.monotonic() - start) * 1000
                return answer, server
        except TimeoutError:
            if number == len(servers):
                raise
        except OSError as error:
            problem = connect_words(error)
    raise Trouble(Reason.CONNECT, problem)


async def _asked(
    call: Call, place: socket.socket, packet: Callable[[], bytes], read: Callable[[bytes], Answer | None], share: float
) -> Answer:
    patience, stray = min(_AGAIN, share / 3), 0
    while True:
        with contextlib.suppress(BlockingIOError):  # no room: as good as lost, and sent again
            place.send(packet())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while True:
                    answer = read(await asyncio.get_running_loop().sock_recv(place, LARGEST))
                    if answer is not None:
                        return answer
                    stray += 1
                    call.expect(stray < _MOST_STRAY, "the server sends packets that are no answers")
                    await asyncio.sleep(0)  # others have their turn, whatever comes
        patience *= 2

"""Whom do we ask whether our own network works, and does any of them answer?

Some are found around this machine: gateways and name servers. Others are named in the manifest; they lie farther out,
and once one of them has answered they alone decide: a gateway answers also while the line behind it is cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from signalbox.checks.canary import Canary, answers, parse
from signalbox.guard import Guard
from signalbox.runner import surroundings
from signalbox.runner.surroundings import Surroundings

log = structlog.get_logger(__name__)

GATEWAY_PORTS = (53, 80, 443)  # whatever a gateway does, it accepts or refuses one of these, or it is firewalled
RESOLVER_PORT = 53
_SHOWN = 6  # canaries in a message


class Canaries:
    """The canaries of one process, and which of them have ever answered it. Belongs to one event loop."""

    def __init__(self, guard: Guard, look: Callable[[], Surroundings] = surroundings.look) -> None:
        self._guard, self._look = guard, look
        self._around = Surroundings()
        self._written: tuple[str, ...] | None = None
        self._named: tuple[Canary, ...] = ()
        self._found: tuple[Canary, ...] = ()
        self._proven: set[Canary] = set()  # those that have answered: only their silence tells something

    def name(self, written: Sequence[str]) -> None:
        """Take those that the manifest names. What the guard forbids is left out, and said once."""
        if tuple(written) == self._written:
            return
        self._written = tuple(written)
        named = [parse(text) for text in written]
        refused = {one: why for one in named if (why := self._guard.refusal(one.address)) is not None}
        for canary, why in refused.items():
            log.error("canary.refused", canary=str(canary), why=why)
        self._named = tuple(one for one in dict.fromkeys(named) if one not in refused)

    def follow(self) -> None:
        """Look around again. What a cut network no longer tells is as it was before the cut.

        The guard has no say here: gateways are what every packet of ours goes through, link-local ones included.
        """
        seen = self._look()
        self._around = Surroundings(seen.gateways or self._around.gateways, seen.resolvers or self._around.resolvers)
        gateways = [Canary(address, port) for address in self._around.gateways for port in GATEWAY_PORTS]
        resolvers = [Canary(address, RESOLVER_PORT) for address in self._around.resolvers]
        self._found = tuple(dict.fromkeys([*gateways, *resolvers]))

    @property
    def deciding(self) -> tuple[Canary, ...]:
        """Those whose answers count: the farthest of which any has ever answered. Empty: nobody has."""
        return next((each for each in (self._named, self._found) if not self._proven.isdisjoint(each)), ())

    @property
    def silence(self) -> str:
        """Who did not answer, in words."""
        few = [str(one) for one in self.deciding[:_SHOWN]]
        more = f" and {len(self.deciding) - _SHOWN} more" if len(self.deciding) > _SHOWN else ""
        return f"no answer from {', '.join(few)}{more}"

    @property
    def uselessness(self) -> str:
        """Why nobody here can tell whether our own network works, in words."""
        if not self._named and not self._found:
            return "this machine has no gateway and no name server: failures are believed as they are"
        return "no canary has ever answered: failures are believed as they are; name others in the manifest (canaries:)"

    def doubt(self) -> None:
        """They are silent although the network works: none counts until it has answered again."""
        self._proven.clear()

    async def ask(self, patience: float, *, learn: bool) -> bool | None:
        """Ask all at once; does any that counts answer? None: none has ever answered, so silence tells nothing.

        Ends with the first answer that counts; with `learn` it also waits for those named that never answered yet.
        """
        tasks = {asyncio.create_task(answers(one, patience)): one for one in (*self._named, *self._found)}
        pending, heard = set(tasks), set[Canary]()
        try:
            while pending and not self._is_told(heard, learn=learn):
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                heard |= {tasks[task] for task in done if task.result()}
                self._proven |= heard
        finally:
            for task in tasks:
                task.cancel()
        return not heard.isdisjoint(self.deciding) if self.deciding else None

    def _is_told(self, heard: set[Canary], *, learn: bool) -> bool:
        if learn and self._named and self._proven.isdisjoint(self._named):
            return False
        return not heard.isdisjoint(self.deciding)

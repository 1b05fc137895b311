"""How does a ping get in? It is on disk before its sender is told so. Those that come together share a transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress

import structlog
from starlette.concurrency import run_in_threadpool

from signalbox import clock
from signalbox.api.buckets import Buckets
from signalbox.db import Database
from signalbox.errors import SignalboxError, Unavailable
from signalbox.heartbeats import listening, service
from signalbox.heartbeats.addresses import Addresses, bits
from signalbox.heartbeats.pings import Ping
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor

log = structlog.get_logger(__name__)

MOST_WAITING = 5_000  # pings; who comes beyond is asked to come again
AT_ONCE = 200  # in one transaction
BURST, LEAK = 60, 0.5  # pings that one monitor may get at once, and seconds until one more
STRANGERS, FORGIVEN = 20, 5.0  # wrong tokens that one address may show at once, and seconds until one more
STRONG = 112.0  # bits


class Intake:
    """Takes pings on one event loop, and says while it does."""

    def __init__(self, database: Database | None, roster: Roster | None) -> None:
        self._database, self._roster = database, roster
        self._addresses = Addresses()
        self._waiting: deque[tuple[Ping, asyncio.Future[None]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing = False
        self.rates, self.strangers = Buckets(BURST, LEAK), Buckets(STRANGERS, FORGIVEN)
        if roster is not None:
            roster.on_change(self._replace)

    def open(self) -> None:
        """Say every few seconds that somebody listens."""
        if self._database is not None:
            self._start(self._listen(self._database))

    async def close(self) -> None:
        """Write what waits, and listen no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def addresses(self) -> Addresses:
        """Whose tokens are whose."""
        return self._addresses

    async def refreshed(self) -> Addresses:
        """The same, as of now: for tokens that are not known yet."""
        if self._roster is not None:
            await run_in_threadpool(self._roster.refresh)
        return self._addresses

    async def take(self, ping: Ping) -> None:
        """Return when the ping is on disk. `Unavailable` if it could not be put there."""
        if self._database is None:
            raise Unavailable("this process has no database")
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("too many heartbeats wait")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ping, done))
        if not self._writing:
            self._writing = True
            self._start(self._write_all(self._database))
        await done

    async def _write_all(self, database: Database) -> None:
        try:
            while self._waiting:
                some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                await _write(database, some)
        finally:
            self._writing = False

    async def _listen(self, database: Database) -> None:
        while True:
            if self._addresses:
                with suppress(SignalboxError):  # then nothing can be taken either, and nobody listens
                    await run_in_threadpool(_say, database)
            await asyncio.sleep(listening.EVERY)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _replace(self, monitors: Sequence[Monitor], revision: int) -> None:
        self._addresses = Addresses(monitors)


async def _write(database: Database, some: Sequence[tuple[Ping, asyncio.Future[None]]]) -> None:
    """Write these; one that cannot be written must not keep the others from it."""
    try:
        await run_in_threadpool(_record, database, [ping for ping, _ in some])
    except Unavailable as error:
        _tell(some, error)
    except Exception as error:
        if len(some) == 1:
            _tell(some, error)
        else:
            for one in some:
                await _write(database, [one])
    else:
        _tell(some, None)


def _tell(some: Sequence[tuple[Ping, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in some:
        if done.done():  # who waited has gone
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _record(database: Database, pings: Sequence[Ping]) -> None:
    with database.begin() as session:
        service.record(session, pings)


def _say(database: Database) -> None:
    with database.begin() as session:
        listening.note(session, clock.now())


def warn_of_weak_tokens(monitors: Sequence[Monitor]) -> None:
    """Say which monitors have tokens that are easier to guess than they should be."""
    for monitor in monitors:
        if min((bits(token) for token in getattr(monitor.check, "tokens", ())), default=STRONG) < STRONG:
            log.warning("token.weak", monitor=monitor.id, to_do="give it a token of 32 random letters and digits")

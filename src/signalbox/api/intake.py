"""How does a ping get in? It is on disk before its sender is told so. Those that come together share a transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence

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
        self._listening: asyncio.Task[None] | None = None
        self._writing = False
        self._warned: set[str] = set()
        self.rates, self.strangers = Buckets(BURST, LEAK), Buckets(STRANGERS, FORGIVEN)
        if roster is not None:
            roster.on_change(self._replace)

    def open(self) -> None:
        """Say every few seconds that somebody listens."""
        if self._database is not None:
            self._listening = self._start(self._listen(self._database))

    async def close(self) -> None:
        """Listen no more, and write what waits."""
        if self._listening is not None:
            self._listening.cancel()
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
                try:
                    await run_in_threadpool(_say, database)
                except SignalboxError:
                    pass  # then nothing can be taken either, and nobody listens
                except Exception:
                    log.exception("listening.bug")
            await asyncio.sleep(listening.EVERY)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _replace(self, monitors: Sequence[Monitor], revision: int) -> None:
        self._addresses = Addresses(monitors)
        for monitor in monitors:
            weakest = min(map(bits, getattr(monitor.check, "tokens", ())), default=STRONG)
            if weakest < STRONG and monitor.key not in self._warned:
                self._warned.add(monitor.key)
                log.warning("token.weak", monitor=monitor.id, to_do="give it one of 32 random letters and digits")


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

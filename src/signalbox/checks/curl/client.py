"""How is something asked over HTTP? libcurl's multi interface, driven by the event loop that asks.

libcurl's sockets hang in an `epoll` of our own, and that one descriptor in the loop: a turn serves all sockets that are
ready. So a check costs no hand-over between threads, and no second thread competes for the interpreter. This file asks
once and reports what libcurl saw; it follows no redirect and judges nothing (`http.py`, `failures.py`).

The addresses to connect to come with the request, and libcurl is held to them: they pass the guard here, the name is
pinned to those that passed, and the address really connected to is looked at once more before the request is sent.
(An OPENSOCKETFUNCTION callback would do the same and costs 40 % more CPU a check.)
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import certifi
import pycurl

from signalbox.checks.curl.easy import Easy
from signalbox.checks.curl.errors import Error
from signalbox.checks.curl.exchange import Answer, Request, refused
from signalbox.checks.curl.polling import Poller, in_flight_limit
from signalbox.guard import Guard

_SWEEP = 0.25  # seconds between looks at requests that wait for their turn
_SOON = 0.001  # seconds: what libcurl wants sooner is done in the loop's next round


@dataclass(slots=True, eq=False)
class _Job:
    """One request on its way."""

    request: Request
    addresses: list[str]
    deadline: float  # time.monotonic()
    future: asyncio.Future[Answer]
    easy: Easy | None = None


class Curl:
    """Asks over HTTP from any running event loop, thousands at once. Open it once a process, after any fork."""

    def __init__(self, guard: Guard, ca_file: Path | None = None) -> None:
        self._guard, self.ca_file = guard, str(ca_file or certifi.where())  # who is trusted, for other protocols too
        self._drivers: dict[asyncio.AbstractEventLoop, _Driver] = {}
        self._lock = threading.Lock()
        self._open = False

    def open(self) -> None:
        """Take requests from now on. A second call changes nothing."""
        self._open = True

    def close(self) -> None:
        """Take no more, and cancel what is under way. Safe from any thread; returns when everything is freed."""
        self._open = False
        with self._lock:
            drivers, self._drivers = self._drivers, {}
        for loop, driver in drivers.items():
            _run_in(loop, driver.close)

    async def fetch(self, request: Request) -> Answer:
        """Ask once; the answer comes by the request's timeout, whatever the peer does. Cancelling frees everything.

        Raises RuntimeError when not open, CancelledError when closed meanwhile.
        """
        addresses, why = self._permitted(request)
        if why is not None:
            return refused(why)
        loop = asyncio.get_running_loop()
        driver = self._drivers.get(loop) or self._drive(loop)
        job = _Job(request, addresses, time.monotonic() + request.timeout, loop.create_future())
        driver.take(job)
        try:
            return await job.future
        except asyncio.CancelledError:
            driver.drop(job)
            raise

    def _drive(self, loop: asyncio.AbstractEventLoop) -> _Driver:
        with self._lock:
            if not self._open:
                raise RuntimeError("the HTTP client is not open")
            for gone in [known for known in self._drivers if known.is_closed()]:
                self._drivers.pop(gone).close()
            driver = self._drivers[loop] = _Driver(loop, self._guard, self.ca_file)
        return driver

    def _permitted(self, request: Request) -> tuple[list[str], str | None]:
        """Addresses that may be connected to; when there is none, why the first may not."""
        refusal = self._guard.refusal
        addresses = [address for address in request.addresses if refusal(address) is None]
        if addresses:
            return addresses, None
        first = next(iter(request.addresses), None)
        return [], "no address to connect to" if first is None else refusal(first)


class _Driver:
    """What one event loop owns: the multi handle, its sockets and timer, handles in use and spare."""

    def __init__(self, loop: asyncio.AbstractEventLoop, guard: Guard, ca_file: str) -> None:
        self._loop, self._guard, self._ca_file = loop, guard, ca_file
        self._poller = Poller(self._set_timer)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._poller.watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._poller.set_timer)
        self._running: dict[pycurl.Curl, _Job] = {}
        self._waiting: deque[_Job] = deque()
        self._spare: list[Easy] = []
        self._limit = in_flight_limit()
        self._turn_due = float("inf")
        self._handle: asyncio.Handle | None = None
        loop.add_reader(self._poller.fileno(), self._turn)

    def take(self, job: _Job) -> None:
        """Start a request, or let it wait for a free place."""
        if not self._waiting and len(self._running) < self._limit:
            self._start(job)
        else:
            self._waiting.append(job)
            self._set_timer(time.monotonic() + _SWEEP)

    def drop(self, job: _Job) -> None:
        """Let go of a cancelled request."""
        if job.easy is not None:
            self._release(job)

    def _start(self, job: _Job) -> None:
        left = job.deadline - time.monotonic()
        easy = self._spare.pop() if self._spare else Easy(self._guard, self._ca_file)
        try:
            easy.prepare(job.request, job.addresses, max(left, 0.001))
        except Exception as error:  # our bug, but this request's alone
            easy.curl.close()
            job.future.set_exception(error)
            return
        job.easy = easy
        self._running[easy.curl] = job
        self._multi.add_handle(easy.curl)

    def _set_timer(self, due: float) -> None:
        """Have a turn at that time (time.monotonic()), or sooner."""
        if due >= self._turn_due:
            return
        if self._handle is not None:
            self._handle.cancel()
        self._turn_due, left = due, due - time.monotonic()
        self._handle = (
            self._loop.call_soon(self._on_time) if left < _SOON else self._loop.call_later(left, self._on_time)
        )

    def _on_time(self) -> None:
        """The timer ended, maybe a moment too soon (uvloop's count whole milliseconds); then the turn sets it again."""
        self._turn_due, self._handle = float("inf"), None
        self._turn()

    def _turn(self) -> None:
        """Serve the sockets that are ready and the timer, and hand out the answers."""
        self._poller.turn(self._multi)
        self._collect()
        if self._waiting:
            self._admit()
        self._set_timer(self._poller.due)

    def _admit(self) -> None:
        """Start those that waited for a free place; answer those whose time passed while they waited."""
        now = time.monotonic()
        for _ in range(len(self._waiting)):
            job = self._waiting.popleft()
            if job.future.done():
                continue
            if job.deadline <= now:
                job.future.set_result(Answer(Error.MISSED))
            elif len(self._running) < self._limit:
                self._start(job)
            else:
                self._waiting.append(job)
        if self._waiting:
            self._set_timer(now + _SWEEP)

    def _collect(self) -> None:
        while True:
            queued, done, failed = self._multi.info_read()
            for curl in done:
                self._finish(curl, 0, "")
            for curl, error, text in failed:
                self._finish(curl, error, text)
            if not queued:
                return

    def _finish(self, curl: pycurl.Curl, error: int, text: str) -> None:
        job = self._running[curl]
        assert job.easy is not None
        try:
            answer = job.easy.answer(error, text)
        except Exception as bug:  # ours; whoever waits must hear of it, or would wait for ever
            self._release(job)
            job.future.set_exception(bug)
            return
        self._release(job)
        if not job.future.done():
            job.future.set_result(answer)

    def _release(self, job: _Job) -> None:
        easy, job.easy = job.easy, None
        assert easy is not None
        del self._running[easy.curl]
        self._multi.remove_handle(easy.curl)
        if easy.spent:
            easy.curl.close()
        else:
            self._spare.append(easy)

    def close(self) -> None:
        """Cancel everything under way and free every handle. On the loop's own thread, or after the loop."""
        for job in [*self._running.values(), *self._waiting]:
            if job.easy is not None:
                self._release(job)
            if not self._loop.is_closed():
                job.future.cancel()
        self._waiting.clear()
        if self._handle is not None:
            self._handle.cancel()
        if not self._loop.is_closed():
            self._loop.remove_reader(self._poller.fileno())
        for easy in self._spare:
            easy.curl.close()
        self._multi.close()
        self._poller.close()


def _run_in(loop: asyncio.AbstractEventLoop, close: Callable[[], None]) -> None:
    """Run that on the loop's thread, and wait for it unless this is that thread."""
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here or not loop.is_running():
        close()
        return
    closed = threading.Event()

    def run() -> None:
        try:
            close()
        finally:
            closed.set()

    with contextlib.suppress(RuntimeError):  # it was closed just now
        loop.call_soon_threadsafe(run)
        closed.wait(5)

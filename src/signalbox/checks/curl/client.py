"""How is something asked over HTTP? libcurl's multi interface on a thread of its own, awaitable from any event loop.

One thread owns the multi handle. Requests go to it, and answers come back, in batches: one wake-up carries all that
gathered meanwhile, whichever side is busy. This file asks once and reports what libcurl saw; it follows no redirect
and judges nothing (`http.py`, `failures.py`).

The addresses to connect to come with the request, and libcurl is held to them: they pass the guard here, the name is
pinned to those that passed, and the address really connected to is looked at once more before the request is sent.
(An OPENSOCKETFUNCTION callback would do the same and costs 40 % more CPU a check; see `bench/checks.py`.)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import certifi
import pycurl

from signalbox.checks.curl.easy import Answer, Easy, Request, refused
from signalbox.checks.curl.errors import Error
from signalbox.checks.curl.polling import Poller, in_flight_limit
from signalbox.guard import Guard

_log = logging.getLogger(__name__)
_SWEEP = 0.25  # seconds between looks at requests that wait for their turn


@dataclass(slots=True, eq=False)
class _Job:
    """One request on its way through the thread."""

    request: Request
    addresses: list[str]
    deadline: float  # time.monotonic()
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Answer]
    easy: Easy | None = None
    cancelled: bool = False


class Curl:
    """Asks over HTTP from any running event loop, thousands at once. Open it once a process, after any fork."""

    def __init__(self, guard: Guard, ca_file: Path | None = None) -> None:
        self._guard, self._ca_file = guard, str(ca_file or certifi.where())
        self._inbox: deque[_Job] = deque()
        self._woken = self._closing = False
        self._thread: threading.Thread | None = None
        self._until = float("inf")
        self._error: BaseException | None = None
        self._pipe_in_use = threading.Lock()

    def open(self) -> None:
        """Start the thread. A second call changes nothing."""
        if self._thread is not None:
            return
        self._wake_read, self._wake_write = os.pipe()
        self._woken = self._closing = False
        self._until, self._error = float("inf"), None
        self._thread = threading.Thread(target=self._main, name="signalbox-curl", daemon=True)
        self._thread.start()

    def close(self, patience: float = 0.0) -> None:
        """Take no more; let what is under way end within `patience` seconds, cancel the rest, end the thread.

        Blocks for up to `patience`: in an event loop call it by `asyncio.to_thread`.
        """
        if self._thread is None:
            return
        self._until = time.monotonic() + patience
        self._closing = True
        self._wake()
        self._thread.join()
        with self._pipe_in_use:
            self._thread = None
            os.close(self._wake_read)
            os.close(self._wake_write)

    async def fetch(self, request: Request) -> Answer:
        """Ask once; the answer comes by the request's timeout, whatever the peer does. Cancelling frees everything.

        Raises RuntimeError when not open, CancelledError when closed meanwhile.
        """
        addresses, why = self._permitted(request)
        if why is not None:
            return refused(why)
        if self._thread is None or self._closing:
            raise self._error or RuntimeError("the HTTP client is not open")
        loop = asyncio.get_running_loop()
        job = _Job(request, addresses, time.monotonic() + request.timeout, loop, loop.create_future())
        self._inbox.append(job)
        self._wake()
        try:
            return await job.future
        except asyncio.CancelledError:
            job.cancelled = True
            self._inbox.append(job)
            self._wake()
            raise

    def _permitted(self, request: Request) -> tuple[list[str], str | None]:
        """Addresses that may be connected to; when there is none, why the first may not."""
        refusal = self._guard.refusal
        addresses = [address for address in request.addresses if refusal(address) is None]
        if addresses:
            return addresses, None
        first = next(iter(request.addresses), None)
        return [], "no address to connect to" if first is None else refusal(first)

    def _wake(self) -> None:
        # The thread clears the flag before it empties the inbox, so what is appended before this line is seen.
        if not self._woken:
            with self._pipe_in_use:
                self._woken = True
                if self._thread is not None:
                    os.write(self._wake_write, b"\0")

    def _main(self) -> None:
        round_ = _Round(self._guard, self._ca_file, self._wake_read)
        try:
            while not (self._closing and (round_.idle or time.monotonic() >= self._until)):
                if round_.turn(self._until):
                    self._woken = False
                    while self._inbox:
                        round_.take(self._inbox.popleft())
        except BaseException as error:  # our bug: whoever waits must hear of it, or would wait for ever
            _log.exception("the HTTP client broke")
            self._error, self._closing = error, True
            round_.abandon(error)
        finally:
            while self._inbox:
                round_.take(self._inbox.popleft(), start=False)
            round_.abandon(self._error)
            round_.close()


class _Round:
    """What the thread owns: the multi handle, its sockets and timer, handles in use and spare. No other thread
    touches it."""

    def __init__(self, guard: Guard, ca_file: str, wake: int) -> None:
        self._guard, self._ca_file = guard, ca_file
        self._poller = Poller(wake)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._poller.watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._poller.set_timer)
        self._running: dict[pycurl.Curl, _Job] = {}
        self._waiting: deque[_Job] = deque()
        self._spare: list[Easy] = []
        self._limit = in_flight_limit()
        self._out: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer]]] = {}

    @property
    def idle(self) -> bool:
        """Is nothing under way?"""
        return not (self._running or self._waiting)

    def turn(self, until: float) -> bool:
        """Wait for sockets, the timer or a wake-up, let libcurl work, hand answers back. Was it a wake-up?"""
        if self._waiting:
            until = min(until, time.monotonic() + _SWEEP)
        woken = self._poller.turn(self._multi, until)
        self._collect()
        if self._waiting:
            self._admit()
        self._hand_back()
        return woken

    def take(self, job: _Job, *, start: bool = True) -> None:
        """Start a request, or let go of a cancelled one."""
        if job.cancelled:
            if job.easy is not None:
                self._release(job)
        elif start and not self._waiting and len(self._running) < self._limit:
            self._start(job)
        else:
            self._waiting.append(job)

    def _start(self, job: _Job) -> None:
        left = job.deadline - time.monotonic()
        easy = job.easy = self._spare.pop() if self._spare else Easy(self._guard, self._ca_file)
        try:
            easy.prepare(job.request, job.addresses, max(left, 0.001))
        except Exception as error:  # our bug, but this request's alone
            job.easy = None
            easy.curl.close()
            _call(job.loop, _give_up, job.future, error)
            return
        self._running[easy.curl] = job
        self._multi.add_handle(easy.curl)

    def _admit(self) -> None:
        """Start those that waited for a free place; answer those whose time passed while they waited."""
        now = time.monotonic()
        for _ in range(len(self._waiting)):
            job = self._waiting.popleft()
            if job.cancelled:
                continue
            if job.deadline <= now:
                self._answer(job, Answer(Error.MISSED))
            elif len(self._running) < self._limit:
                self._start(job)
            else:
                self._waiting.append(job)

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
        answer = job.easy.answer(error, text)
        self._release(job)
        self._answer(job, answer)

    def _release(self, job: _Job) -> None:
        easy, job.easy = job.easy, None
        assert easy is not None
        del self._running[easy.curl]
        self._multi.remove_handle(easy.curl)
        self._spare.append(easy)

    def _answer(self, job: _Job, answer: Answer) -> None:
        self._out.setdefault(job.loop, []).append((job.future, answer))

    def _hand_back(self) -> None:
        if not self._out:
            return
        out, self._out = self._out, {}
        for loop, batch in out.items():
            _call(loop, _deliver, batch)

    def abandon(self, error: BaseException | None) -> None:
        """End everything under way: with that error, else by cancelling."""
        for job in [*self._running.values(), *self._waiting]:
            if job.easy is not None:
                self._release(job)
            _call(job.loop, _give_up, job.future, error)
        self._waiting.clear()
        self._hand_back()

    def close(self) -> None:
        """Free every handle."""
        for easy in self._spare:
            easy.curl.close()
        self._multi.close()
        self._poller.close()


def _call(loop: asyncio.AbstractEventLoop, function: object, *arguments: object) -> None:
    with contextlib.suppress(RuntimeError):  # that loop was closed: nobody waits
        loop.call_soon_threadsafe(function, *arguments)  # type: ignore[arg-type]


def _deliver(batch: list[tuple[asyncio.Future[Answer], Answer]]) -> None:
    for future, answer in batch:
        if not future.done():
            future.set_result(answer)


def _give_up(future: asyncio.Future[Answer], error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.cancel()
    else:
        future.set_exception(error if isinstance(error, Exception) else RuntimeError(repr(error)))

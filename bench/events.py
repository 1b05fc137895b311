"""What do readers cost who follow the page live, and how soon does a change reach all of them?

    python -m bench.events [--readers 10000] [--monitors 100]

One process serves an installation whose checks go on; another holds the readers, each a raw socket. Both clocks are the
machine's monotonic one. Memory is the serving process's, before the readers came and with all of them there.
"""

from __future__ import annotations

import argparse
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from typing import IO

import uvicorn

from bench.api import filled, monitors, seen
from bench.load import ask
from bench.processes import usage
from signalbox import clock
from signalbox.api import server
from signalbox.api.app import app_of
from signalbox.api.site import Site
from signalbox.pages import template
from signalbox.pages.publication import Publication
from signalbox.settings import Settings
from signalbox.signals import Reason, Verdict
from signalbox.stores.memory import MemoryStore
from tests.servers.process import await_condition, free_port, listens

ROUNDS = 5
_REQUEST = (  # as browsers ask
    b"GET /api/events HTTP/1.1\r\nHost: status.example.com\r\nConnection: keep-alive\r\nCache-Control: no-cache\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36\r\n"
    b"Accept: text/event-stream\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
    b"Referer: https://status.example.com/\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en\r\n\r\n"
)


def serve(count: int, port: int) -> None:
    """Serve that many monitors; a sixtieth of them reports each second. A line on stdin turns one of them over."""
    watched = monitors(count)
    window = filled(watched)

    def go_on() -> None:
        for second in range(3_600):
            time.sleep(1.0)
            window.add([seen(one, clock.now()) for one in watched[1 + second % 60 :: 60]])

    def turn() -> None:
        for number, _ in enumerate(sys.stdin):
            good = seen(watched[0], clock.now())
            bad = good._replace(verdict=Verdict.DOWN, reason=Reason.STATUS, http_status=500, available=False)
            moment = time.monotonic()
            window.add([good if number % 2 else bad])
            print(moment, flush=True)

    for work in (go_on, turn):
        threading.Thread(target=work, daemon=True).start()
    site = Site(Settings.model_construct(port=port), Publication(window, MemoryStore(), template.load()), {})
    uvicorn.run(app_of(site), **server.options(site.settings))


def read(count: int, port: int) -> None:
    """Be that many readers. Says `there` when each was greeted; then for each change when it reached first and last."""
    waiting = selectors.DefaultSelector()
    for _ in range(count):
        reader = socket.create_connection(("127.0.0.1", port))
        reader.sendall(_REQUEST)
        reader.setblocking(False)
        waiting.register(reader, selectors.EVENT_READ)
    heard(waiting, count, b"event: hello")
    print("there", flush=True)
    while True:
        print(*heard(waiting, count, b"event: change"), flush=True)


def heard(waiting: selectors.BaseSelector, count: int, what: bytes) -> tuple[float, float]:
    """Wait until every reader was sent that: when the first and the last was."""
    missing, first = {key.fd for key in waiting.get_map().values()}, 0.0
    assert len(missing) == count
    while missing:
        for key, _ in waiting.select():
            reader = key.fileobj
            assert isinstance(reader, socket.socket)
            chunk = reader.recv(65_536)
            if not chunk:
                raise SystemExit(0)  # the server has stopped
            if what in chunk:
                first = first or time.monotonic()
                missing.discard(key.fd)
    return first, time.monotonic()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=["serve", "read"])
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--monitors", type=int, default=100)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    match given.part:
        case "serve":
            serve(given.monitors, given.port)
        case "read":
            read(given.readers, given.port)
        case _:
            measure(given.readers, given.monitors)


def measure(readers: int, watched: int) -> None:
    """Both processes, and what they show."""
    port = free_port()
    command = [sys.executable, "-m", "bench.events"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    serving = subprocess.Popen([*command, "serve", "--monitors", str(watched), "--port", str(port)], **pipes)  # type: ignore[call-overload] # text
    reading: subprocess.Popen[str] | None = None
    try:
        await_condition(lambda: listens(port), "the server to listen")
        ask(f"http://127.0.0.1:{port}/", seconds=1, gzip=True)
        alone = usage(serving.pid)
        start = time.monotonic()
        reading = subprocess.Popen([*command, "read", "--readers", str(readers), "--port", str(port)], **pipes)  # type: ignore[call-overload] # text
        assert _line(reading.stdout) == "there"
        came, full = time.monotonic() - start, usage(serving.pid)
        print(
            f"{readers} readers: {full.resident / 1e6:.0f} MB with them, {alone.resident / 1e6:.0f} MB without, "
            f"{(full.resident - alone.resident) / readers / 1e3:.1f} kB each; all greeted within {came:.1f} s"
        )
        _changes(serving, reading)
        before, moment = usage(serving.pid), time.monotonic()
        time.sleep(10)
        spent = (usage(serving.pid).cpu - before.cpu) / (time.monotonic() - moment)
        print(f"while nothing essential changes at {watched} monitors: {spent:.3f} cores")
        print(f"memory at the end: {usage(serving.pid).resident / 1e6:.0f} MB")
        start = time.monotonic()
        serving.terminate()
        serving.wait()
        print(f"stopped with all of them there in {time.monotonic() - start:.1f} s")
    finally:
        for process in (serving, reading):
            if process is not None:
                process.kill()
                process.wait()


def _changes(serving: subprocess.Popen[str], reading: subprocess.Popen[str]) -> None:
    whole, spread = [], []
    for number in range(ROUNDS):
        time.sleep(2 + 0.23 * number)
        assert serving.stdin is not None
        serving.stdin.write("turn\n")
        serving.stdin.flush()
        turned = float(_line(serving.stdout))
        first, last = (float(part) for part in _line(reading.stdout).split())
        whole.append(last - turned)
        spread.append(last - first)
    print(f"a change reached all after {_said(whole)} s; from the first reader to the last {_said(spread)} s")


def _line(pipe: IO[str] | None) -> str:
    assert pipe is not None
    return pipe.readline().strip()


def _said(values: Iterable[float]) -> str:
    kept = sorted(values)
    return f"{statistics.median(kept):.2f} ({kept[0]:.2f} to {kept[-1]:.2f})"


if __name__ == "__main__":
    main()

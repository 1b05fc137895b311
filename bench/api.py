"""How fast are `/signals` and the page served, what does a signal cost the window, how long does a page take to be
made, and do checks keep their slots while a process on one core answers as fast as it can?

    python -m bench.api [busy]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import uvicorn

from bench import system
from bench.load import Load, ask
from bench.processes import usage
from bench.target import target
from signalbox import clock
from signalbox.api import server
from signalbox.api.app import app_of
from signalbox.api.site import Site
from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS
from signalbox.monitors.service import Monitor, Origin
from signalbox.pages import html, snapshot, template
from signalbox.pages.publication import Publication
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.settings import Settings
from signalbox.signals import Reason, Signal, Verdict
from signalbox.stores.memory import MemoryStore
from tests.servers.process import await_condition, free_port, listens

PAGE = Page(slug="main", title="Benchmark", timezone="UTC")
MINUTE = 60 * MICROS
BUSY = 10  # seconds of readers beside checks


def monitors(count: int) -> list[Monitor]:
    """Monitors of distinct URLs, in groups of twenty."""
    check = HttpCheck(kind="http", url="http://127.0.0.1/")
    return [
        Monitor(
            f"m{number}", f"m{number}", f"Service {number}", f"Group {number // 20}", (), check,
            f"https://service-{number}.example.com/health", 60, 10.0, number, Origin.MANIFEST,
        )
        for number in range(count)
    ]  # fmt: skip


def seen(of: Monitor, moment: int) -> Signal:
    """A good answer."""
    return Signal(
        of.key, "local", moment, moment, of.target, "http", Verdict.UP, Reason.OK, 200, True, 1.0, 2.0, 3.0, 4.0,
        12.5, "", None,
    )  # fmt: skip


def filled(watched: list[Monitor]) -> Window:
    """A window that knows the past hour of them."""
    window, now = Window(watched, (PAGE,)), clock.now()
    for minute in range(60, -1, -1):
        window.add([seen(one, now - minute * MINUTE) for one in watched])
    return window


def serve(count: int, port: int) -> None:
    """Serve an installation of that size whose checks go on: every second a sixtieth of them reports."""
    watched = monitors(count)
    window = filled(watched)

    def go_on() -> None:
        for second in range(3_600):
            time.sleep(1.0)
            window.add([seen(one, clock.now()) for one in watched[second % 60 :: 60]])

    threading.Thread(target=go_on, daemon=True).start()
    settings = Settings.model_construct(port=port)
    site = Site(settings, Publication(window, MemoryStore(), template.load()), {})
    uvicorn.run(app_of(site), **server.options(settings))


def serving(count: int) -> None:
    """Measure the routes that everybody asks, while signals land."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.api", "serve", str(count), str(port)])
    try:
        await_condition(lambda: listens(port), "the server to listen")
        for path, gzip in (("/signals?limit=60", False), ("/signals?limit=60", True), ("/", True), ("/api/page", True)):
            url = f"http://127.0.0.1:{port}{path}"
            ask(url, seconds=1, gzip=gzip)
            before = usage(process.pid)
            load = ask(url, gzip=gzip)
            spent = usage(process.pid).cpu - before.cpu
            _tell(f"{count} URLs  {path}{'  gzip' if gzip else ''}", load, spent)
        print(f"{count} URLs  memory of the process: {usage(process.pid).resident / 1e6:.0f} MB")
    finally:
        process.terminate()
        process.wait()


def busy() -> None:
    """Measure what readers get from `signalbox up` on one core while it checks 100 targets a second; and how late its
    checks begin meanwhile, and whether all of them do, read from the signals."""
    options = argparse.Namespace(monitors=100, every=1.0, hanging=0, tls=False)
    with tempfile.TemporaryDirectory() as name, target() as place:
        system.manifest(Path(name), place, 0, options)
        with system.embedded(Path(name)) as running:
            pid = running.process.popen.pid
            await_condition(lambda: running.read(clock.now() - 10 * MICROS, clock.now()), "the first signals")
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), {0})
            time.sleep(3)
            print(_late(running, lambda: time.sleep(BUSY)), "while nobody reads")
            for path in ("/api/page", "/api/page?z=24h", "/"):
                _asked(running, f"http://127.0.0.1:{running.port}{path}")


def _asked(running: system.Running, url: str) -> None:
    loads: list[Load] = []
    ask(url, seconds=1, gzip=True)
    before = usage(running.process.popen.pid).cpu
    late = _late(running, lambda: loads.append(ask(url, seconds=BUSY, gzip=True)))
    spent = usage(running.process.popen.pid).cpu - before
    _tell(f"and 100 checks/s  {url[url.index('/', 8) :]}", loads[0], spent, BUSY)
    print(late)


def _late(running: system.Running, work: Callable[[], object]) -> str:
    """How late checks began while something went on, and how many of those due were seen."""
    start = clock.now()
    work()
    end = clock.now()
    time.sleep(3)  # rows of the last slots are still on their way
    signals = running.read(start, end)
    late = [1e3 * seconds for seconds in system.lateness(signals)]
    return (
        f"    checks: late p50 {late[len(late) // 2]:.0f} p99 {late[int(len(late) * 0.99)]:.0f} max {late[-1]:.0f} ms; "
        f"{len(signals)} seen of {100 * round((end - start) / MICROS)} due, "
        f"{sum(not one.available for one in signals)} failed"
    )


def _tell(what: str, load: Load, cpu: float, seconds: int = 5) -> None:
    print(
        f"{what:<34} {load.rate:>8.0f} requests/s   p50 {load.p50:6.2f} ms   p99 {load.p99:6.2f} ms   "
        f"{cpu / seconds:.2f} cores, {load.rate * seconds / cpu:.0f} a core   {load.failed} failed   "
        f"({load.tool}, 32 connections)"
    )


def window_costs() -> None:
    """CPU a signal and memory a monitor, at 5 000 monitors."""
    watched, now = monitors(5_000), clock.now()
    rounds = [[seen(one, now + minute * MINUTE) for one in watched] for minute in range(10)]
    window = filled(watched)
    start = time.process_time()
    for signals in rounds:
        window.add(signals)
    each = (time.process_time() - start) / 50_000
    start = time.process_time()
    for signals in rounds:
        window.add(signals)
    again = (time.process_time() - start) / 50_000
    del rounds
    tracemalloc.start()
    kept = filled(watched[:500])
    memory = tracemalloc.get_traced_memory()[0] / 500
    tracemalloc.stop()
    print(
        f"window: {each * 1e6:.2f} µs a new signal, {again * 1e6:.2f} µs a repeated one, {memory:.0f} bytes a monitor"
    )
    del kept


def making(count: int) -> None:
    """How long a page takes to be made."""
    watched = monitors(count)
    window, shell = filled(watched), template.load()
    public = Publication(window, MemoryStore(), shell)

    def page() -> None:
        document = snapshot.build(window, PAGE, clock.now())
        html.api_json(document)
        if shell:
            html.fill(shell.html, document, html.Place())

    print(f"made for {count} monitors: page and document {_once(page):.0f} ms of CPU", end=", ")
    print(f"signals {_once(lambda: public._from_window(public._by_url(), 60)):.0f} ms (with gzip)")
    public.close()


def _once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1_000


def main() -> None:
    """Measure and print."""
    match sys.argv[1:]:
        case ["serve", number, port]:
            serve(int(number), int(port))
            return
        case ["busy"]:
            busy()
            return
    window_costs()
    for count in (100, 5_000):
        making(count)
    serving(100)
    busy()


if __name__ == "__main__":
    main()

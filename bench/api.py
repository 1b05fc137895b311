"""How fast are `/signals` and the page served, what does a signal cost the window, and how long does a page take to
be made? `python -m bench.api`"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable

import uvicorn

from bench.load import Load, ask
from bench.processes import usage
from signalbox import clock
from signalbox.api import server
from signalbox.api.app import app_of
from signalbox.api.site import Site
from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS
from signalbox.monitors.service import Monitor, Origin
from signalbox.pages import html, snapshot, template
from signalbox.pages.document import PageHead
from signalbox.pages.publication import Publication
from signalbox.pages.window import Window
from signalbox.settings import Settings
from signalbox.signals import Reason, Signal, Verdict
from signalbox.stores.memory import MemoryStore
from tests.servers.process import await_condition, free_port, listens

PAGE = PageHead(slug="main", title="Benchmark", timezone="UTC")
MINUTE = 60 * MICROS


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


def _tell(what: str, load: Load, cpu: float) -> None:
    print(
        f"{what:<34} {load.rate:>8.0f} requests/s   p50 {load.p50:6.2f} ms   p99 {load.p99:6.2f} ms   "
        f"{cpu / 5:.2f} cores   {load.failed} failed   ({load.tool}, 32 connections)"
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
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), int(sys.argv[3]))
        return
    window_costs()
    for count in (100, 5_000):
        making(count)
    serving(100)


if __name__ == "__main__":
    main()

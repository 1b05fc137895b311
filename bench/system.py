"""What does a stored check cost, all told? The whole product run against a local target, embedded and distributed.

    python -m bench.system [--monitors 5000] [--every 5] [--seconds 30] [--tls] [--hanging 0] [--readers 0]
                           [embedded|distributed]

CPU is of the named process and its children; checks are the rows that arrived in the store meanwhile; lateness is
the time from a check's slot to its start, read back from the rows. Medians of `--runs` windows of `--seconds`.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.checks import bare
from bench.processes import usage
from bench.target import Target, target
from signalbox import clock
from signalbox.signals import Signal
from signalbox.stores import open_store
from tests.servers.process import Process, await_condition, free_port, listens
from tests.servers.questdb import QuestDBServer
from tests.servers.redis import RedisServer

BIN = Path(sys.executable).parent


class Window(NamedTuple):
    """What one stretch of time showed."""

    checks: int
    seconds: float
    cpu: float  # seconds
    resident: int  # bytes, at its end

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a check."""
        return 1_000 * self.cpu / max(1, self.checks)


class Running(NamedTuple):
    """A system under load: whose CPU counts, where its API is if it has one, and how to read signals of a range."""

    name: str
    process: Process
    port: int | None
    read: Callable[[int, int], list[Signal]]


def manifest(folder: Path, place: Target, silent: int, options: argparse.Namespace) -> None:
    """Write a manifest of that many monitors on one target; the first `--hanging` of them never get an answer."""
    scheme = "https" if options.tls else "http"
    urls = [
        f"http://127.0.0.1:{silent}/?n={number}" if number < options.hanging else place.url(scheme, f"/?n={number}")
        for number in range(options.monitors)
    ]
    monitors = [{"name": f"m{number}", "url": url} for number, url in enumerate(urls)]
    document = {"defaults": {"every": f"{options.every:g}s", "timeout": "10s"}, "monitors": monitors}
    (folder / "signalbox.yaml").write_text(json.dumps(document), encoding="utf-8")
    settings = f"SIGNALBOX_LOG_FORMAT=json\nSIGNALBOX_CA_FILE={place.ca_file}\n"
    (folder / ".env").write_text(settings, encoding="utf-8")


@contextmanager
def silence() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(4_096)
        yield int(listener.getsockname()[1])


@contextmanager
def embedded(folder: Path) -> Iterator[Running]:
    """`signalbox up` with SQLite."""
    port = free_port()
    with Process([str(BIN / "signalbox"), "up", "--port", str(port)], folder, "up") as process:
        process.start(lambda: listens(port))
        store = open_store(f"sqlite:///{folder / 'data' / 'signals.db'}", data=folder / "data")
        store.open()
        yield Running("embedded", process, port, lambda start, end: store.raw(None, start, end))
        store.close()


@contextmanager
def distributed(folder: Path) -> Iterator[Running]:
    """`signalbox worker` and `signalbox beat` with Redis and QuestDB. The worker's CPU counts."""
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(folder)).up()
        questdb = stack.enter_context(QuestDBServer(folder / "questdb")).up()
        env = {"SIGNALBOX_BROKER_URL": redis.url, "SIGNALBOX_SIGNALS_URL": questdb.url}
        worker = stack.enter_context(Process([str(BIN / "signalbox"), "worker"], folder, "worker", env))
        worker.start(lambda: "ready." in worker.output())
        stack.enter_context(Process([str(BIN / "signalbox"), "beat"], folder, "beat", env)).start()
        store = open_store(questdb.url, data=folder / "reader")
        store.open()
        yield Running("distributed", worker, None, lambda start, end: store.raw(None, start, end))
        store.close()


@contextmanager
def readers(running: Running, options: argparse.Namespace) -> Iterator[None]:
    """That many connections that read `/signals` as fast as they can meanwhile, by wrk."""
    if not (options.readers and running.port):
        yield
        return
    url = f"http://127.0.0.1:{running.port}/signals?limit=60"
    command = ["wrk", "-t1", f"-c{options.readers}", f"-d{options.seconds:g}s", "--latency", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        yield
        printed = wrk.communicate()[0]
    print(*(line.strip() for line in printed.splitlines() if "99%" in line or "Requests/sec" in line), sep="   ")


def measure(running: Running, seconds: float) -> Window:
    """Watch for that long. Slots within the stretch are counted, whenever their rows arrive."""
    start, before = clock.now(), usage(running.process.popen.pid)
    time.sleep(seconds)
    end, after = clock.now(), usage(running.process.popen.pid)
    time.sleep(2.0)  # rows of the last slots are still on their way
    return Window(len(running.read(start, end)), seconds, after.cpu - before.cpu, after.resident)


def lateness(signals: Sequence[Signal]) -> list[float]:
    """Seconds from slot to start of each check, sorted."""
    return sorted((s.observed - s.moment) / clock.MICROS - (s.total or 0) / 1_000 for s in signals)


def report(running: Running, place: Target, options: argparse.Namespace) -> None:
    """Measure and print one line of the table."""
    await_condition(lambda: running.read(clock.now() - 10 * clock.MICROS, clock.now()), "the first signals")
    time.sleep(3.0)
    began = clock.now()
    windows, floors = [], []
    for _ in range(options.runs):
        with readers(running, options):
            windows.append(measure(running, options.seconds))
        floors.append(bare(place, "https" if options.tls else "http", 300 if options.tls else 2_000))
    floor = statistics.median(floors)
    cpu = statistics.median(window.cpu_ms for window in windows)
    signals = running.read(began, clock.now() - 3 * clock.MICROS)
    late = lateness(signals)
    ok = sum(signal.available for signal in signals)
    print(
        f"{running.name:12} {'https' if options.tls else 'http':5} {options.monitors:6} x {options.every:g} s"
        f"  {statistics.median(w.checks / w.seconds for w in windows):8.1f} checks/s"
        f"  {cpu:7.4f} ms CPU a check = {cpu / floor:.2f} x bare libcurl ({floor:.4f})"
        f"  {max(w.resident for w in windows) / 1e6:6.0f} MB"
        f"  late p50 {late[len(late) // 2] * 1e3:.0f} p99 {late[int(len(late) * 0.99)] * 1e3:.0f}"
        f" p99.9 {late[int(len(late) * 0.999)] * 1e3:.0f} ms  up {100 * ok / len(signals):.2f} %",
        flush=True,
    )


def main() -> None:
    """Read the command line, run what it names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modes", nargs="*", default=["embedded", "distributed"])
    parser.add_argument("--monitors", type=int, default=5_000)
    parser.add_argument("--every", type=float, default=5)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hanging", type=int, default=0)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    for mode in options.modes:
        with tempfile.TemporaryDirectory() as name, target() as place, silence() as silent:
            folder = Path(name)
            manifest(folder, place, silent, options)
            with {"embedded": embedded, "distributed": distributed}[mode](folder) as running:
                report(running, place, options)


if __name__ == "__main__":
    main()

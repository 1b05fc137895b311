"""How soon is everything watched again after a restart? `signalbox up` with many monitors, stopped and started again.

    python -m bench.restart [--monitors 5000] [--every 60]

Time counts from starting the command. A monitor is watched again when a signal of its has arrived since.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench.processes import usage
from bench.system import Running, embedded, manifest, silence
from bench.target import target
from signalbox import clock
from tests.servers.process import await_condition


def seen(running: Running, since: int) -> int:
    """Monitors with a signal whose slot came after that moment."""
    return len({signal.monitor for signal in running.read(since, clock.now())})


def started(folder: Path, options: argparse.Namespace, name: str) -> None:
    """Start it, wait until every monitor has a new signal, print how long that took, and kill it."""
    since, start = clock.now(), time.monotonic()
    with embedded(folder) as running:
        await_condition(lambda: seen(running, since), "the first signal", 300)
        first = time.monotonic() - start
        while seen(running, since) < options.monitors:
            time.sleep(0.5)
        every = time.monotonic() - start
        used = usage(running.process.popen.pid)
        print(
            f"{name:13} {options.monitors} x {options.every:g} s   first signal after {first:5.1f} s, "
            f"all watched after {every:5.1f} s   {used.cpu:.1f} s CPU, {used.resident / 1e6:.0f} MB",
            flush=True,
        )
        running.process.kill()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--monitors", type=int, default=5_000)
    parser.add_argument("--every", type=float, default=60)
    options = parser.parse_args()
    options.tls, options.hanging = False, 0
    with tempfile.TemporaryDirectory() as name, target() as place, silence() as silent:
        folder = Path(name)
        manifest(folder, place, silent, options)
        started(folder, options, "first start")
        started(folder, options, "after kill -9")


if __name__ == "__main__":
    main()

"""Which figures does this machine give? Every benchmark, one after the other, each in a process of its own.

    make bench                      all of them, some ten minutes
    make bench ARGS=--quick         shorter windows, for a first look
    make bench ARGS="system api"    some of them

Machines are noisy: figures are CPU per unit where they can be, medians of several runs, and beside each check the cost
of libcurl alone on the same machine in the same minutes (`bare`), so that ratios can be compared across machines.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

PARTS: dict[str, list[list[str]]] = {
    "checks": [["bench.checks"], ["bench.packets"], ["bench.resolver"]],
    "judge": [["bench.judge"], ["bench.settling"], ["bench.schedule"]],
    "system": [
        ["bench.system"],
        ["bench.system", "--tls", "--every", "20"],
        ["bench.system", "embedded", "--every", "60", "--seconds", "60", "--runs", "1"],
        ["bench.system", "embedded", "--monitors", "10000", "--every", "60", "--seconds", "60", "--runs", "1"],
        [
            "bench.system",
            "embedded",
            "--monitors",
            "10000",
            "--every",
            "60",
            "--seconds",
            "60",
            "--runs",
            "1",
            "--hanging",
            "1000",
        ],
        ["bench.system", "embedded", "--monitors", "100", "--every", "1", "--readers", "32"],
        ["bench.restart"],
    ],
    "stores": [["bench.stores"]],
    "page": [["bench.snapshot"], ["bench.snapshot", "--scale", "5000"], ["bench.page"]],
    "api": [["bench.api"], ["bench.events"]],
}
QUICK = {"bench.checks": ["--checks", "1000"], "bench.system": ["--seconds", "5", "--runs", "1"],
         "bench.stores": ["--rows", "20000"],
         "bench.snapshot": ["--monitors", "20", "--days", "30"],
         "bench.page": ["--days", "5", "--runs", "3"]}  # fmt: skip


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    for part in options.parts:
        for command in PARTS[part]:
            more = QUICK.get(command[0], []) if options.quick else []
            print(f"\n$ python -m {' '.join([*command, *more])}", flush=True)
            started = time.monotonic()
            subprocess.run([sys.executable, "-m", *command, *more], check=True)
            print(f"  ({time.monotonic() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()

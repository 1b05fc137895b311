"""What does a check by packets cost? CPU of our process per check: DNS over UDP, and pings to this machine.

    python -m bench.packets [--checks 5000]

A hundred at a time, answered by another process and by the kernel. The least of several rounds counts.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping

import uvloop

from bench.nameserver import nameserver
from signalbox.checks.base import AskedCheck
from signalbox.checks.dns import DnsCheck
from signalbox.checks.icmp import IcmpCheck
from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.signals import Verdict

BATCH, ROUNDS = 100, 5


async def measured(check: AskedCheck, count: int) -> float:
    """CPU-ms a check, all threads of this process together."""
    with Probe(Guard.from_setting("internal")) as probe:
        await check.ask(probe, 10)
        start = time.process_time()
        for _ in range(max(1, count // BATCH)):
            outcomes = await asyncio.gather(*(check.ask(probe, 10) for _ in range(BATCH)))
            if bad := [outcome for outcome in outcomes if outcome.verdict is not Verdict.UP]:
                raise RuntimeError(f"the target failed: {bad[0]}")
        return (time.process_time() - start) / (max(1, count // BATCH) * BATCH) * 1000


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=5000, help="checks a round")
    arguments = parser.parse_args()
    with nameserver() as (server, port):
        checks: Mapping[str, AskedCheck] = {
            "dns over udp": DnsCheck(name="www.bench.test", server=server, port=port, values=("127.0.0.1",)),
            "icmp, one packet": IcmpCheck(host="127.0.0.1", count=1),
            "icmp, three packets": IcmpCheck(host="127.0.0.1", count=3, interval=0.01),
        }
        for name, check in checks.items():
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                figures = [runner.run(measured(check, arguments.checks)) for _ in range(ROUNDS)]
            print(f"{name:24} {min(figures):.4f} CPU-ms a check")


if __name__ == "__main__":
    main()

"""What does a lookup cost? CPU of our process per name, A and AAAA together, against a local name server.

    python -m bench.resolver [--names 5000] [--json]

`fresh` asks the name server, 500 at a time as a worker gets them; `cached` finds the name known. The least of several
rounds counts: noisy neighbours only ever add.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time

import uvloop

from bench.nameserver import nameserver
from signalbox.resolver import Resolver

BATCH = 500
ROUNDS = 5


def looked_up(server: tuple[str, int], count: int, *, fresh: bool) -> float:
    """CPU-µs a lookup, all threads of this process together."""

    async def batches() -> float:
        resolver = Resolver([server])
        resolver.open()
        names = [f"host{number}.bench.test" for number in range(BATCH)]
        await asyncio.gather(*(resolver.lookup(name) for name in names))
        start, left = time.process_time(), count
        while left > 0:
            found = await asyncio.gather(*(resolver.lookup(name, fresh=fresh) for name in names[:left]))
            left -= len(found)
            if bad := [lookup for lookup in found if lookup.addresses != ("127.0.0.1",)]:
                raise RuntimeError(f"the name server failed: {bad[0]}")
        took = time.process_time() - start
        resolver.close()
        return took / count * 1_000_000

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(batches())


def main() -> None:
    """Measure, and print a table or one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=5000, help="lookups a round")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with nameserver() as server:
        figures = {
            case: min(looked_up(server, arguments.names, fresh=case == "fresh") for _ in range(ROUNDS))
            for case in ("fresh", "cached")
        }
    if arguments.json:
        print(json.dumps({name: round(value, 1) for name, value in figures.items()}))
        return
    for name, value in figures.items():
        print(f"{name:8} {value:.1f} CPU-µs a lookup")


if __name__ == "__main__":
    main()

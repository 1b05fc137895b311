"""What does a check cost? CPU of our process per check, from the plan to the Outcome; fresh connections all.

    python -m bench.checks [--checks 5000] [--json]

`bare` is libcurl's multi interface driven on the spot, `check` is `HttpCheck.ask` over the probe's thread, 500 at a
time as a worker gets them. The least of several rounds counts: noisy neighbours only ever add.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable

import pycurl
import uvloop

from bench.target import Target, target
from signalbox.checks import HttpCheck
from signalbox.checks.curl.easy import Easy, Request
from signalbox.checks.curl.polling import Poller
from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.signals import Verdict

BATCH = 500
ROUNDS = 5
SLOWER = {"http": 1, "https": 10}  # so many times fewer checks, as each costs that much more


def bare(place: Target, scheme: str, count: int) -> float:
    """CPU-ms a check when this thread drives the multi handle itself, `BATCH` under way at a time."""
    guard, multi, poller = Guard.from_setting("internal"), pycurl.CurlMulti(), Poller(_never_ready())
    multi.setopt(pycurl.M_SOCKETFUNCTION, poller.watch)
    multi.setopt(pycurl.M_TIMERFUNCTION, poller.set_timer)
    port = place.https if scheme == "https" else place.http
    request = Request(place.url(scheme), "127.0.0.1", port, ["127.0.0.1"], 10.0, literal=True)
    spare = [Easy(guard, str(place.ca_file)) for _ in range(min(BATCH, count))]
    by_curl, left, ended = {easy.curl: easy for easy in spare}, count, 0
    start = time.process_time()
    while ended < count:
        while spare and left:
            easy = spare.pop()
            easy.prepare(request, request.addresses, 10.0)
            multi.add_handle(easy.curl)
            left -= 1
        poller.turn(multi, time.monotonic() + 1)
        _, done, failed = multi.info_read()
        if failed:
            raise RuntimeError(f"the target failed: {failed[0][1:]}")
        for curl in done:
            by_curl[curl].answer(0, "")
            multi.remove_handle(curl)
            spare.append(by_curl[curl])
        ended += len(done)
    return (time.process_time() - start) / count * 1000


def _never_ready() -> int:
    import os

    return os.pipe()[0]


def checked(place: Target, scheme: str, count: int, host: str = "127.0.0.1") -> float:
    """CPU-ms a check through `HttpCheck.ask`, all threads of this process together."""

    async def batches() -> float:
        check = HttpCheck(url=place.url(scheme, host=host))
        with Probe(Guard.from_setting("internal"), place.ca_file) as probe:
            await check.ask(probe, 10)
            start, left = time.process_time(), count
            while left > 0:
                outcomes = await asyncio.gather(*(check.ask(probe, 10) for _ in range(min(BATCH, left))))
                left -= len(outcomes)
                if bad := [outcome for outcome in outcomes if outcome.verdict is not Verdict.UP]:
                    raise RuntimeError(f"the target failed: {bad[0]}")
            return (time.process_time() - start) / count * 1000

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(batches())


def main() -> None:
    """Measure, and print a table or one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=5000, help="HTTP checks a round; a tenth of it for HTTPS")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures: dict[str, float] = {}
    with target(1) as place:
        for scheme, divisor in SLOWER.items():
            count = max(arguments.checks // divisor, 1)
            cases: dict[str, Callable[[], float]] = {
                f"{scheme} bare": lambda s=scheme, n=count: bare(place, s, n),  # type: ignore[misc]
                f"{scheme} check": lambda s=scheme, n=count: checked(place, s, n),  # type: ignore[misc]
                f"{scheme} check, by name": lambda s=scheme, n=count: checked(place, s, n, "localhost"),  # type: ignore[misc]
            }
            for _ in range(ROUNDS):
                for name, measure in cases.items():
                    figures[name] = min(figures.get(name, float("inf")), measure())
    if arguments.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
        return
    for name, value in figures.items():
        print(f"{name:24} {value:.4f} CPU-ms a check")


if __name__ == "__main__":
    main()

"""What does a check cost? CPU of our process per check, from the plan to the Outcome; fresh connections all.

    python -m bench.checks [--checks 5000] [--json]

`bare` is libcurl's multi interface and nothing around it, `check` is `HttpCheck.ask`, 500 at a time as a worker gets
them. The least of several rounds counts: noisy neighbours only ever add.
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
from signalbox.checks.curl.easy import CURVES
from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.signals import Verdict

BATCH = 500
ROUNDS = 5
SLOWER = {"http": 1, "https": 10}  # so many times fewer checks, as each costs that much more


def bare(place: Target, scheme: str, count: int) -> float:
    """CPU-ms a check of pycurl's multi interface alone, `BATCH` under way at a time: the floor on this machine."""
    multi, spare = pycurl.CurlMulti(), [_handle(place, scheme) for _ in range(min(BATCH, count))]
    left, ended = count, 0
    start = time.process_time()
    while ended < count:
        while spare and left:
            multi.add_handle(spare.pop())
            left -= 1
        multi.perform()
        _, done, failed = multi.info_read()
        if failed:
            raise RuntimeError(f"the target failed: {failed[0][1:]}")
        for curl in done:
            multi.remove_handle(curl)
            spare.append(curl)
        ended += len(done)
        multi.select(0.1)
    return (time.process_time() - start) / count * 1000


def _handle(place: Target, scheme: str) -> pycurl.Curl:
    curl = pycurl.Curl()
    for option, value in (
        (pycurl.URL, place.url(scheme)), (pycurl.NOBODY, 1), (pycurl.NOSIGNAL, 1), (pycurl.PROXY, ""),
        (pycurl.FRESH_CONNECT, 1), (pycurl.FORBID_REUSE, 1), (pycurl.CAINFO, str(place.ca_file)),
        (pycurl.SSL_EC_CURVES, CURVES), (pycurl.SSL_SESSIONID_CACHE, 0),
    ):  # fmt: skip
        curl.setopt(option, value)
    return curl


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

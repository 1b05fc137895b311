"""A program: asks once, from wherever it is run, and prints the outcome as JSON. For tests in other namespaces."""

from __future__ import annotations

import asyncio
import json
import sys

from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from tests.checks.asking import check_of


async def _ask(options: str, timeout: float) -> None:
    with Probe(Guard.from_setting("internal")) as probe:
        outcome = await check_of(**json.loads(options)).ask(probe, timeout)
    told = {name: getattr(outcome, name) for name in ("verdict", "reason", "message", "ttfb", "total")}
    print(
        json.dumps({**told, "evidence": dict(outcome.evidence or []), "seen": [one.seen for one in outcome.assertions]})
    )


if __name__ == "__main__":
    asyncio.run(_ask(sys.argv[1], float(sys.argv[2])))

"""Three names a second in a dead zone, beside twenty names that are well: not one healthy check fails."""

from __future__ import annotations

import asyncio
import itertools

from tests.checks.asking import MakeProbe, check_of
from tests.servers.nameserver import NameServer
from tests.servers.target import Target

ROUNDS = 20  # as many seconds of such a schedule, without the waiting between them
HEALTHY, DEAD = 20, 3


async def test_names_that_nobody_answers_for_fail_alone(make_probe: MakeProbe, nameserver: NameServer) -> None:
    nameserver.dead_suffix = ".dead.test"
    nameserver.zone.update({f"well{number}.test": ["127.0.0.1"] for number in range(HEALTHY)})
    probe, numbers = make_probe(), itertools.count()
    with Target() as target:
        well = [check_of(kind="http", url=f"http://well{n}.test:{target.port}/ok") for n in range(HEALTHY)]
        dead, healthy = [], []
        for _ in range(ROUNDS):
            lost = [check_of(kind="http", url=f"http://n{next(numbers)}.dead.test/") for _ in range(DEAD)]
            dead += [asyncio.create_task(check.ask(probe, 3.0, fresh=True)) for check in lost]
            healthy += await asyncio.gather(*(check.ask(probe, 3.0, fresh=True) for check in well))
        failed = await asyncio.gather(*dead)
    assert [outcome.message for outcome in healthy if outcome.verdict != "up"] == []
    assert len(healthy) == ROUNDS * HEALTHY
    assert {(outcome.verdict.value, outcome.reason.value) for outcome in failed} == {("down", "dns")}

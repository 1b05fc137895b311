"""What the promises about outages share: an installation that tells a webhook, and what the webhook was told."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from signalbox.ledger import LedgerRow
from signalbox.monitors.models import SpellRow
from signalbox.signals import Verdict
from tests.runner.systems import System, write_manifest
from tests.runner.test_faults import children
from tests.servers.hooks import Hooks
from tests.servers.process import await_condition
from tests.servers.target import Target

LONG = bool(os.environ.get("SIGNALBOX_TEST_LONG"))
"""`make promises`: keep them for as long as they are made."""


@dataclass(frozen=True)
class Told:
    """One notice in one delivery."""

    letter: str  # the webhook's id, the same over retries
    thread: str
    kind: str
    name: str


def watch(folder: Path, hooks: Hooks, monitors: Iterable[Mapping[str, object]], **defaults: object) -> None:
    """A manifest that watches these and tells the webhook everything."""
    channel = {"id": "hook", "kind": "webhook", "url": hooks.url(), "rate": "10000/1h"}
    settings = {"every": "1s", "timeout": "2s", "recheck": "1s", "flapping": False, **defaults}
    write_manifest(folder, list(monitors), defaults=settings, channels=[channel])


def await_checks(target: Target, path: str, count: int) -> None:
    """Return when that path was asked so many times more."""
    enough = target.asked[path] + count
    await_condition(lambda: target.asked[path] >= enough, f"{count} more checks of {path}")


def await_told(hooks: Hooks, count: int) -> None:
    """Return when the webhook was told so many notices, over all."""
    await_condition(lambda: len(told(hooks)) >= count, f"{count} notices", 120)


def told(hooks: Hooks) -> list[Told]:
    """Everything that the webhook took, in order, retries that it had refused left out."""
    found = []
    for delivery in list(hooks.deliveries):
        body: dict[str, Any] = json.loads(delivery.body)
        found += [
            Told(delivery.headers["webhook-id"], notice["thread"], notice["kind"], notice["facts"].get("name", ""))
            for notice in body["data"]["notices"]
        ]
    return found


def outages(system: System) -> list[SpellRow]:
    """Spells of confirmed outages, oldest first."""
    with system.database() as database, database.read() as session:
        query = select(SpellRow).where(SpellRow.verdict == Verdict.DOWN.value).order_by(SpellRow.start)
        return list(session.scalars(query))


def kill(system: System, chance: random.Random) -> None:
    """Kill -9: the whole process that watches, or in the distributed mode one of those that it started."""
    worker = system.parts.get("worker")
    victims = sorted(children(worker.popen.pid)) if worker else []
    if victims and chance.random() < 0.7:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(victims), signal.SIGKILL)
    else:
        (worker or system.parts["up"]).kill()


def revive(system: System) -> None:
    """Start again what was killed as a whole."""
    for name in ("up", "worker"):
        part = system.parts.get(name)
        if part is not None and part.popen.poll() is not None:
            part.start()


def accounts(system: System) -> tuple[int, int, int]:
    """Slots that were due, answered, and known to be missed."""
    with system.database() as database, database.read() as session:
        columns = (func.sum(LedgerRow.due), func.sum(LedgerRow.settled), func.sum(LedgerRow.missed))
        due, settled, missed = session.execute(select(*columns)).one()
    return due or 0, settled or 0, missed or 0

"""The distributed mode loses its processes, one by one, beside a bad manifest: it goes on, and nothing due is lost."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.ledger import LeaseRow, LedgerRow
from tests.runner.systems import System, distributed, write_manifest
from tests.servers.process import await_condition, listens
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(300)


def children(pid: int) -> set[int]:
    """Processes that this one started."""
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def leader(system: System) -> int:
    """The process that holds the lease."""
    with system.database() as database, database.read() as session:
        holder = session.scalars(select(LeaseRow.holder)).one()
    return int(holder.split(":")[1])


def await_new_signals(system: System, url: str, after: str) -> None:
    """Return when a signal is shown whose slot came after this call."""
    called = clock.iso(clock.now())
    await_condition(
        lambda: any(record["received"] > called for record in system.records(url)), f"signals after {after}"
    )


def test_killed_processes_are_replaced_also_beside_a_bad_manifest(tmp_path: Path, target: Target) -> None:
    url = target.url("/ok")
    write_manifest(tmp_path, [{"name": "fine", "url": url}, {"name": "gone", "url": target.url("/gone")}])
    with distributed(tmp_path) as system:
        worker = system.parts["worker"].popen.pid
        await_condition(lambda: listens(system.port) and system.records(url), "signals")
        (tmp_path / "signalbox.yaml").write_text("monitors: [{evry: 5}]\n", encoding="utf-8")

        beat = leader(system)
        for asking in children(worker) - {beat}:
            os.kill(asking, signal.SIGKILL)
        await_new_signals(system, url, "a worker's end")

        os.kill(beat, signal.SIGKILL)
        await_condition(lambda: leader(system) != beat, "another leader")
        await_new_signals(system, url, "the beat's end")

        refused = system.output().count("manifest.refused")
        os.kill(worker, signal.SIGHUP)
        await_condition(lambda: system.output().count("manifest.refused") > refused, "the reload to reach the beat")
        await_new_signals(system, url, "a reload")
        assert system.output().count("beat.died") == 1

        await_condition(lambda: not unaccounted(system), "every second to be accounted for")

        left = children(worker)
        os.kill(worker, signal.SIGKILL)
        await_condition(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), "nothing to outlive the worker")


def test_servers_that_go_away_are_waited_for_and_lose_no_signal(tmp_path: Path, target: Target) -> None:
    url = target.url("/ok")
    write_manifest(tmp_path, [{"name": "fine", "url": url}])
    with distributed(tmp_path) as system:
        assert system.redis
        assert system.questdb
        await_condition(lambda: listens(system.port) and system.records(url), "signals")

        system.redis.kill()
        await_condition(lambda: "broker.away" in system.output(), "the beat to notice")
        system.redis.up()
        await_new_signals(system, url, "Redis came back")

        killed = clock.now()
        system.questdb.kill()
        await_condition(lambda: len(answered(system, killed)) >= 6, "checks to go on without QuestDB")
        assert system.get("/api/page")["groups"]
        without = answered(system, killed)
        system.questdb.up()
        await_condition(lambda: without <= {s.moment for s in system.stored()}, "the journal's signals to arrive")
        await_new_signals(system, url, "QuestDB came back")
        await_condition(lambda: not unaccounted(system), "every second to be accounted for")


def answered(system: System, since: int) -> set[int]:
    """Moments after that one whose batches are answered in full."""
    with system.database() as database, database.read() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.moment > since)).all()
    return {row.moment for row in rows if row.settled == row.due}


def unaccounted(system: System) -> list[int]:
    """Seconds without a ledger row, or whose row counts more answers than there are signals.

    It may count fewer: a process that is killed between keeping and counting leaves its row open.
    """
    stored = Counter(s.moment // MICROS for s in system.stored() if s.moment % MICROS == 0)
    with system.database() as database, database.read() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.moment % MICROS == 0)).all()
    settled = {row.moment // MICROS: row.settled for row in rows}
    seconds = range(min(stored), max(stored) - 1)
    return [second for second in seconds if second not in settled or settled[second] > stored[second]]

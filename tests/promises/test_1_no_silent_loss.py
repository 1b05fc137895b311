"""Promise 1: every due slot ends as a signal or as visible unknown. Ten kills under load: due = recorded + unknown."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import select

from signalbox import clock, ledger
from signalbox.clock import MICROS
from signalbox.ledger import LedgerRow
from signalbox.monitors.models import SpellRow
from signalbox.signals import Verdict
from tests.promises.outages import LONG, await_checks, kill, revive
from tests.runner.systems import MODES, System, write_manifest
from tests.servers.process import await_condition, listens
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(900)

KILLS = 10
MONITORS = 300 if LONG else 60


@pytest.mark.parametrize("mode", list(MODES))
def test_what_was_due_is_recorded_or_known_to_be_missed(mode: str, tmp_path: Path, target: Target) -> None:
    chance = random.Random(4)
    write_manifest(tmp_path, [{"name": f"m{n}", "url": target.url(f"/ok?n={n}")} for n in range(MONITORS)])
    with MODES[mode](tmp_path) as system:
        await_condition(lambda: listens(system.port) and target.asked["/ok"] > 2 * MONITORS, "checks")
        for _ in range(KILLS):
            await_checks(target, "/ok", MONITORS)
            kill(system, chance)
            revive(system)
        until = clock.now()
        await_condition(lambda: not unaccounted(system, until), "every slot to be accounted for", 240)
        rows = noted(system, until)
        assert sum(row.missed for row in rows) > 0, "the kills cost nothing: this proves nothing"
        assert [row.moment for row in rows if row.settled + row.missed != row.due] == []
        recorded = answers(system)
        assert [row.moment for row in rows if len(recorded[row.moment]) != row.settled] == []
        assert hidden(system, rows, recorded) == []


def unaccounted(system: System, until: int) -> bool:
    """Is any slot of before that moment neither answered nor known to be missed?"""
    with system.database() as database, database.read() as session:
        return bool(ledger.still_open(session, 0, until))


def noted(system: System, until: int) -> list[LedgerRow]:
    """What was due until then."""
    with system.database() as database, database.read() as session:
        return list(session.scalars(select(LedgerRow).where(LedgerRow.moment < until)))


def answers(system: System) -> defaultdict[int, set[str]]:
    """Who is recorded in the signal store, by moment."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for signal in system.stored():
        found[signal.moment].add(signal.monitor)
    return found


def hidden(system: System, rows: list[LedgerRow], recorded: defaultdict[int, set[str]]) -> list[tuple[str, int]]:
    """Slots that nobody answered and that no spell shows as unknown. Everybody is due every second here."""
    with system.database() as database, database.read() as session:
        spells = session.scalars(select(SpellRow).where(SpellRow.verdict == Verdict.UNKNOWN.value)).all()
    by_monitor: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for spell in spells:
        by_monitor[spell.monitor].append((spell.start, spell.end or clock.now()))
    everybody = {f"m{n}" for n in range(MONITORS)}
    return [
        (monitor, row.moment)
        for row in rows
        if row.moment % MICROS == 0 and row.missed
        for monitor in everybody - recorded[row.moment]
        if not any(start <= row.moment < end for start, end in by_monitor[monitor])
    ]

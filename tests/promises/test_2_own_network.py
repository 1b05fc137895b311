"""Promise 2: our own network is not your outage. The cable of a network namespace is cut, and nothing is down."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.incidents.models import IncidentRow
from signalbox.monitors.models import SpellRow
from signalbox.notifications.models import NoticeRow
from signalbox.notifications.notices import Kind
from signalbox.signals import Reason, Signal, Verdict
from signalbox.stores import open_store
from tests.promises.outages import LONG
from tests.runner.systems import BIN, write_manifest
from tests.servers.far import GATEWAY, Far
from tests.servers.process import Process, await_condition

MONITORS = 200
CUT = 300.0 if LONG else 20.0  # seconds

pytestmark = pytest.mark.timeout(CUT + 240)

CUTS: dict[str, tuple[Callable[[Far], None], Callable[[Far], None]]] = {
    "plug": (Far.cut, Far.mend), "interface": (Far.cut_near, Far.mend_near),
}  # fmt: skip


class Watching:
    """`signalbox up` at the near end of the cable, and what it kept."""

    def __init__(self, folder: Path, far: Far) -> None:
        self.folder = folder
        command = [str(BIN / "signalbox"), "up", "--port", "8000"]
        self.process = Process(far.at(far.near, command), folder, "up")

    def signals(self, since: int, until: int | None = None) -> list[Signal]:
        """What was seen in the slots of that time."""
        store = open_store(f"sqlite:///{self.folder / 'data' / 'signals.db'}", data=self.folder / "reader")
        store.open()
        try:
            return store.raw(None, since, clock.now() + MICROS if until is None else until)
        finally:
            store.close()

    def all_up(self, since: int) -> bool:
        """Has every monitor been seen to be up since then, and none otherwise for its newest signal?"""
        newest = {one.monitor: one.verdict for one in self.signals(since)}
        return len(newest) == MONITORS and set(newest.values()) == {Verdict.UP}

    def await_all_up(self, since: int) -> None:
        """Return when they are."""
        await_condition(lambda: self.all_up(since), f"{MONITORS} monitors to be up\n{self.process.output()[-3000:]}")

    def database(self) -> Database:
        """The installation's state, read past the product."""
        return Database(f"sqlite:///{self.folder / 'data' / 'state.db'}", data=self.folder / "data")


@pytest.mark.parametrize("way", ["plug"] if LONG else list(CUTS))
def test_a_cut_cable_is_no_outage_of_any_target(tmp_path: Path, way: str) -> None:
    names = [{"name": f"name {n}", "url": f"http://{n}.far.test:8080/"} for n in range(MONITORS // 2)]
    addresses = [{"name": f"address {n}", "url": f"http://{GATEWAY}:8080/{n}"} for n in range(MONITORS // 2)]
    write_manifest(
        tmp_path, [{**one, "incident": True} for one in (*names, *addresses)],
        defaults={"every": "2s", "timeout": "1s", "recheck": "1s"},
    )  # fmt: skip
    cut, mend = CUTS[way]
    with Far(tmp_path) as far:
        watching = Watching(tmp_path, far)
        with watching.process.start((tmp_path / "data" / "signals.db").exists):
            begun = clock.now()
            watching.await_all_up(begun)

            cut(far)
            cut_at = clock.now()
            time.sleep(CUT)  # the promise is about what does not happen meanwhile
            mended_at = clock.now()
            mend(far)
            watching.await_all_up(mended_at + 5 * MICROS)
            output = watching.process.output()
        seen = watching.signals(begun)

    verdicts = Counter((one.verdict, one.reason) for one in seen)
    assert {verdict for verdict, _ in verdicts} == {Verdict.UP, Verdict.UNKNOWN}, verdicts
    assert {reason for verdict, reason in verdicts if verdict is Verdict.UNKNOWN} == {Reason.OFFLINE}, verdicts
    during = Counter(one.verdict for one in watching.signals(cut_at + 5 * MICROS, mended_at - 2 * MICROS))
    assert during[Verdict.UP] == 0
    assert during[Verdict.UNKNOWN] >= MONITORS * (CUT - 7) / 2 * 0.9

    database = watching.database()
    try:
        with database.read() as session:
            told = [tuple(row) for row in session.execute(select(NoticeRow.kind, NoticeRow.monitor))]
            incidents = session.scalar(select(func.count()).select_from(IncidentRow))
            spells = set(session.scalars(select(SpellRow.verdict)))
    finally:
        database.close()
    assert told == [(Kind.OFFLINE.value, None), (Kind.ONLINE.value, None)]
    assert incidents == 0
    assert spells <= {Verdict.UP.value, Verdict.UNKNOWN.value}
    assert output.count("network.offline") == 1

"""Does a demo go on by itself, and does it ask nobody?"""

from __future__ import annotations

import threading
from pathlib import Path

from signalbox import clock, ledger
from signalbox.demo.live import Live
from signalbox.demo.seeding import seed
from signalbox.installation import opened
from signalbox.monitors.roster import Roster
from signalbox.settings import load
from signalbox.signals import Signal
from tests.demo.pasts import beginning
from tests.servers.process import await_condition


def test_a_demo_goes_on_in_slots_that_the_ledger_knows(tmp_path: Path) -> None:
    now = clock.now() // clock.MICROS * clock.MICROS
    with opened(load(data=tmp_path), follow=False) as installation:
        world = seed(installation.database, installation.store, beginning(days=1, now=now))
        told: list[Signal] = []
        live = Live(installation, Roster(installation.database), world, [told.extend])
        live.catch_up()
        live.start()
        begun = clock.now()
        await_condition(lambda: sum(one.moment > begun for one in told) > 3, "signals of now")
        live.close()
        with installation.database.read() as session:
            newest = ledger.newest(session)
            unanswered = ledger.still_open(session, 0, clock.now())
        assert newest is not None
        assert newest > begun
        assert unanswered == []
        kept = {(one.monitor, one.moment) for one in installation.store.raw(None, now, clock.now())}
        assert kept == {(one.monitor, one.moment) for one in told}
    assert not any(thread.name in {"settler", "ticker", "story"} for thread in threading.enumerate())

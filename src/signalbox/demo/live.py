"""How does a demo go on while it is watched? As the embedded mode does, but nobody is asked: its own world answers.

Slots, ledger, settling, judging and sweeping are the real ones. Nothing is sent anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from signalbox import clock, ledger
from signalbox.demo.telling import go_on, next_said
from signalbox.demo.world import World
from signalbox.installation import Installation
from signalbox.monitors.roster import Roster
from signalbox.pipeline import Recheck
from signalbox.rounds import Rounds
from signalbox.runner.due import Batch
from signalbox.runner.housekeeping import Housekeeping
from signalbox.runner.meter import Meter
from signalbox.runner.settler import Listener, Settler
from signalbox.runner.ticker import Ticker

LOOK = 5.0  # seconds between two looks whether something is to be said
_DRAIN = 3.0


class Live:
    """Lets the demo of an installation go on."""

    def __init__(self, installation: Installation, roster: Roster, world: World, listeners: Sequence[Listener]) -> None:
        self.meter = Meter()
        self._database, self._world, self._location = installation.database, world, installation.settings.location
        self._settler = Settler(
            installation.store, installation.database, roster, self._again, [self.meter.landed, *listeners]
        )
        self._ticker = Ticker(installation.database, self._location, self._answer)
        roster.on_change(self._ticker.replace)
        self._housekeeping = Housekeeping(installation, roster)
        self._story = Rounds("demo", self._say, LOOK)

    def catch_up(self) -> None:
        """See what was due while the past was being made."""
        for key in self._world.answering:
            for start, end in self._world.asked[key]:
                if end == self._world.beginning.now > start:
                    for slot in self._world.slots(key, end, clock.now()):
                        self._settler.deliver(None, self._world.signal(key, slot))

    def start(self) -> None:
        """Begin to go on."""
        for part in (self._settler, self._ticker, self._housekeeping, self._story):
            part.start()

    def close(self) -> None:
        """End; what was seen is kept."""
        self._story.close(_DRAIN)
        self._ticker.close()
        self._housekeeping.close()
        self._settler.close(_DRAIN)

    def _answer(self, batch: Batch) -> None:
        self.meter.started(len(batch.monitors), clock.now() - batch.moment)
        name = ledger.Name(*batch[:3])
        for key in batch.monitors:
            if key in self._world.answering:
                self._settler.deliver(name, self._world.signal(key, batch.moment))

    def _again(self, wanted: Recheck) -> None:
        timer = threading.Timer(wanted.delay, self._recheck, (wanted.monitor,))
        timer.daemon = True
        timer.start()

    def _recheck(self, key: str) -> None:
        moment = clock.now()
        if not self._story.is_closed:
            self._settler.deliver(None, self._world.signal(key, moment + (moment % clock.MICROS == 0)))

    def _say(self) -> None:
        """What is to be said of the open incident by now."""
        now = clock.now()
        with self._database.read() as session:
            is_due = next_said(session, self._world.beginning, now) is not None
        if is_due:
            with self._database.begin() as session:
                go_on(session, self._world.beginning, now)

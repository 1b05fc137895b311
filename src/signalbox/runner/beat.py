"""What does the beat stand on? The ticker of the embedded mode, with a lease that lets one beat of many tick."""

from __future__ import annotations

from collections.abc import Callable

from signalbox.installation import Installation
from signalbox.monitors.roster import Roster
from signalbox.runner.due import Batch
from signalbox.runner.housekeeping import Housekeeping
from signalbox.runner.leadership import Leadership
from signalbox.runner.ticker import Ticker
from signalbox.settings import Settings


class Beat:
    """Hands out the batches of this process's location while it holds the lease."""

    def __init__(self, settings: Settings, send: Callable[[Batch], None], *, later: bool = False) -> None:
        """`later`: see `Installation.open`."""
        self._installation = Installation.open(settings, later=later)
        roster = Roster(self._installation.database)
        self._leadership = Leadership(self._installation.database, f"beat:{settings.location}")
        self._ticker = Ticker(self._installation.database, settings.location, send, self._leadership.leads)
        roster.on_change(self._ticker.replace)
        roster.refresh()
        self.housekeeping = Housekeeping(self._installation, roster, self._leadership.leads)
        self._leadership.start()
        self.housekeeping.start()

    def tick(self) -> float:
        """Send what came due. Returns the seconds until the next tick; never raises."""
        return self._ticker.tick()

    def close(self) -> None:
        """Give the lease back and let go."""
        self.housekeeping.close()
        self._leadership.close()
        self._installation.close()

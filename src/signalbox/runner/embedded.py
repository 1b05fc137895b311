"""How does one process do it all? The ticker, the worker and the housekeeping, side by side with the API."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from signalbox.errors import ConfigurationError
from signalbox.installation import Installation, make_folder
from signalbox.monitors.roster import Roster
from signalbox.runner.housekeeping import Housekeeping
from signalbox.runner.settler import Listener
from signalbox.runner.ticker import Ticker
from signalbox.runner.worker import Worker


class Embedded:
    """Watches the monitors of an installation from within this process."""

    def __init__(self, installation: Installation, roster: Roster, listeners: Sequence[Listener] = ()) -> None:
        self._worker = Worker(installation, roster, listeners)
        self._ticker = Ticker(installation.database, installation.settings.location, self._worker.accept)
        roster.on_change(self._ticker.replace)
        self.housekeeping = Housekeeping(installation, roster)
        self.meter = self._worker.meter

    def start(self) -> None:
        """Begin to watch."""
        self._worker.start()
        self._ticker.start()
        self.housekeeping.start()

    def close(self) -> None:
        """Stop within about five seconds: no new checks, those in flight finish or are dropped, signals are kept."""
        self._ticker.close()
        self.housekeeping.close()
        self._worker.close()


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the data folder for this process. ConfigurationError, before anything is touched, when another holds it."""
    make_folder(data)
    with (data / "lock").open("a+", encoding="ascii") as holder:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder.seek(0)
            raise ConfigurationError(
                f"process {holder.read().strip()} already watches with the data folder {data}: "
                "stop it, or give this one another with --data"
            ) from None
        holder.truncate(0)
        holder.write(str(os.getpid()))
        holder.flush()
        yield

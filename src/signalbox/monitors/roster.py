"""Which monitors are there? A process's copy of them, renewed when the database says they changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence

import structlog

from signalbox.db import Database
from signalbox.errors import SignalboxError
from signalbox.monitors import service
from signalbox.monitors.service import Monitor

log = structlog.get_logger(__name__)

Changed = Callable[[Sequence[Monitor], int], None]


class Roster:
    """Monitors by key. Reading never waits; `refresh` does, and belongs in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._listeners: list[Changed] = []
        self.revision = -1
        self.by_key: dict[str, Monitor] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._followers: dict[str, tuple[str, ...]] = {}

    def on_change(self, listener: Changed) -> None:
        """Tell `listener` all monitors and their revision whenever a refresh finds new ones, and now if it has."""
        self._listeners.append(listener)
        if self.revision >= 0:
            listener(list(self.by_key.values()), self.revision)

    def refresh(self) -> bool:
        """Read the monitors if they changed since the last time; True if so. Raises what the database raises."""
        with self._lock:
            with self._database.read() as session:
                revision = service.revision(session)
                if revision == self.revision:
                    return False
                monitors = service.active(session)
            self.by_key = {monitor.key: monitor for monitor in monitors}
            self._parents = _parents(monitors)
            self._followers = _followers(monitors)
            for listener in self._listeners:
                listener(monitors, revision)
            self.revision = revision  # last: a listener that could not follow is told again by the next refresh
        return True

    def parents(self, key: str) -> tuple[str, ...]:
        """Keys of all that a monitor cannot work without, those that those depend on included; nearest first."""
        return self._parents.get(key, ())

    def followers(self, key: str) -> tuple[str, ...]:
        """Keys of the monitors that follow from how this one stands: groups it is a member of."""
        return self._followers.get(key, ())

    def dependents(self, key: str) -> list[Monitor]:
        """All monitors that cannot work without this one."""
        return [self.by_key[child] for child, above in self._parents.items() if key in above and child in self.by_key]

    async def monitors(self, keys: Iterable[str], revision: int) -> list[Monitor]:
        """The monitors of these keys as of that revision or later; those that are gone are left out."""
        if revision > self.revision:
            try:
                await asyncio.to_thread(self.refresh)
            except SignalboxError as error:
                log.error("roster.stale", error=str(error))
        by_key = self.by_key
        return [by_key[key] for key in keys if key in by_key]


def _followers(monitors: Sequence[Monitor]) -> dict[str, tuple[str, ...]]:
    """Groups by the key of each member."""
    by_id = {monitor.id: monitor.key for monitor in monitors}
    found: dict[str, tuple[str, ...]] = {}
    for monitor in monitors:
        for member in monitor.check.follows:
            if member in by_id:
                found[by_id[member]] = (*found.get(by_id[member], ()), monitor.key)
    return found


def _parents(monitors: Sequence[Monitor]) -> dict[str, tuple[str, ...]]:
    """What each monitor depends on, by key; only those that depend on something. Circles end where they began."""
    by_id = {monitor.id: monitor for monitor in monitors}
    found: dict[str, tuple[str, ...]] = {}
    for monitor in monitors:
        above: dict[str, None] = {}
        new = list(monitor.depends_on)
        while new:
            parent = by_id.get(new.pop(0))
            if parent is not None and parent.key not in above and parent is not monitor:
                above[parent.key] = None
                new += parent.depends_on
        if above:
            found[monitor.key] = tuple(above)
    return found

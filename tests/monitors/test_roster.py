"""A process's copy of the monitors follows the database, and nobody who listens is left behind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from signalbox.checks.http import HttpCheck
from signalbox.db import Database
from signalbox.errors import Unavailable
from signalbox.manifest.apply import apply
from signalbox.manifest.document import Manifest
from signalbox.monitors import service
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.monitors.specs import MonitorSpec


def watch(database: Database, *ids: str) -> None:
    monitors = tuple(MonitorSpec(id=one, name=one, check=HttpCheck(url=f"http://u:p@{one}.test")) for one in ids)
    with database.begin() as session:
        apply(session, Manifest(monitors=monitors))


def test_a_listener_that_could_not_follow_is_told_again(database: Database) -> None:
    watch(database, "a")
    roster, told, away = Roster(database), list[list[str]](), [True]

    def listener(monitors: Sequence[Monitor], revision: int) -> None:
        if away.pop() if away else False:
            raise Unavailable("taken away by the test")
        told.append([monitor.id for monitor in monitors])

    roster.on_change(listener)
    with pytest.raises(Unavailable):
        roster.refresh()
    assert roster.refresh()
    assert not roster.refresh()
    assert told == [["a"]]


def test_targets_are_known_without_opening_what_is_sealed(database: Database) -> None:
    watch(database, "a", "b")
    watch(database, "b")
    with database.read() as session:
        assert service.targets(session) == {"http://b.test": "b"}

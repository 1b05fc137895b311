"""Signals are kept before they are settled, in slices, and wait for a store that is away."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from signalbox import clock, ledger
from signalbox.db import Database
from signalbox.errors import Unavailable
from signalbox.monitors.roster import Roster
from signalbox.runner.due import Batch
from signalbox.runner.settler import Settler
from signalbox.signals import Reason, Signal, Verdict
from signalbox.stores.memory import MemoryStore
from tests.servers.process import await_condition

MOMENT = 1_800_000_000 * clock.MICROS


class Flaky(MemoryStore):
    """A store that can be taken away."""

    away = False

    def append(self, signals: Sequence[Signal]) -> None:
        if self.away:
            raise Unavailable("taken away by the test")
        super().append(signals)


def signal(monitor: str) -> Signal:
    return Signal(
        monitor, "local", MOMENT, MOMENT + 1, "http://a", "http", Verdict.UP, Reason.OK, 200, True,
        None, 1.0, None, 2.0, 3.0, "", None,
    )  # fmt: skip


def noted(database: Database, *monitors: str) -> ledger.Name:
    with database.begin() as session:
        ledger.note(session, [Batch("local", MOMENT, 0, monitors)])
    return ledger.Name("local", MOMENT, 0)


def unsettled(database: Database) -> int:
    with database.read() as session:
        return sum(row.due - row.settled for row in ledger.still_open(session, 0, MOMENT + 1))


def test_what_is_delivered_is_kept_told_and_settled(database: Database) -> None:
    store, told = MemoryStore(), threading.Event()
    name = noted(database, "a", "b")
    settler = Settler(store, database, Roster(database), print, [lambda signals: told.set()])
    settler.start()
    settler.deliver(name, signal("a"))
    assert told.wait(30)
    await_condition(lambda: unsettled(database) == 1, "one of two settled")
    settler.deliver(name, signal("b"))
    settler.close(30)
    assert unsettled(database) == 0
    assert set(store.latest(["a", "b"], 1)) == {"a", "b"}


def test_nothing_is_settled_or_told_before_it_is_kept(database: Database) -> None:
    store, heard = Flaky(), list[Signal]()
    store.away = True
    name = noted(database, "a")
    settler = Settler(store, database, Roster(database), print, [heard.extend])
    settler.start()
    settler.deliver(name, signal("a"))
    settler.deliver(name, signal("b"))
    await_condition(lambda: settler.refusals >= 2, "two refusals")
    assert heard == []
    assert unsettled(database) == 1
    store.away = False
    await_condition(lambda: len(heard) == 2, "the store to be asked again")
    settler.close(30)
    assert unsettled(database) <= 0


def test_a_bug_in_a_listener_does_not_end_the_settler(database: Database) -> None:
    store, calls = MemoryStore(), list[int]()

    def breaks(signals: Sequence[Signal]) -> None:
        calls.append(len(signals))
        if len(calls) == 1:
            raise ZeroDivisionError

    name = noted(database, "a", "b")
    settler = Settler(store, database, Roster(database), print, [breaks])
    settler.start()
    settler.deliver(name, signal("a"))
    await_condition(lambda: len(calls) == 1, "the first slice")
    settler.deliver(name, signal("b"))
    await_condition(lambda: len(calls) == 2, "the second slice")
    settler.close(30)
    assert unsettled(database) == 0


def test_answers_that_come_before_their_ledger_row_are_counted_when_it_is_there(database: Database) -> None:
    name = ledger.Name("local", clock.now(), 0)
    heard = threading.Event()
    settler = Settler(MemoryStore(), database, Roster(database), print, [lambda signals: heard.set()])
    settler.start()
    settler.deliver(name, signal("a"))
    assert heard.wait(30)
    with database.begin() as session:
        ledger.note(session, [Batch(*name, ("a", "b"))])
    settler.deliver(name, signal("b"))
    settler.close(30)
    with database.read() as session:
        assert ledger.still_open(session, name.moment, name.moment + 1) == []

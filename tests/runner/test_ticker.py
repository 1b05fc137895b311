"""Each second: the ledger first, then the batches; once, whoever ticks, and whatever the database does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from signalbox import clock, ledger
from signalbox.db import Database
from signalbox.monitors.models import WantedRow
from signalbox.monitors.service import Monitor
from signalbox.runner.due import Batch
from signalbox.runner.leadership import Leadership
from signalbox.runner.slots import Slots
from signalbox.runner.ticker import PAST, Ticker
from tests.servers.process import await_condition

START = 1_800_000_000


class Clocks:
    """A wall clock and a monotonic one, moved together by hand."""

    wall = float(START)

    def slots(self) -> Slots:
        return Slots(lambda: self.wall, lambda: self.wall)


class Watched:
    """All that a schedule asks of a monitor."""

    def __init__(self, key: str, every: int, created_at: int) -> None:
        self.key, self.every, self.created_at, self.paused = key, every, created_at, False


def watched(*keys: str, every: int = 1, created_at: int = 0) -> list[Monitor]:
    return cast("list[Monitor]", [Watched(key, every, created_at) for key in keys])


def open_batches(database: Database) -> list[ledger.Open]:
    with database.read() as session:
        return ledger.still_open(session, 0, (START + 100) * clock.MICROS)


def test_what_is_due_is_noted_and_handed_out(database: Database) -> None:
    clocks, out = Clocks(), list[Batch]()
    ticker = Ticker(database, "local", out.append, slots=clocks.slots())
    ticker.replace(watched("a", "b"), revision=7)
    clocks.wall += 1
    assert 0 < ticker.tick() <= 1.01
    assert [(batch.moment, set(batch.monitors), batch.revision) for batch in out] == [
        ((START + 1) * clock.MICROS, {"a", "b"}, 7)
    ]
    assert [(row.name, row.due, row.settled) for row in open_batches(database)] == [(out[0][:3], 2, 0)]


def test_what_went_by_in_a_stall_is_noted_but_not_asked(database: Database) -> None:
    clocks, out = Clocks(), list[Batch]()
    ticker = Ticker(database, "local", out.append, slots=clocks.slots())
    ticker.replace(watched("a"), revision=1)
    clocks.wall += 20
    ticker.tick()
    assert len(out) == 4
    assert len(open_batches(database)) == 20


def test_two_tickers_hand_out_a_moment_once(database: Database) -> None:
    clocks, out = Clocks(), list[Batch]()
    tickers = [Ticker(database, "local", out.append, slots=clocks.slots()) for _ in range(2)]
    for ticker in tickers:
        ticker.replace(watched("a"), revision=1)
    for _ in range(5):
        clocks.wall += 1
        for ticker in tickers:
            ticker.tick()
    assert len(out) == 5


def test_who_does_not_lead_hands_out_nothing(database: Database) -> None:
    clocks, out = Clocks(), list[Batch]()
    ticker = Ticker(database, "local", out.append, leads=lambda: False, slots=clocks.slots())
    ticker.replace(watched("a"), revision=1)
    clocks.wall += 1
    ticker.tick()
    assert out == []
    assert open_batches(database) == []


def test_what_was_due_while_nobody_led_is_noted_but_not_asked(database: Database) -> None:
    clocks, out = Clocks(), list[Batch]()
    first = Ticker(database, "local", out.append, slots=clocks.slots())
    second = Ticker(database, "local", out.append, leads=lambda: clocks.wall > START + 9, slots=clocks.slots())
    for ticker in (first, second):
        ticker.replace([*watched("a"), *watched("made meanwhile", created_at=(START + 5) * clock.MICROS)], revision=1)
    for _ in range(20):
        clocks.wall += 1
        if clocks.wall <= START + 2:
            first.tick()  # killed after the second
        second.tick()
    moments = [batch.moment // clock.MICROS - START for batch in out if batch.moment % clock.MICROS == 0]
    assert moments == [1, 2, *range(10, 21)]
    rows = {row.name.moment // clock.MICROS - START: row.due for row in open_batches(database)}
    noted = {second: due for second, due in rows.items() if second > 0}  # without the first look at what is new
    assert list(noted) == list(range(1, 21))
    assert {noted[second] for second in range(3, 10)} == {1}, "what was not there was not due"


def test_an_hour_is_looked_back_at_the_most(database: Database) -> None:
    with database.begin() as session:
        ledger.note(session, [Batch("local", (START - 100_000) * clock.MICROS, 0, ("a",))])
    clocks, out = Clocks(), list[Batch]()
    ticker = Ticker(database, "local", out.append, slots=clocks.slots())
    ticker.replace(watched("a"), revision=1)
    clocks.wall += 1
    ticker.tick()
    assert len(out) == 1
    assert len(open_batches(database)) == 1 + PAST + 1


def test_checks_go_on_while_the_database_is_away_and_its_rows_follow(database: Database, tmp_path: Path) -> None:
    clocks, out = Clocks(), list[Batch]()
    ticker = Ticker(database, "local", out.append, slots=clocks.slots())
    ticker.replace(watched("a"), revision=1)
    hidden = tmp_path / "hidden"
    database.close()
    (tmp_path / "state.db").rename(hidden)
    (tmp_path / "state.db").mkdir()
    clocks.wall += 1
    ticker.tick()
    assert len(out) == 1
    (tmp_path / "state.db").rmdir()
    hidden.rename(tmp_path / "state.db")
    clocks.wall += 1
    ticker.tick()
    assert len(out) == 2
    assert len(open_batches(database)) == 2


def test_a_new_monitor_is_asked_at_once_and_a_known_one_waits_for_its_slot(database: Database) -> None:
    clocks, out = Clocks(), list[Batch]()
    ticker = Ticker(database, "local", out.append, slots=clocks.slots())
    year = 365 * 86_400
    ticker.replace([*watched("old", every=year), *watched("new", every=year, created_at=clock.now())], revision=3)
    clocks.wall += 1
    ticker.tick()
    assert [(batch.monitors, batch.revision) for batch in out] == [(("new",), 3)]
    assert out[0].moment % clock.MICROS != 0
    clocks.wall += 1
    ticker.tick()
    assert len(out) == 1


def test_who_is_wanted_is_asked_at_the_next_tick_and_once(database: Database) -> None:
    clocks, out = Clocks(), list[Batch]()
    ticker = Ticker(database, "local", out.append, slots=clocks.slots())
    ticker.replace(watched("here", "there", every=365 * 86_400), revision=3)
    with database.begin() as session:
        session.add_all([WantedRow(monitor="here", at=1), WantedRow(monitor="gone", at=1)])
    for _ in range(2):
        clocks.wall += 1
        ticker.tick()
    assert [batch.monitors for batch in out] == [("here",)]
    assert out[0].moment % clock.MICROS != 0
    assert [(one.due, one.settled) for one in open_batches(database)] == [(1, 0)]


def test_a_tick_never_raises(database: Database) -> None:
    def breaks(batch: Batch) -> None:
        raise ZeroDivisionError

    clocks = Clocks()
    ticker = Ticker(database, "local", breaks, slots=clocks.slots())
    ticker.replace(watched("a"), revision=1)
    clocks.wall += 1
    assert ticker.tick() > 0


def test_a_clock_set_back_while_off_uses_no_name_again(database: Database) -> None:
    future = clock.now() + 3_600 * clock.MICROS
    future -= future % clock.MICROS
    with database.begin() as session:
        ledger.note(session, [Batch("local", future, 0, ("a",))])
    ticker: Any = Ticker(database, "local", lambda batch: None)
    assert ticker._slots.take().turn == 1


def test_a_leader_that_goes_is_replaced_at_once(database: Database) -> None:
    first, second = Leadership(database, "beat"), Leadership(database, "beat")
    first.start()
    second.start()
    try:
        assert first.leads()
        assert not second.leads()
        first.close()
        assert not first.leads()
        await_condition(second.leads, "the second to lead")
    finally:
        second.close()


def test_the_leader_goes_on_while_the_database_is_away_and_no_other_begins(database: Database, tmp_path: Path) -> None:
    leader, other = Leadership(database, "beat"), Leadership(database, "beat")
    leader.start()
    other.start()
    try:
        database.close()
        (tmp_path / "state.db").rename(tmp_path / "hidden")
        (tmp_path / "state.db").mkdir()
        await_condition(lambda: not leader.holds, "the lease to run out")
        assert leader.leads()
        assert not other.leads()
        (tmp_path / "state.db").rmdir()
        (tmp_path / "hidden").rename(tmp_path / "state.db")
        await_condition(lambda: leader.holds or other.holds, "the lease to be taken again")
        await_condition(lambda: leader.leads() != other.leads(), "one of them to lead")
    finally:
        leader.close()
        other.close()

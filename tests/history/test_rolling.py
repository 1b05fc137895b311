"""Days are counted once, whoever counts them, and stay counted whatever happens to the signals."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from signalbox.db import Database
from signalbox.history import rolling
from signalbox.history.models import DayRow, RolledRow
from signalbox.history.zooms import DAY, HOUR
from signalbox.signals import Verdict
from signalbox.stores.base import Store
from signalbox.stores.tally import nearest_rank
from tests.history.days import NOON, TODAY, day_of_signals, latencies

YESTERDAY = TODAY - 1


def roll(database: Database, store: Store, day: int = YESTERDAY, now: int = NOON) -> None:
    with database.begin() as session:
        rolling.roll(session, store, day, now)


def rows(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as session:
        ordered = select(DayRow.__table__).order_by(DayRow.day, DayRow.monitor)
        return [tuple(row) for row in session.execute(ordered)]


def test_a_day_is_what_its_signals_are(database: Database, store: Store) -> None:
    signals = day_of_signals("api", YESTERDAY)
    store.append(signals + day_of_signals("docs", YESTERDAY, every=5))
    store.append(day_of_signals("api", TODAY, every=60) + day_of_signals("api", YESTERDAY - 1, every=60))
    roll(database, store)
    with database.read() as session:
        api, docs = session.scalars(select(DayRow).order_by(DayRow.monitor))
    assert (api.day, api.monitor, docs.monitor) == (YESTERDAY, "api", "docs")
    assert (api.up, api.degraded, api.down, api.unknown, api.timed) == (1_435, 0, 5, 0, 1_435)
    assert (docs.up, docs.down) == (283, 5)
    exact = latencies(signals)
    assert api.latency_sum == pytest.approx(sum(exact), rel=1e-6)
    assert api.latency_max == pytest.approx(exact[-1], rel=1e-6)
    for found, share in ((api.p50, 0.50), (api.p95, 0.95), (api.p99, 0.99)):
        assert found == pytest.approx(nearest_rank(exact, share), rel=0.05)
    assert (api.dns, api.connect) == pytest.approx((1.0, 2.0))
    assert api.tls is None
    assert api.ttfb == pytest.approx(sum(exact) / len(exact) - 3, rel=1e-4)


def test_rolling_up_twice_changes_nothing(database: Database, store: Store) -> None:
    store.append(day_of_signals("api", YESTERDAY, every=10))
    roll(database, store)
    once = rows(database)
    roll(database, store, now=NOON + HOUR)
    assert rows(database) == once
    with database.read() as session:
        assert rolling.rolled_days(session) == {YESTERDAY: rolling.Rolled(NOON + HOUR, 1)}


def test_signals_that_come_late_are_counted_at_the_next_look(database: Database, store: Store) -> None:
    signals = day_of_signals("api", YESTERDAY, every=10)
    store.append(signals[:100])
    first = (YESTERDAY + 1) * DAY + HOUR
    roll(database, store, now=first)
    store.append(signals[100:])
    with database.read() as session:
        assert YESTERDAY not in rolling.due_days(session, first + HOUR, 50)
        assert YESTERDAY in rolling.due_days(session, first + 6 * HOUR, 50)
    roll(database, store, now=first + 6 * HOUR)
    assert [row[2:6] for row in rows(database)] == [(139, 0, 5, 0)]


def test_a_corrected_signal_corrects_the_day(database: Database, store: Store) -> None:
    signals = day_of_signals("api", YESTERDAY, every=10)
    store.append(signals)
    roll(database, store)
    store.append([signals[50]._replace(verdict=Verdict.DEGRADED)])
    roll(database, store)
    assert [row[2:6] for row in rows(database)] == [(138, 1, 5, 0)]


def test_what_the_store_lost_stays_counted(database: Database, store: Store) -> None:
    store.append(day_of_signals("api", YESTERDAY, every=10))
    roll(database, store)
    once = rows(database)
    with database.begin() as session:
        rolling.keep(session, YESTERDAY, {}, NOON + HOUR)
    assert rows(database) == once
    with database.read() as session:
        assert rolling.rolled_days(session)[YESTERDAY].monitors == 1


def test_two_who_count_the_same_day_at_once_write_it_once(database: Database, store: Store) -> None:
    for monitor in ("a", "b", "c", "d"):
        store.append(day_of_signals(monitor, YESTERDAY, every=60))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                roll(database, store)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [row[1] for row in rows(database)] == ["a", "b", "c", "d"]


def test_a_death_in_the_middle_leaves_nothing_and_the_day_due(database: Database, store: Store) -> None:
    store.append(day_of_signals("api", YESTERDAY, every=60))

    def die() -> None:
        with database.begin() as session:
            rolling.roll(session, store, YESTERDAY, NOON)
            raise SystemExit

    with pytest.raises(SystemExit):
        die()
    assert rows(database) == []
    with database.read() as session:
        assert session.scalars(select(RolledRow)).all() == []
        assert YESTERDAY in rolling.due_days(session, NOON, 50)


def test_a_day_without_signals_is_remembered_as_rolled_up(database: Database, store: Store) -> None:
    roll(database, store)
    with database.read() as session:
        assert rolling.rolled_days(session) == {YESTERDAY: rolling.Rolled(NOON, 0)}
        assert YESTERDAY not in rolling.due_days(session, NOON, 50)

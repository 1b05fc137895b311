"""Days are counted from QuestDB as from any store, and outlive what its time to live drops."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalbox import clock
from signalbox.db import Database
from signalbox.history import rolling, service
from signalbox.history.zooms import DAY, Zoom
from signalbox.stores.questdb.store import QuestDBStore
from signalbox.stores.tally import nearest_rank
from tests.history.days import day_of_signals, latencies
from tests.servers.questdb import QuestDBServer
from tests.stores.test_questdb import await_applied


def test_days_are_counted_and_stay_when_the_table_is_emptied(
    empty_questdb: QuestDBServer, database: Database, tmp_path: Path
) -> None:
    store, now = QuestDBStore.at(empty_questdb.url, tmp_path), clock.now()
    store.open()
    days = [now // DAY - 2, now // DAY - 1]
    signals = {day: day_of_signals("api", day, every=5) for day in days}
    for day in days:
        store.load(signals[day])
    await_applied(empty_questdb)
    with database.begin() as session:
        for day in days:
            rolling.roll(session, store, day, now)
    empty_questdb.sql("TRUNCATE TABLE signals")
    with database.read() as session:
        found = service.series(session, store, "api", Zoom.QUARTER.span(now))
    store.close()
    assert [(one.start // DAY, one.up, one.down) for one in found] == [(day, 283, 5) for day in days]
    for one, day in zip(found, days, strict=True):
        exact = latencies(signals[day])
        assert one.latency_sum == pytest.approx(sum(exact), rel=1e-3)
        for percentile, share in ((one.p50, 0.50), (one.p95, 0.95), (one.p99, 0.99)):
            assert percentile == pytest.approx(nearest_rank(exact, share), rel=0.03)

"""Series at every zoom: from the store as long as it has them, from the days after that, and gaps stay gaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalbox.db import Database
from signalbox.errors import Unavailable
from signalbox.history import rolling, service
from signalbox.history.zooms import DAY, MINUTE, Span, Zoom
from signalbox.stores.base import Store
from signalbox.stores.sqlite import SQLiteStore
from signalbox.stores.tally import nearest_rank
from tests.history.days import NOON, TODAY, day_of_signals, latencies

WEEK = 7 * DAY


@pytest.fixture
def week(database: Database, store: Store) -> Store:
    """A week of signals every ten minutes and half a day of today, the 20th left out; all days rolled up."""
    for day in range(TODAY - 7, TODAY):
        if day != TODAY - 4:
            store.append(day_of_signals("api", day, every=10))
    store.append([one for one in day_of_signals("api", TODAY, every=10) if one.moment < NOON])
    with database.begin() as session:
        for day in range(TODAY - 7, TODAY):
            rolling.roll(session, store, day, NOON)
    return store


def lose_all(store: Store) -> None:
    store.prune((TODAY + 1) * DAY)
    store.prune_hours((TODAY + 1) * DAY)


@pytest.mark.parametrize("zoom", Zoom)
def test_every_zoom_has_its_steps_and_its_gaps(database: Database, week: Store, zoom: Zoom) -> None:
    span = zoom.span(NOON)
    with database.read() as session:
        found = service.series(session, week, "api", span)
    starts = [bucket.start for bucket in found]
    assert starts == sorted(set(starts))
    assert all((start - span.start) % span.step == 0 and span.start <= start < span.end for start in starts)
    signals = [one for day in range(TODAY - 7, TODAY + 1) if day != TODAY - 4 for one in day_of_signals("api", day, 10)]
    wanted = [one for one in signals if span.start <= one.moment < min(span.end, NOON)]
    assert sum(bucket.up + bucket.down for bucket in found) == len(wanted)
    assert len(found) == len({(one.moment - span.start) // span.step for one in wanted})


def test_days_outlive_their_signals(database: Database, week: Store) -> None:
    span = Zoom.QUARTER.span(NOON)
    with database.read() as session:
        before = service.series(session, week, "api", span)
        lose_all(week)
        after = service.series(session, week, "api", span)
    assert [bucket.start // DAY for bucket in before] == [TODAY - 7, TODAY - 6, TODAY - 5, TODAY - 3, TODAY - 2,
                                                          TODAY - 1, TODAY]  # fmt: skip
    assert after == before[:-1]


def test_a_shorter_step_falls_back_to_days_where_the_store_has_no_more(database: Database, week: Store) -> None:
    week.prune((TODAY - 2) * DAY)
    week.prune_hours((TODAY - 2) * DAY)
    span = Zoom.WEEK.span(NOON)
    with database.read() as session:
        found = service.series(session, week, "api", span)
    days = [bucket for bucket in found if bucket.start < (TODAY - 2) * DAY]
    assert [bucket.start // DAY for bucket in days] == [TODAY - 6, TODAY - 5, TODAY - 3]
    assert all(bucket.up + bucket.down == 144 for bucket in days)
    assert len(found) == 3 + 2 * 12 + 6


def test_a_step_of_a_week_has_the_percentiles_of_all_its_signals(database: Database, week: Store) -> None:
    start = (TODAY - 7) * DAY
    with database.read() as session:
        past, *rest = service.series(session, week, "api", Span(start, start + 2 * WEEK, WEEK))
    exact = latencies([one for day in range(TODAY - 7, TODAY) if day != TODAY - 4
                       for one in day_of_signals("api", day, 10)])  # fmt: skip
    assert (past.start, past.timed) == (start, len(exact))
    for found, share in ((past.p50, 0.50), (past.p95, 0.95), (past.p99, 0.99)):
        assert found == pytest.approx(nearest_rank(exact, share), rel=0.05)
    assert past.latency_sum == pytest.approx(sum(exact), rel=1e-6)
    assert past.phases.dns == pytest.approx(1.0)
    assert past.phases.tls is None
    assert [bucket.start for bucket in rest] == [start + WEEK]  # the week that goes on, from the store


def test_before_anything_is_rolled_up_days_come_from_the_store(database: Database, store: Store) -> None:
    store.append(day_of_signals("api", TODAY - 1, every=10))
    with database.read() as session:
        (found,) = service.series(session, store, "api", Zoom.QUARTER.span(NOON))
    assert (found.start, found.up) == ((TODAY - 1) * DAY, 139)


def test_without_its_store_the_days_are_still_there_and_shorter_steps_are_unavailable(
    database: Database, tmp_path: Path
) -> None:
    store = SQLiteStore(tmp_path / "away.db")
    store.open()
    store.append(day_of_signals("api", TODAY - 1, every=10))
    with database.begin() as session:
        rolling.roll(session, store, TODAY - 1, NOON)
    store.close()
    with database.read() as session:
        (found,) = service.series(session, store, "api", Zoom.YEAR.span(NOON))
        assert found.up == 139
        with pytest.raises(Unavailable):
            service.series(session, store, "api", Zoom.DAY.span(NOON))


def test_how_slow_the_days_were_comes_for_all_monitors_at_once(database: Database, week: Store) -> None:
    week.append(day_of_signals("docs", TODAY - 1, every=10))
    with database.begin() as session:
        rolling.roll(session, week, TODAY - 1, NOON)
        found = service.slow_days(session, TODAY - 5, TODAY - 1)
    assert sorted(found) == ["api", "docs"]
    assert sorted(found["api"]) == [TODAY - 5, TODAY - 3, TODAY - 2, TODAY - 1]
    assert found["docs"][TODAY - 1] > 0


def test_the_hours_of_the_week_come_from_whole_hours_of_the_last_weeks(week: Store) -> None:
    found = service.hours_of_week(week, "api", 1, "UTC", NOON + 30 * MINUTE)
    assert len({(one.weekday, one.hour) for one in found}) == len(found)
    assert len(found) == 12 + 6 * 24 + 12 - 24  # from noon to noon, without the day that was left out
    assert all(one.hours == 1 and one.mean > 0 and one.p95 > 0 for one in found)

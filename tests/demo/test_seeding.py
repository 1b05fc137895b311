"""Is an invented past as a real one would be? The real judge, the real sum and the real verbs say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.base import Base
from signalbox.demo import story
from signalbox.demo.telling import go_on, next_said
from signalbox.demo.world import DAY, MINUTE, began
from signalbox.history import rolling
from signalbox.history.models import DayRow
from signalbox.incidents import service as incidents
from signalbox.incidents.specs import Status, UpdateSpec
from signalbox.incidents.writing import update
from signalbox.maintenance import service as maintenance
from signalbox.monitors import standings
from signalbox.monitors.judge import Standing, judge
from signalbox.monitors.models import SpellRow
from signalbox.monitors.service import active
from signalbox.signals import Verdict
from signalbox.uptime import service
from signalbox.uptime.annotations import listing
from tests.demo.pasts import FEW, NOW, beginning, made, small

# What is told apart by chance or by the clock of whoever runs it: keys of the installation, and when rows were audited.
_OWN = {"audit", "installation", "alembic_version"}


def spells(database: Database, key: str) -> list[SpellRow]:
    """Of a monitor, the oldest first."""
    with database.read() as session:
        return list(session.scalars(select(SpellRow).where(SpellRow.monitor == key).order_by(SpellRow.start)))


def test_the_judge_finds_the_same_spells_in_the_signals_that_were_kept(database: Database) -> None:
    _, store = made(database, beginning(days=12))
    with database.read() as session:
        rules, known = {one.key: one.rules for one in active(session)}, standings.everything(session)
    found = 0
    for key in FEW:
        standing, judged = Standing(), []
        for signal in store.raw(key, 0, NOW):
            result = judge(standing, signal, rules[key])
            standing = result.standing
            if result.change:
                judged.append((standing.since, standing.verdict, standing.reason, standing.message, signal.observed))
        kept = [(row.start, row.verdict, row.reason, row.message, row.confirmed) for row in spells(database, key)]
        assert judged == kept, key
        assert standing == known[key]
        found += len(kept)
    assert found > 15


def test_what_was_seen_once_and_not_again_is_no_outage(database: Database) -> None:
    _, store = made(database, beginning(days=12))
    signals = [signal for key in FEW for signal in store.raw(key, 0, NOW)]
    failed = [signal for signal in signals if signal.verdict is Verdict.DOWN]
    down = [(row.monitor, row.start, row.end or NOW) for key in FEW for row in spells(database, key)
            if row.verdict == "down"]  # fmt: skip
    alone = [one for one in failed if not any(key == one.monitor and start <= one.moment < end
                                              for key, start, end in down)]  # fmt: skip
    assert alone
    assert all(one.moment % MICROS == 0 for one in alone)
    rechecks = {(one.monitor, one.moment // MINUTE) for one in signals if one.moment % MICROS and one.available}
    assert all((one.monitor, one.moment // MINUTE) in rechecks for one in alone)


def test_uptime_is_what_its_spells_add_up_to(database: Database) -> None:
    from_ = beginning()
    made(database, from_)
    with database.read() as session:
        monitors = [one for one in service.watched(session) if one.id != "email"]  # which has work in this time
        found = service.uptime(session, monitors, from_.start, NOW, NOW)
        receipts = {one.key: service.receipt(session, one, from_.start, NOW, NOW) for one in monitors}
    for one in monitors:
        lasted = dict.fromkeys(("up", "degraded", "down"), 0)
        for row in spells(database, one.key):
            lasted[row.verdict] += min(row.end or NOW, NOW) - row.start
        known = sum(lasted.values())
        assert known + found[one.key].sums.not_expected == NOW - from_.start
        assert found[one.key].ratio == 1 - found[one.key].lost / known
        assert found[one.key].lost == lasted["down"]
        pieces = receipts[one.key].pieces
        assert sum(piece.end - piece.start for piece in pieces) == NOW - from_.start
        assert receipts[one.key].uptime == found[one.key]
    assert found["search"].percent != 100.0


def test_the_same_number_at_the_same_moment_makes_the_same_past(tmp_path: Path) -> None:
    def past(name: str, number: int) -> dict[str, object]:
        with small(tmp_path / name) as database:
            _, store = made(database, beginning(days=30, number=number), FEW[:3], raw_days=2)
            told: dict[str, object] = {}
            with database.read() as session:
                for table in Base.metadata.sorted_tables:
                    if table.name not in _OWN:
                        columns = [column for column in table.c if column.name != "spec"]  # sealed
                        told[table.name] = [tuple(row) for row in session.execute(select(*columns))]
            return {**told, "signals": store.raw(None, 0, NOW)}

    one = past("one", 7)
    assert one == past("two", 7)
    assert one["spells"]
    assert one["incidents"]
    other = past("three", 8)
    assert one["signals"] != other["signals"]
    assert one["spells"] != other["spells"]


def test_ninety_days_hold_what_a_page_can_show(database: Database) -> None:
    from_ = beginning(days=90)
    ids = ("checkout", "cards", "invoices", "tiles", "portal", "reports", "singapore", "help", "email", "virginia")
    made(database, from_, ids, raw_days=1)
    with database.read() as session:
        told = incidents.recent(session, 0)
        calendar = maintenance.load(session)
        said = {row.monitor: row.what for row in listing(session)}
        monitors = {one.id: one for one in active(session)}
        whole = service.uptime(session, list(monitors.values()), from_.start, NOW, NOW)
        days = session.scalar(select(func.count()).where(DayRow.monitor == "checkout"))
    assert {one.title for one in told} >= {"Checkout and card payments unavailable", "Map tiles refused by browsers"}
    assert sum(one.postmortem is not None for one in told) == 2
    assert all(one.updates and one.started_at >= from_.start for one in told)
    assert all((one.resolved_at or NOW) <= NOW for one in told)
    stands = [work.stand(NOW) for work in calendar.active]
    assert any(one.present for one in stands)
    assert any(one.following and not one.present for one in stands)
    assert sum(work.stand(NOW).is_over for work in calendar.active) == 2
    assert said == {"help": "false-positive"}
    assert monitors["reports"].paused
    assert 5 * DAY < whole["reports"].sums.paused < 7 * DAY
    assert 77 * DAY < whole["portal"].sums.not_expected < 79 * DAY
    assert whole["singapore"].sums.unknown == story.GAP[3] * MINUTE
    assert whole["tiles"].sums.down > 3 * 60 * MINUTE
    assert whole["checkout"].sums.window - whole["checkout"].sums.known < MINUTE  # before its first slot
    assert days == 90  # the first in part; today is not over


def test_days_are_counted_as_their_signals_are(database: Database) -> None:
    from_ = beginning()
    world, store = made(database, from_)
    with database.read() as session:
        rows = session.scalars(select(DayRow).where(DayRow.monitor == "checkout").order_by(DayRow.day)).all()
        assert rolling.due_days(session, NOW, 100) == []
    assert len(rows) == 3
    for row in rows[1:]:
        (bucket,) = store.buckets(["checkout"], row.day * DAY, (row.day + 1) * DAY, DAY)["checkout"]
        assert (row.up, row.degraded, row.down, row.timed) == (bucket.up, bucket.degraded, bucket.down, bucket.timed)
        assert row.latency_sum == pytest.approx(bucket.latency_sum)
        assert row.p95 == pytest.approx(bucket.p95, rel=0.02)
    assert world.beginning == from_


def test_what_is_open_is_said_to_its_end(database: Database) -> None:
    from_ = beginning()
    made(database, from_)
    start, over = began(from_), began(from_) + 58 * MINUTE
    with database.begin() as session:
        (one,) = incidents.active(session)
        assert (one.title, one.status) == ("Search is slow", Status.IDENTIFIED)
        assert (one.started_at, next_said(session, from_, NOW)) == (start, None)
        go_on(session, from_, over - 1)
        assert incidents.find(session, one.public).status is Status.MONITORING
        go_on(session, from_, over)
        assert incidents.find(session, one.public).resolved_at == over
        assert next_said(session, from_, over + DAY) is None


def test_an_incident_that_somebody_writes_in_is_theirs(database: Database) -> None:
    from_ = beginning()
    made(database, from_)
    with database.begin() as session:
        (one,) = incidents.active(session)
        update(session, one.public, UpdateSpec(body="I look after it."), by="ann", now=NOW)
        assert next_said(session, from_, NOW + DAY) is None

"""Pings become signals, each once and by its own moment, and so does silence; whoever looks, and whenever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from signalbox import clock, ledger
from signalbox.checks.evidence import Evidence
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.heartbeats import listening, service, verdicts
from signalbox.heartbeats.pings import Ping, Sort
from signalbox.manifest import apply, document
from signalbox.manifest.source import Source
from signalbox.monitors import editing, locations
from signalbox.monitors.roster import Roster
from signalbox.runner import hearing
from signalbox.runner.hearing import Hearing
from signalbox.signals import Reason, Signal, Verdict
from tests.pipeline.stage import Stage
from tests.servers.process import await_condition

TOKEN = "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A"
JOB: dict[str, Any] = {"id": "job", "name": "Job", "check": {"kind": "push", "token": TOKEN, "interval": "1h"}}


class Ear:
    """One process that hears, looked through by hand."""

    def __init__(self, database: Database, roster: Roster) -> None:
        self.signals: list[Signal] = []
        self.evidence: list[Evidence | None] = []
        self.hearing = Hearing(database, roster, "local")
        self.hearing._deliver = self._take

    def _take(self, batch: ledger.Name | None, signal: Signal, evidence: Evidence | None = None) -> None:
        assert batch is None
        self.signals.append(signal)
        self.evidence.append(evidence)

    def look(self) -> Sequence[Signal]:
        """Look once; all signals so far."""
        self.hearing.look()
        return self.signals

    def names(self) -> list[tuple[str, int]]:
        """What it delivered."""
        return [(one.monitor, one.moment) for one in self.signals]


def watched(database: Database, *monitors: dict[str, Any]) -> Roster:
    """Have these watched."""
    with database.begin() as session:
        apply.apply(session, document._Reader(Source("test", {"monitors": list(monitors)})).manifest())
    roster = Roster(database)
    roster.refresh()
    return roster


def tell(database: Database, sort: Sort = Sort.SUCCESS, ago: float = 0, **more: Any) -> Ping:
    """Record a ping of that many seconds ago."""
    ping = Ping("job", clock.now() - round(ago * MICROS), sort, **more)
    with database.begin() as session:
        service.record(session, [ping])
    return ping


def test_each_ping_is_a_signal_of_its_own_moment(database: Database) -> None:
    ear = Ear(database, watched(database, JOB))
    assert ear.look() == []
    good = tell(database, took=12.5)
    bad = tell(database, Sort.FAIL, status=3, said="disk full", body=b"no space left")
    tell(database, Sort.START)
    tell(database, Sort.LOG)
    first, second = ear.look()
    assert (first.moment, first.verdict, first.total, first.available) == (good.at, Verdict.UP, 12.5, True)
    assert (second.moment, second.verdict, second.reason) == (bad.at, Verdict.DOWN, Reason.STATUS)
    assert second.message == "exit status 3"
    assert ear.evidence == [None, [("said", "disk full"), ("body", "no space left")]]
    assert len(ear.look()) == 2


def test_no_signal_of_ours_can_take_the_name_of_a_slot(database: Database) -> None:
    ear = Ear(database, watched(database, JOB))
    whole = clock.now() // MICROS * MICROS
    with database.begin() as session:
        service.record(session, [Ping("job", whole, Sort.SUCCESS), Ping("job", whole - 10_000 * MICROS, Sort.SUCCESS)])
    assert [one.moment % MICROS for one in ear.look()] == [1, 1]


def test_two_that_hear_deliver_the_same_names(database: Database) -> None:
    roster = watched(database, JOB)
    one, other = Ear(database, roster), Ear(database, roster)
    for number in range(5):
        tell(database, Sort.FAIL if number % 2 else Sort.SUCCESS)
        one.look()
    other.look()
    assert one.names() == other.names()
    assert len(set(one.names())) == 5


def test_what_was_told_while_nobody_followed_is_made_up_for(database: Database) -> None:
    roster = watched(database, JOB)
    with database.begin() as session:
        listening.note_followed(session, 0)
    for ago in (5_000, 4_000, 3_000):
        tell(database, ago=ago)
    assert len([one for one in Ear(database, roster).look() if one.verdict is Verdict.UP]) == 3


def test_how_far_it_is_is_written_once_the_signals_are_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "NOTE", 0)
    monkeypatch.setattr(hearing, "AGAIN", 0)
    ear = Ear(database, watched(database, JOB))
    ear.look()
    tell(database)
    tell(database, Sort.FAIL)

    def followed() -> int:
        with database.read() as session:
            return listening.followed(session) or 0

    before = followed()
    ear.look()
    ear.look()
    assert followed() == before  # the store has none of them yet
    ear.hearing.kept(ear.signals[:1])
    ear.look()
    assert followed() == before + 1
    ear.hearing.kept(ear.signals)
    ear.look()
    assert followed() == before + 2
    assert Ear(database, watched(database, JOB)).look() == []


def test_silence_is_told_once_by_its_deadline(database: Database) -> None:
    roster = watched(database, {**JOB, "check": {**JOB["check"], "interval": "1s", "grace": "1s"}})
    ear = Ear(database, roster)
    last = tell(database, ago=1.2)
    assert [one.verdict for one in ear.look()] == [Verdict.UP]
    await_condition(lambda: len(ear.look()) > 1, "the silence")
    silence = ear.signals[1]
    assert (silence.moment, silence.verdict, silence.reason) == (last.at + 2 * MICROS, Verdict.DOWN, Reason.SILENT)
    assert silence.observed - silence.moment < MICROS
    assert len(ear.look()) == 2
    tell(database)
    assert ear.look()[-1].verdict is Verdict.UP


def test_silence_that_passed_while_nobody_looked_is_told_at_once(database: Database) -> None:
    roster = watched(database, JOB)
    last = tell(database, ago=5_000)
    ear = Ear(database, roster)
    deadline = last.at + (3_600 + 720) * MICROS
    then, now = ear.look()[-2:]
    assert (then.moment, then.reason) == (deadline, Reason.SILENT)
    assert (now.reason, clock.now() - now.moment < 2 * MICROS) == (Reason.SILENT, True)


def test_where_nobody_listened_there_is_no_alarm_at_once(database: Database) -> None:
    roster = watched(database, JOB)
    tell(database, ago=5_000)
    now = clock.now()
    with database.begin() as session:
        listening.note(session, now - 2_000 * MICROS)
        listening.note(session, now - 1 * MICROS)
    ear = Ear(database, roster)
    assert [one.verdict for one in ear.look()] == []

    async def ask() -> Any:
        looking = threading.Thread(
            target=lambda: await_condition(lambda: answered or (ear.look() and False), "an answer")
        )
        answered: list[Any] = []
        looking.start()
        answered.append(await ear.hearing.told("job"))
        await asyncio.to_thread(looking.join)
        return answered[0]

    told = asyncio.run(ask())
    check = roster.by_key["job"].check
    outcome = check.answer(told, 0, clock.now())  # type: ignore[attr-defined]
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.MISSED)
    assert "nobody listened" in outcome.message


def test_while_our_own_network_is_cut_silence_says_nothing(database: Database) -> None:
    roster = watched(database, {**JOB, "check": {**JOB["check"], "interval": "1s", "grace": "1s"}})
    last = tell(database)
    with database.begin() as session:
        locations.note_offline(session, "local", last.at, "no canary answers")
    ear = Ear(database, roster)
    await_condition(lambda: ear.look() and clock.now() > last.at + 4 * MICROS, "its deadline to pass")
    assert [one.verdict for one in ear.signals] == [Verdict.UP]


def test_a_paused_monitor_is_told_and_says_nothing(database: Database) -> None:
    roster = watched(database, JOB)
    ear = Ear(database, roster)
    tell(database, ago=5_000)
    with database.begin() as session:
        editing.pause(session, "job", by="cli:test", now=clock.now())
    roster.refresh()
    tell(database, Sort.FAIL)
    assert ear.look() == []
    with database.begin() as session:
        editing.resume(session, "job", by="cli:test")
    roster.refresh()
    assert ear.look() == []  # its deadline counts from now


def test_what_people_say_is_a_signal(database: Database) -> None:
    ear = Ear(database, watched(database, {"id": "ferry", "name": "Ferry", "check": {"kind": "manual"}}))
    ear.look()
    with database.begin() as session:
        verdicts.say(session, "ferry", Verdict.DEGRADED, "every second boat", by="cli:ada", now=clock.now())
    (said,) = ear.look()
    assert (said.monitor, said.verdict, said.message) == ("ferry", Verdict.DEGRADED, "every second boat")


def test_what_could_not_be_delivered_is_read_again(database: Database) -> None:
    ear = Ear(database, watched(database, JOB))
    ear.look()
    first, second = tell(database), tell(database, Sort.FAIL)
    deliver = ear._take

    def failing(batch: ledger.Name | None, signal: Signal, evidence: Evidence | None = None) -> None:
        if signal.verdict is Verdict.DOWN:
            raise RuntimeError("a bug")
        deliver(batch, signal, evidence)

    ear.hearing._deliver = failing
    with pytest.raises(RuntimeError):
        ear.look()
    ear.hearing._deliver = deliver
    ear.look()
    assert {one.moment for one in ear.signals} == {first.at, second.at}


def test_a_monitor_that_was_away_waits_for_a_first_heartbeat_again(database: Database) -> None:
    other = {"id": "other", "name": "Other"}
    stage = Stage(database, [JOB, other])
    tell(database, ago=5_000)
    stage.see(job="u", other="u")
    assert Ear(database, stage.roster).look()[-1].reason is Reason.SILENT
    stage.configure([other])
    stage.sweep()
    stage.configure([JOB, other])
    stage.sweep()
    assert all(one.reason is not Reason.SILENT for one in Ear(database, stage.roster).look())
    with database.read() as session:
        assert len(service.listing(session, "job")) == 1


def test_nothing_is_read_where_nobody_is_told(database: Database) -> None:
    ear = Ear(database, watched(database, {"id": "web", "name": "Web", "url": "http://web.example"}))
    database.close()
    assert ear.look() == []
    assert ear.hearing._number is None


def test_a_transaction_that_takes_longer_is_not_missed(postgres_url: str, tmp_path: Path) -> None:
    database = Database(postgres_url, data=tmp_path)  # SQLite's writers take turns: numbers are seen in their order
    database.migrate()
    ear = Ear(database, watched(database, JOB))
    ear.look()
    with database.begin() as slow:
        number = slow.execute(text("SELECT nextval('pings_id_seq')")).scalar_one()
        tell(database)
        assert len(ear.look()) == 1
        slow.execute(
            text(
                "INSERT INTO pings (id, monitor, at, sort, method, source, agent, said) "
                "VALUES (:id, 'job', :at, 'fail', '', '', '', '')"
            ),
            {"id": number, "at": clock.now()},
        )
    assert [one.verdict for one in ear.look()] == [Verdict.UP, Verdict.DOWN]
    database.close()


async def test_an_answer_counts_all_that_was_told_up_to_its_moment(database: Database) -> None:
    ear = Ear(database, watched(database, JOB))
    hearing_ = ear.hearing
    hearing_.start(ear._take)
    try:
        await asyncio.to_thread(await_condition, lambda: hearing_._as_of, "a first look")
        last = await asyncio.to_thread(tell, database)
        told = await hearing_.told("job")
        assert told is not None
        assert (told.at, told.verdict) == (last.at, Verdict.UP)
        assert told.as_of is not None
        assert told.as_of >= last.at
        assert await hearing_.told("nobody") is None
    finally:
        await asyncio.to_thread(hearing_.close)

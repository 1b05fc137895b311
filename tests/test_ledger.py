"""Who leads, and what was due: batches noted once and counted, one leader at a time, on both databases."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import select, update

from signalbox import clock, ledger
from signalbox.db import Database
from signalbox.ledger import Lease, LeaseRow, Name, Open
from tests.servers.process import await_condition

SPAWN = multiprocessing.get_context("spawn")


@dataclass
class _Batch:
    location: str
    moment: int
    part: int
    monitors: tuple[str, ...] = ("a", "b", "c")
    revision: int = 7


def _note(database: Database, *batches: _Batch) -> set[Name]:
    with database.begin() as session:
        return ledger.note(session, batches)


def _open(database: Database) -> list[Open]:
    with database.read() as session:
        return ledger.still_open(session, 0, 1 << 62)


def test_a_batch_is_noted_once(database: Database) -> None:
    first, second = _Batch("local", 1, 0), _Batch("local", 1, 1)
    assert _note(database, first) == {Name("local", 1, 0)}
    assert _note(database, first, second) == {Name("local", 1, 1)}
    assert _note(database) == set()
    assert _open(database) == [Open(Name("local", 1, part), 3, 0, 7, ("a", "b", "c")) for part in (0, 1)]


def test_noting_again_does_not_undo_what_was_settled(database: Database) -> None:
    _note(database, _Batch("local", 1, 0))
    with database.begin() as session:
        ledger.settle(session, {Name("local", 1, 0): 2})
    assert _note(database, _Batch("local", 1, 0)) == set()
    assert _open(database) == [Open(Name("local", 1, 0), 3, 2, 7, ("a", "b", "c"))]


def test_many_batches_are_noted_in_one_go(database: Database) -> None:
    batches = [_Batch("local", moment, 0, monitors=()) for moment in range(6_000)]
    assert len(_note(database, *batches)) == 6_000


def test_settling_adds_up_and_closes_a_batch(database: Database) -> None:
    _note(database, _Batch("local", 1, 0), _Batch("fra", 1, 0))
    for count in (1, 2):
        with database.begin() as session:
            ledger.settle(session, {Name("local", 1, 0): count, Name("nowhere", 9, 9): 1})
    assert _open(database) == [Open(Name("fra", 1, 0), 3, 0, 7, ("a", "b", "c"))]


def test_settling_at_the_same_time_loses_no_count(database: Database) -> None:
    names = [Name("local", 1, part) for part in range(5)]
    _note(database, *(_Batch(*name, monitors=("m",) * 100) for name in names))

    def work() -> None:
        for _ in range(10):
            with database.begin() as session:
                ledger.settle(session, dict.fromkeys(names, 1))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.settled for one in _open(database)] == [60] * 5


def test_what_is_open_is_asked_by_time(database: Database) -> None:
    _note(database, *(_Batch("local", moment, 0) for moment in range(5)))
    with database.read() as session:
        assert [one.name.moment for one in ledger.still_open(session, 1, 3)] == [1, 2]


def test_the_newest_moment_is_told_for_each_location(database: Database) -> None:
    _note(database, _Batch("local", 4, 0), _Batch("local", 9, 0), _Batch("fra", 12, 0))
    with database.read() as session:
        found = [ledger.newest(session, location) for location in ("local", "fra", "nowhere")]
    assert found == [9, 12, None]


def test_old_batches_are_forgotten(database: Database) -> None:
    _note(database, *(_Batch("local", moment, 0) for moment in range(5)))
    with database.begin() as session:
        assert ledger.forget(session, 3) == 3
    assert [one.name.moment for one in _open(database)] == [3, 4]


def _acquire(database: Database, lease: Lease) -> bool:
    with database.begin() as session:
        return lease.acquire(session)


def _renew(database: Database, lease: Lease) -> bool:
    with database.begin() as session:
        return lease.renew(session)


def test_one_contender_leads_and_the_other_does_not(database: Database) -> None:
    one, two = Lease("beat", "one"), Lease("beat", "two")
    assert _acquire(database, one)
    assert not _acquire(database, two)
    assert (one.held, two.held) == (True, False)
    assert _renew(database, one)
    assert not _renew(database, two)


def test_leases_of_different_names_do_not_meet(database: Database) -> None:
    assert _acquire(database, Lease("beat", "one"))
    assert _acquire(database, Lease("reaper", "two"))


def test_a_released_lease_is_free_at_once_and_its_fence_grows(database: Database) -> None:
    one, two = Lease("beat", "one"), Lease("beat", "two")
    fences = []
    for lease in (one, two, one, two):
        assert _acquire(database, lease)
        fences.append(lease.fence)
        with database.begin() as session:
            lease.release(session)
        assert not lease.held
    assert fences == [1, 2, 3, 4]


def test_a_release_by_one_who_lost_the_lease_frees_nothing(database: Database) -> None:
    one, two, three = Lease("beat", "one", ttl=0.05), Lease("beat", "two"), Lease("beat", "three")
    assert _acquire(database, one)
    await_condition(lambda: _acquire(database, two), "the lease to run out")
    with database.begin() as session:
        one.release(session)
    assert not _acquire(database, three)


def test_a_dead_leader_is_replaced_in_time(database: Database) -> None:
    dead, heir = Lease("beat", "dead", ttl=1.0), Lease("beat", "heir", ttl=1.0)
    assert _acquire(database, dead)
    assert not _acquire(database, heir)
    await_condition(lambda: _acquire(database, heir), "the lease to run out")
    assert heir.fence == 2
    assert not dead.held
    assert not _renew(database, dead)
    assert dead.fence is None


def test_nothing_is_believed_before_it_is_committed(database: Database) -> None:
    lease = Lease("beat", "one")

    def fail() -> None:
        with database.begin() as session:
            assert lease.acquire(session)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert not lease.held
    assert lease.fence is None


def test_a_database_clock_that_was_set_back_does_not_keep_a_dead_leader(database: Database) -> None:
    dead, heir = Lease("beat", "dead", ttl=0.5), Lease("beat", "heir", ttl=0.5)
    assert _acquire(database, dead)
    an_hour_on = clock.now() + 3_600 * clock.MICROS  # what the row says after the clock went back an hour
    with database.begin() as session:
        session.execute(update(LeaseRow).values(expires=an_hour_on))
    assert not _acquire(database, heir)
    await_condition(lambda: _acquire(database, heir), "the heir's own patience to end", patience=20)


def test_a_database_clock_that_was_set_back_does_not_depose_a_living_leader(database: Database) -> None:
    leader, rival = Lease("beat", "leader", ttl=30), Lease("beat", "rival", ttl=0.2)
    assert _acquire(database, leader)
    until = time.monotonic() + 1.0
    while time.monotonic() < until:  # the rival's patience is shorter than this
        with database.begin() as session:
            session.execute(update(LeaseRow).values(expires=LeaseRow.expires + 1))  # each renewal moves the row
        assert not _acquire(database, rival)
    assert _renew(database, leader)


def test_of_many_contenders_one_wins(database: Database) -> None:
    leases = [Lease("beat", f"contender {number}") for number in range(8)]
    won: list[bool] = []
    gate = threading.Barrier(len(leases))

    def contend(lease: Lease) -> None:
        gate.wait()
        won.append(_acquire(database, lease))

    threads = [threading.Thread(target=contend, args=(lease,)) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]
    assert sum(lease.held for lease in leases) == 1


def _lead(url: str, data: Path, pipe: Connection) -> None:
    """A leader that renews when told to, and says whether that went well."""
    database, lease = Database(url, data=data), Lease("beat", "paused", ttl=1.0)
    pipe.send(_acquire(database, lease))
    while pipe.recv() == "renew":
        held = lease.held
        pipe.send((held, _renew(database, lease)))


def test_a_leader_that_was_paused_cannot_go_on_leading(database: Database, state_url: str, tmp_path: Path) -> None:
    ours, theirs = SPAWN.Pipe()
    paused = SPAWN.Process(target=_lead, args=(state_url, tmp_path / "data", theirs))
    paused.start()
    assert ours.recv() is True
    assert paused.pid is not None
    os.kill(paused.pid, signal.SIGSTOP)
    heir = Lease("beat", "heir", ttl=600)
    await_condition(lambda: _acquire(database, heir), "the paused leader's lease to run out")
    os.kill(paused.pid, signal.SIGCONT)
    ours.send("renew")
    assert ours.recv() == (False, False)
    ours.send("end")
    paused.join(60)
    assert heir.held
    assert heir.fence == 2


def test_a_batch_names_its_monitors_until_all_are_accounted_for(database: Database) -> None:
    name = Name("local", 1, 0)
    with database.begin() as session:
        ledger.note(session, [_Batch("local", 1, 0)])
        ledger.settle(session, {name: 2})
    assert [one.monitors for one in _open(database)] == [("a", "b", "c")]
    with database.begin() as session:
        ledger.settle(session, {name: 1})
    assert _open(database) == []
    with database.read() as session:
        assert session.scalars(select(ledger.LedgerRow.monitors)).all() == [None]


def test_what_nobody_answered_closes_a_batch_as_missed(database: Database) -> None:
    name = Name("local", 1, 0)
    with database.begin() as session:
        ledger.note(session, [_Batch("local", 1, 0)])
        ledger.close(session, {name: (2, 1)})
    assert _open(database) == []
    with database.read() as session:
        row = session.scalars(select(ledger.LedgerRow)).one()
    assert (row.due, row.settled, row.missed, row.monitors) == (3, 2, 1, None)

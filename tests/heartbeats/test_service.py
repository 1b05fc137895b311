"""What was told is kept, bounded, and read again in order; on both databases."""

from __future__ import annotations

import threading

from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.heartbeats import listening, service
from signalbox.heartbeats.models import PingRow
from signalbox.heartbeats.pings import Ping, Sort
from signalbox.signals import Verdict

START = 1_800_000_000 * MICROS


def ping(number: int, sort: Sort = Sort.SUCCESS, monitor: str = "job", **more: object) -> Ping:
    """The ping of that second."""
    return Ping(monitor, START + number * MICROS, sort, **more)  # type: ignore[arg-type]


def record(database: Database, *pings: Ping) -> None:
    """Keep these."""
    with database.begin() as session:
        service.record(session, pings)


def test_the_newest_hundred_of_each_monitor_are_kept(database: Database) -> None:
    record(database, ping(0, monitor="other", body=b"kept"))
    record(database, *(ping(number, body=bytes([number])) for number in range(150)))
    with database.read() as session:
        kept = service.listing(session, "job", limit=1_000)
        assert [row.body for row in kept] == [bytes([number]) for number in reversed(range(50, 150))]
        assert [row.body for row in service.listing(session, "other")] == [b"kept"]
        assert service.body(session, kept[0].id) == bytes([149])
        assert [row.id for row in service.listing(session, "job", before=kept[1].id, limit=2)] == [
            kept[2].id, kept[3].id
        ]  # fmt: skip


def test_old_ones_are_dropped_and_their_monitor_stands_as_before(database: Database) -> None:
    record(database, ping(0, Sort.FAIL, status=2))
    with database.begin() as session:
        service.forget(session, START + (service.DAYS * 86_400 + 1) * MICROS)
        assert service.listing(session, "job") == []
        assert service.load(session, ["job", "nobody"])["job"].verdict is Verdict.DOWN


def test_numbers_grow_also_when_all_are_dropped(database: Database) -> None:
    record(database, ping(0), ping(1))
    with database.begin() as session:
        before = service.listing(session, "job")[0].id
        service.forget(session, START + 10**17)
        assert service.number_before(session, 0) == 0
    record(database, ping(2))
    with database.read() as session:
        assert service.listing(session, "job")[0].id > before


def test_pings_are_followed_by_number_and_late_ones_are_found(database: Database) -> None:
    record(database, *(ping(number) for number in range(5)))
    with database.read() as session:
        everything = service.since(session, 0, (), 100)
        numbers = [one.id for one in everything]
        assert [one.ping.at for one in everything] == [START + number * MICROS for number in range(5)]
        later = service.since(session, numbers[2], (numbers[0], 10**9), 1)
        assert [one.id for one in later] == [numbers[0], numbers[3]]
        assert service.number_before(session, START + 3 * MICROS) == numbers[3] - 1
        assert service.number_before(session, START + 10**12) == numbers[4]


def test_writers_that_come_together_lose_nothing(database: Database) -> None:
    def write(monitor: str) -> None:
        for number in range(20):
            record(database, ping(number, monitor=monitor), ping(number, monitor="shared"))

    threads = [threading.Thread(target=write, args=(f"job-{index}",)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.query(PingRow).count() == 160
        assert service.load(session, ["shared"])["shared"].at == START + 19 * MICROS


def test_a_time_in_which_nobody_listened_is_remembered(database: Database) -> None:
    def note(seconds: int) -> listening.Listening:
        with database.begin() as session:
            listening.note(session, START + seconds * MICROS)
            known = listening.read(session)
        assert known is not None
        return known

    with database.read() as session:
        assert listening.read(session) is None
    assert note(0).deaf is None
    assert note(5).deaf is None
    assert note(34).deaf is None  # a restart
    known = note(100)
    assert known.deaf == (START + 34 * MICROS, START + 100 * MICROS)
    assert note(105).deaf == known.deaf
    assert known.as_of(START + 110 * MICROS) == known.deaf
    assert known.as_of(START + 131 * MICROS) == (START + 100 * MICROS, START + 131 * MICROS)


def test_how_far_pings_were_followed_is_remembered(database: Database) -> None:
    with database.begin() as session:
        assert listening.followed(session) is None
        for number in (7, 9):
            listening.note_followed(session, number)
            assert listening.followed(session) == number

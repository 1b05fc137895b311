"""The SQLite store keeps the promises of all stores, and its own about the file."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from signalbox.clock import now
from signalbox.errors import ConfigurationError, Refused, Unavailable
from signalbox.signals import Signal
from signalbox.stores import open_store, sqlite_hours
from signalbox.stores.sqlite import SQLiteStore
from tests.servers.process import Process
from tests.stores.conformance import (
    HoursConformance,
    Kept,
    PruningConformance,
    StoreConformance,
    assert_same,
)
from tests.stores.crashes import acknowledged, kill_an_appender
from tests.stores.roller import HOURS, ROWS, batch
from tests.stores.samples import HOUR, MINUTE, START, hours_of_signals, minutes, signal
from tests.stores.small_disk import on_a_small_disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "signals.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore(path)
    store.open()
    yield store
    store.close()


class TestSQLiteStore(StoreConformance, HoursConformance, PruningConformance):
    @pytest.fixture
    def kept(self, tmp_path: Path) -> Iterator[Kept]:
        store = open_store(f"sqlite:///{tmp_path / 'data' / 'signals.db'}", data=tmp_path)
        store.open()
        yield Kept(store)
        store.close()


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path, path: Path) -> None:
    for n, after in enumerate((1, 7, 30)):
        sure = kill_an_appender(f"sqlite:///{path}", tmp_path, f"m{n}", after)
        store = SQLiteStore(path)
        store.open()
        found = len(store.raw(f"m{n}", 0, START + HOUR))
        store.close()
        assert found >= sure > 0
        assert found % 50 == 0, "a batch is kept whole or not at all"


def test_nothing_is_lost_or_counted_twice_when_who_rolls_up_is_killed(tmp_path: Path, path: Path) -> None:
    root, expected = Path(__file__).parents[2], list[Signal]()
    for n, after in enumerate((2, 40, 150)):
        command = [sys.executable, "-u", "-m", "tests.stores.roller", str(path), f"m{n}", str(START)]
        child = Process(command, tmp_path, f"roller-{n}", {"PYTHONPATH": str(root)})
        child.start(partial(has_said, child, after))
        child.kill()
        store = SQLiteStore(path)
        store.open()
        sure = acknowledged(child)
        monitors = [f"m{n}-{k}" for k in range(4)]
        whole, half = divmod(counted(store, monitors), ROWS)
        assert half == 0, "a batch is counted whole or not at all"
        assert sure <= whole <= sure + 1, "what was said to be kept, and perhaps the one that was not said yet"
        expected += [one for lot in batches(n, whole) for one in lot]
        while store.roll(now()):
            pass
        everybody = sorted({one.monitor for one in expected})
        for step in (HOUR, HOURS * HOUR):
            found = store.buckets(everybody, START, START + HOURS * HOUR, step)
            assert_same(found, expected, START, START + HOURS * HOUR, step)
        store.close()


def has_said(child: Process, batches: int) -> bool:
    return acknowledged(child) >= batches


def batches(n: int, count: int) -> list[list[Signal]]:
    return [batch(f"m{n}", number, START) for number in range(count)]


def counted(store: SQLiteStore, monitors: list[str]) -> int:
    found = store.buckets(monitors, START, START + HOURS * HOUR, HOUR)
    return sum(bucket.up for buckets in found.values() for bucket in buckets)


def test_a_file_from_before_is_rolled_up_little_by_little(path: Path, store: SQLiteStore) -> None:
    signals = hours_of_signals(hours=20)
    store.append(signals)
    store.close()
    connection = sqlite3.connect(path)
    for table in ("hourly", "rolling", "unrolled"):
        connection.execute(f"DROP TABLE {table}")
    connection.commit()
    connection.close()
    store.open()
    while (rolled := store._roll_some(START // HOUR + 20)) is not None:
        assert rolled <= 2
        found = store.buckets(["api", "web"], START, START + 20 * HOUR, HOUR)
        assert_same(found, signals, START, START + 20 * HOUR, HOUR)
    assert hours_kept(path) == 40


def hours_kept(path: Path) -> int:
    connection = sqlite3.connect(path)
    found: int = connection.execute("SELECT count(*) FROM hourly").fetchone()[0]
    connection.close()
    return found


def test_what_is_loaded_is_rolled_up_at_once(store: SQLiteStore, path: Path) -> None:
    signals = hours_of_signals(hours=12)
    store.append([signal("other", START + 3 * HOUR)])
    store.load([one for one in signals if one.moment < START + 6 * HOUR])
    assert hours_kept(path) == 12
    store.load([one for one in signals if one.moment >= START + 6 * HOUR])
    assert hours_kept(path) == 24
    assert store.roll(now()) == 1, "only what was appended before is left to do"
    found = store.buckets(["api", "web"], START, START + 12 * HOUR, 4 * HOUR)
    assert_same(found, signals, START, START + 12 * HOUR, 4 * HOUR)


@pytest.mark.parametrize("odd", ["twice", "new", "not unicode", "again"])
def test_what_is_loaded_may_be_odd(store: SQLiteStore, odd: str) -> None:
    hours = hours_of_signals(("api",), 2)
    last = signal("api", START + 7, total=77.0)
    if odd == "again":
        store.load(hours)
    match odd:
        case "twice":
            store.load([*hours, last._replace(total=1.0), last])
        case "new":
            last = signal("api", now())
            store.load([*hours, last])
        case "not unicode":
            store.load([*hours, last._replace(message="half \ud83d pair")])
        case _:
            store.load([last])
    end = now() // HOUR * HOUR + HOUR
    for _ in range(2):
        assert_same(store.buckets(["api"], START, end, HOUR), [*hours, last], START, end, HOUR)
        store.roll(now())


def test_the_hour_that_goes_on_is_left_alone(store: SQLiteStore, path: Path) -> None:
    hour = now() // HOUR * HOUR
    store.append([signal(moment=hour), signal(moment=hour - 1), signal(moment=hour + HOUR)])
    assert store.roll(hour + MINUTE) == 0
    assert store.roll(hour + 3 * MINUTE) == 1
    assert store.roll(hour + 3 * MINUTE) == 0
    assert hours_kept(path) == 1
    found = store.buckets(["api"], hour - HOUR, hour + 2 * HOUR, HOUR)["api"]
    assert [bucket.up for bucket in found] == [1, 1, 1]


def test_what_is_counted_while_a_signal_comes_is_counted_again(store: SQLiteStore) -> None:
    store.append(minutes("api", 3))
    assert store._roll_some(START // HOUR + 1) == 0  # the hour is closed, and not counted yet
    with store._snapshot() as reader:
        early = sqlite_hours.count(reader, START // HOUR + 1)
    assert early is not None
    store.append([signal(moment=START + 7)])
    with store._transaction() as writer:
        assert sqlite_hours.keep(writer, early) == 0
    while store.roll(now()):
        pass
    with store._transaction() as writer:
        assert sqlite_hours.keep(writer, early) == 0, "another process has done it meanwhile"
    assert [bucket.up for bucket in store.buckets(["api"], START, START + HOUR, HOUR)["api"]] == [4]


def test_processes_that_roll_up_at_once_count_the_same(store: SQLiteStore, path: Path) -> None:
    signals = hours_of_signals(("api", "web", "docs"), 12)
    other = SQLiteStore(path)
    other.open()
    store.append(signals[::2])

    def work(mine: SQLiteStore, late: list[Signal]) -> None:
        for one in late:
            mine.append([one])
            mine.roll(now())

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work, store, signals[1::4]), threads.submit(work, other, signals[3::4])]:
            done.result()
    found = other.buckets(["api", "web", "docs"], START, START + 12 * HOUR, HOUR)
    assert_same(found, signals, START, START + 12 * HOUR, HOUR)
    other.close()


def test_many_monitors_are_rolled_up_in_parts(store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signalbox.stores.sqlite_hours.AT_ONCE", 7)
    names = tuple(f"m{n:03}" for n in range(120))
    signals = hours_of_signals(names, 2)
    store.append(signals)
    assert store.roll(now()) == 240
    assert hours_kept(path) == 240
    for step in (HOUR, 2 * HOUR):
        found = store.buckets(names, START, START + 2 * HOUR, step)
        assert_same(found, signals, START, START + 2 * HOUR, step)


def test_hours_whose_signals_are_there_are_not_dropped(store: SQLiteStore) -> None:
    store.append(hours_of_signals(("api",), 2))
    store.roll(now())
    assert store.prune_hours(START + 2 * HOUR) == 0
    assert len(store.buckets(["api"], START, START + 2 * HOUR, HOUR)["api"]) == 2


def test_a_second_process_may_write_to_the_same_file(store: SQLiteStore, path: Path) -> None:
    other = SQLiteStore(path)
    other.open()
    other.append(minutes("api", 3))
    store.append(minutes("api", 5))
    assert other.latest(["api"], 9) == store.latest(["api"], 9) == {"api": minutes("api", 5)}
    other.close()


def test_the_table_reads_well_for_people(store: SQLiteStore, path: Path) -> None:
    store.append([signal(moment=1_764_000_000_000_042, certificate_expires=1_764_100_000_000_000)])
    connection = sqlite3.connect(path)
    query = "SELECT * FROM signals WHERE url = 'https://api.example/health' ORDER BY received DESC LIMIT 60"
    cursor = connection.execute(query)
    row = dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))
    connection.close()
    assert row["received"] == "2025-11-24T16:00:00.000042Z"
    assert row["certificate_expires"] == "2025-11-25T19:46:40Z"
    assert (row["http_status"], row["available"], row["verdict"]) == (200, 1, "up")


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        """
        store = SQLiteStore(disk / "signals.db")
        store.open()
        kept = 0
        try:
            for n in range(10_000):
                store.append([signal(f"m{k}", START + n) for k in range(100)])
                kept += 100
        except Unavailable as error:
            print(error)
        assert len(store.raw(None, 0, START + HOUR)) == kept > 0, "only whole batches are there"
        os.remove(disk / "ballast")
        store.append([signal("after", START)])
        print("kept again:", len(store.raw("after", 0, START + HOUR)))
        """,
    )
    assert "cannot write the signal store" in said
    assert "database or disk is full" in said
    assert "kept again: 1" in said


def test_a_read_only_disk_is_said(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        """
        store = SQLiteStore(disk / "signals.db")
        store.open()
        store.close()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        try:
            store.open()
        except Unavailable as error:
            print(error)
        """,
    )
    assert "cannot open the signal store" in said


def test_a_file_that_is_no_database_is_refused_in_words(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 1_000)
    with pytest.raises(Refused, match="cannot be used: file is not a database"):
        SQLiteStore(path).open()


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot open the signal store"):
        SQLiteStore(tmp_path / "file" / "signals.db").open()


def test_a_writer_that_holds_the_file_too_long_is_said(store: SQLiteStore, path: Path, tmp_path: Path) -> None:
    store._writer.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr] # 5 s otherwise
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="database is locked"):
        store.append([signal()])
    other.execute("ROLLBACK")
    other.close()
    store.append([signal()])
    assert store.raw(None, 0, START + 1) == [signal()]


def test_a_closed_store_says_that_it_is_closed(store: SQLiteStore) -> None:
    store.close()
    with pytest.raises(Unavailable, match="is not open"):
        store.append([signal()])
    with pytest.raises(Unavailable, match="is not open"):
        store.latest(["api"], 1)


def test_pruning_much_goes_in_steps(store: SQLiteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signalbox.stores.sqlite._PRUNED_AT_ONCE", 7)
    store.append([s for n in range(10) for s in minutes(f"m{n}", 10)])
    assert store.prune(START + 9 * MINUTE) == 90
    assert len(store.raw(None, 0, START + HOUR)) == 10


@pytest.mark.parametrize("mode", ["full", "NORMAL"])
def test_the_url_chooses_how_carefully_to_sync(path: Path, tmp_path: Path, mode: str) -> None:
    store = open_store(f"sqlite:///{path}?synchronous={mode}", data=tmp_path)
    store.open()
    store.append([signal()])
    assert store.raw(None, 0, START + 1) == [signal()]
    store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "sqlite:///PATH"),
        ("sqlite://signals.db", "sqlite:///PATH"),
        ("sqlite:///x.db?synchronous=perhaps", "is not one of"),
        ("mysql://somewhere", "no signal store is called 'mysql'"),
        ("", "no signal store is called ''"),
    ],
)
def test_an_address_that_names_no_store_is_refused(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        open_store(url, data=tmp_path)

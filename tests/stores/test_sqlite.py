"""The SQLite store keeps the promises of all stores, and its own about the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.errors import ConfigurationError, Refused, Unavailable
from signalbox.stores import open_store
from signalbox.stores.sqlite import SQLiteStore
from tests.stores.conformance import HoursConformance, Kept, PruningConformance, StoreConformance
from tests.stores.crashes import kill_an_appender
from tests.stores.samples import HOUR, MINUTE, START, minutes, signal
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

"""Signals go through the journal: kept at once, moved on when the store answers, never lost, never stuck."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest

from signalbox.clock import now
from signalbox.errors import Unavailable
from signalbox.signals import Signal
from signalbox.stores.journal import Journal
from signalbox.stores.journaled import JournaledStore
from signalbox.stores.memory import MemoryStore
from signalbox.stores.segments import encoded
from tests.servers.process import PATIENCE, await_condition
from tests.stores.conformance import HoursConformance, Kept, PruningConformance, StoreConformance
from tests.stores.samples import HOUR, MINUTE, START, minutes, signal
from tests.stores.small_disk import on_a_small_disk

END = START + 40 * HOUR


class Switched(MemoryStore):
    """A store that can be away, and be started anew without its newest rows."""

    def __init__(self) -> None:
        super().__init__()
        self.away, self.started, self.batches = False, "first", 0

    def open(self) -> None:
        self.ping()

    def append(self, signals: Sequence[Signal]) -> None:
        self.ping()
        self.batches += 1
        super().append(signals)

    def ping(self) -> None:
        if self.away:
            raise Unavailable("the store is away")


Make = Callable[..., JournaledStore]


@pytest.fixture
def inner() -> Switched:
    return Switched()


@pytest.fixture
def make(tmp_path: Path, inner: Switched, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    monkeypatch.setattr("signalbox.stores.journaled._LONGEST_PAUSE_S", 0.2)
    monkeypatch.setattr("signalbox.stores.journaled._LOOK_EVERY_S", 0.0)
    monkeypatch.setattr("signalbox.stores.journaled._CLAIM_EVERY_S", 0.0)
    made: list[JournaledStore] = []

    def make(**options: object) -> JournaledStore:
        store = JournaledStore(inner, tmp_path / "journal", incarnation=lambda: inner.started, **options)  # type: ignore[arg-type]
        made.append(store)
        store.open()
        return store

    yield make
    inner.away = False
    for store in made:
        store.close()


def kept(inner: Switched) -> list[Signal]:
    return inner.raw(None, 0, END)


class TestJournaledStore(StoreConformance, HoursConformance, PruningConformance):
    @pytest.fixture
    def kept(self, make: Make) -> Kept:
        store = make()

        def settle() -> None:
            assert store.flush(60)

        return Kept(store, settle)


def test_signals_reach_the_store_in_order(make: Make, inner: Switched) -> None:
    store = make()
    for each in minutes("api", 20):
        store.append([each])
    assert store.flush(30)
    assert kept(inner) == minutes("api", 20)
    assert store.backlog() == 0
    assert store.size() > 0, "kept for a replay"


def test_signals_are_taken_while_the_store_is_away_and_follow_when_it_is_back(make: Make, inner: Switched) -> None:
    inner.away = True
    store = make()
    for each in minutes("api", 20):
        store.append([each])
    await_condition(lambda: store.trouble, "the store to be found away")
    assert not store.flush(0.05)
    assert store.backlog() > 1_000
    assert "the store is away" in (store.trouble or "")
    inner.away = False
    assert store.flush(30)
    assert kept(inner) == minutes("api", 20)
    await_condition(lambda: store.trouble is None, "the trouble to be over")


def test_a_store_that_was_away_at_the_start_is_opened_under_the_migration_lock(make: Make, inner: Switched) -> None:
    locks: list[str] = []

    class Lock:
        def __enter__(self) -> None:
            locks.append("taken")

        def __exit__(self, *_: object) -> None:
            locks.append("released")

    inner.away = True
    store = make(migration_lock=Lock)
    store.append([signal()])
    await_condition(lambda: len(locks) >= 2, "a try under the lock")
    inner.away = False
    assert store.flush(30)
    assert locks[:2] == ["taken", "released"]
    assert kept(inner) == [signal()]


def test_reads_ask_the_store_behind(make: Make, inner: Switched) -> None:
    store = make()
    inner.append(minutes("api", 3))
    assert store.latest(["api"], 2) == {"api": minutes("api", 3)[1:]}
    assert store.raw("api", START, START + 1) == minutes("api", 1)
    assert store.buckets(["api"], START, START + HOUR, HOUR)["api"][0].up == 3
    inner.away = True
    with pytest.raises(Unavailable, match="the store is away"):
        store.ping()


def test_what_a_killed_process_left_is_claimed_and_moved_on(make: Make, inner: Switched, tmp_path: Path) -> None:
    dead = abandoned(tmp_path / "journal", minutes("api", 5), torn=b"")
    store = make()
    await_condition(lambda: len(kept(inner)) == 5, "the orphan's signals")
    assert store.flush(30)
    assert dead.exists(), "kept for a replay"


@pytest.mark.parametrize(
    "torn",
    [b"\x10", encoded([signal()])[:-3], b"\0" * 64, encoded([signal()])[:-1] + b"?"],
    ids=["header", "body", "zeros", "sum"],
)
def test_a_torn_last_record_is_not_a_record(make: Make, inner: Switched, tmp_path: Path, torn: bytes) -> None:
    abandoned(tmp_path / "journal", minutes("api", 5), torn)
    store = make()
    await_condition(lambda: len(kept(inner)) == 5, "the orphan's whole records")
    assert store.flush(30)
    assert kept(inner) == minutes("api", 5)


def test_a_record_damaged_in_the_middle_is_put_aside_and_the_rest_goes_on(
    make: Make, inner: Switched, tmp_path: Path
) -> None:
    dead = abandoned(tmp_path / "journal", minutes("api", 5), torn=b"")
    segment = next(dead.glob("*.segment"))
    whole = segment.read_bytes()
    segment.write_bytes(whole[:400] + b"#" + whole[401:])
    store = make()
    store.append([signal("web")])
    await_condition(lambda: [*dead.glob("*.damaged")], "the damaged segment to be put aside")
    assert store.flush(30)
    assert signal("web") in kept(inner)
    assert next(dead.glob("*.damaged")).stat().st_size == len(whole)


def test_the_journal_of_a_living_process_is_left_alone(make: Make, inner: Switched, tmp_path: Path) -> None:
    inner.away = True
    first = make()
    first.append(minutes("api", 3))
    assert Journal.claimed(tmp_path / "journal", ["store"]) == []
    assert [folder.name for folder in (tmp_path / "journal").iterdir()]


def test_a_store_that_was_started_anew_is_sent_the_last_minutes_again(make: Make, inner: Switched) -> None:
    store = make()
    store.append(minutes("api", 8))
    assert store.flush(30)
    assert inner.prune(END) == 8  # what it had not synced
    inner.started = "second"
    store.append([signal("web")])
    await_condition(lambda: len(kept(inner)) == 9, "the last minutes to be sent again")


def test_segments_go_once_they_have_been_passed_for_long_enough(make: Make, inner: Switched, tmp_path: Path) -> None:
    abandoned(tmp_path / "journal", minutes("web", 5), torn=b"")
    store = make(kept_s=0.0)
    store.append(minutes("api", 5))
    await_condition(lambda: len(kept(inner)) == 10, "all signals")
    await_condition(lambda: store.size() == 0, "the segments to go")
    await_condition(lambda: len([*(tmp_path / "journal").iterdir()]) == 1, "the orphan's folder to go")
    store.append([signal("after")])
    assert store.flush(30)
    assert signal("after") in kept(inner)


def test_segments_stay_while_a_cursor_has_not_passed_them(tmp_path: Path) -> None:
    journal = Journal.made(tmp_path, ["store", "judge"])
    journal.append(minutes("api", 3))
    signals, behind = journal.read("store", 100)
    journal.pass_to("store", behind)
    journal.sweep(kept_s=0.0)
    assert (journal.backlog("store"), journal.read("judge", 100)[0]) == (0, signals)
    journal.pass_to("judge", behind)
    journal.sweep(kept_s=0.0)
    assert journal.size() == 0
    journal.close()


def test_cursors_are_where_they_were_when_the_journal_is_claimed(tmp_path: Path) -> None:
    journal = Journal.made(tmp_path, ["store", "judge"])
    for each in minutes("api", 4):
        journal.append([each])
    journal.pass_to("judge", journal.read("judge", 2)[1])
    journal.close()
    (claimed,) = Journal.claimed(tmp_path, ["store", "judge"])
    assert claimed.read("judge", 100)[0] == minutes("api", 4)[2:]
    assert claimed.read("store", 100)[0] == minutes("api", 4)
    claimed.close()


def test_a_journal_goes_on_in_a_new_segment_when_one_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signalbox.stores.journal._SEGMENT_BYTES", 1_000)
    journal = Journal.made(tmp_path, ["store"])
    for each in minutes("api", 30):
        journal.append([each])
    assert len([*tmp_path.rglob("*.segment")]) >= 5
    assert journal.read("store", 1_000)[0] == minutes("api", 30)
    read: list[Signal] = []
    while batch := journal.read("store", 4):
        if not batch[0]:
            break
        read += batch[0]
        journal.pass_to("store", batch[1])
    assert read == minutes("api", 30)
    journal.close()


def test_a_stop_does_not_wait_for_a_store_that_hangs(tmp_path: Path) -> None:
    class Frozen(MemoryStore):
        asked, thawed = Event(), Event()

        def append(self, signals: Sequence[Signal]) -> None:
            self.asked.set()
            self.thawed.wait()
            super().append(signals)

    inner = Frozen()
    store = JournaledStore(inner, tmp_path / "journal")
    store.open()
    store.load([signal()])
    assert inner.asked.wait(PATIENCE)
    began = time.monotonic()
    store.close()
    assert time.monotonic() - began < 5
    inner.thawed.set()
    await_condition(lambda: inner.raw(None, 0, END), "the signal to arrive after all")
    store.close()


def test_moments_that_cannot_be_live_become_dead_letters(make: Make, inner: Switched, tmp_path: Path) -> None:
    store = make()
    moment = now()
    old, ahead = signal(moment=moment - 8 * 24 * HOUR), signal(moment=moment + 10 * MINUTE)
    store.append([old, signal(), ahead])
    assert store.flush(30)
    assert kept(inner) == [signal()]
    letters = [json.loads(line) for line in (tmp_path / "journal" / "refused.jsonl").read_text("utf-8").splitlines()]
    assert [letter["signal"]["moment"] for letter in letters] == [old.moment, ahead.moment]
    assert "7 days before or 5 minutes after" in letters[0]["why"]


def test_signals_of_any_time_have_a_way_of_their_own(make: Make, inner: Switched) -> None:
    store = make()
    store.load([signal(moment=5)])
    assert store.flush(30)
    assert kept(inner) == [signal(moment=5)]


def test_a_full_disk_is_said_and_what_was_kept_still_moves_on(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        """
        inner = MemoryStore()
        store = JournaledStore(inner, disk / "journal")
        store.open()
        kept = 0
        try:
            for n in range(10_000):
                store.append([signal(f"m{k}", START + n) for k in range(100)])
                kept += 100
        except Unavailable as error:
            print(error)
        assert store.flush(60)
        assert len(inner.raw(None, 0, START + HOUR)) == kept > 0, "only whole batches are there"
        os.remove(disk / "ballast")
        store.append([signal("after", START)])
        assert store.flush(60)
        print("kept again:", len(inner.raw("after", 0, START + HOUR)))
        """,
    )
    assert "cannot write to the journal" in said
    assert "No space left on device" in said
    assert "kept again: 1" in said


def abandoned(root: Path, signals: list[Signal], torn: bytes) -> Path:
    """The journal folder that a process killed in the middle of a record leaves behind."""
    journal = Journal.made(root, ["store"])
    for each in signals:
        journal.append([each])
    segment = next(journal.folder.glob("*.segment"))
    with segment.open("ab") as file:
        file.write(torn)
    assert journal._writer is not None
    journal._writer.turn()
    journal._lock_file.close()  # as the kernel does for the dead; cursors are not saved
    return journal.folder

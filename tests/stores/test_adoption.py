"""The tutorial's table becomes ours with every row, wherever the process dies and whoever writes meanwhile."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.clock import iso, now
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict
from signalbox.stores.deadletters import DeadLetters
from signalbox.stores.questdb import QuestDBStore
from signalbox.stores.questdb.address import Address
from signalbox.stores.questdb.tutorial import NAMELESS, monitor_of, signal_of_tutorial, spread
from tests.servers.process import await_condition
from tests.servers.questdb import QuestDBServer
from tests.stores.crashes import ROOT
from tests.stores.samples import HOUR, MINUTE, START, signal

CREATE = "CREATE TABLE signals(url STRING, http_status INT, received TIMESTAMP, available BOOLEAN) timestamp(received)"
INSERT = "INSERT INTO signals(url, http_status, received, available) VALUES(%s, %s, %s, %s)"
OLD = START - 900 * 24 * HOUR
STEPS = ["created", "copied", "renamed away", "renamed in", "caught up", "kept"]

Old = tuple[str | None, int | None, int, bool]

ROWS: list[Old] = [
    *(("https://questdb.io", 200, START + n * MINUTE, True) for n in range(5)),
    ("https://questdb.io", -1, START, False),  # the same moment, and other things seen
    ("https://questdb.io", 200, START, True),  # the very same row
    ("https://questdb.io", 200, START + 1, True),  # where the next of the same moment would go
    ("https://it's.example/ü?q='--", 503, START, False),
    ("https://user:secret@b.example/", 404, START + 59 * MINUTE + 59_999_999, False),
    ("https://user:secret@b.example/", 404, START + 59 * MINUTE + 59_999_999, False),  # spills into the next hour
    ("https://user:secret@b.example/", 200, START + 60 * MINUTE, True),
    ("https://old.example", 200, OLD, True),
    (None, None, START, False),
]


def seen(rows: list[Old]) -> Counter[tuple[str, int, int, bool]]:
    """What those rows say, to the millisecond: some are nudged by microseconds."""
    return Counter((monitor_of(url, {}), s if s is not None else NO_ANSWER, r // 1_000, a) for url, s, r, a in rows)


def served(store: QuestDBStore) -> Counter[tuple[str, int, int, bool]]:
    """What the store says, in the same form; a nudge over a full millisecond is taken back."""
    return Counter(
        (s.monitor, s.http_status, s.observed // 1_000, s.available) for s in store.raw(None, 0, now() + HOUR)
    )


def tables(server: QuestDBServer) -> set[str]:
    return {row[0] for row in server.sql("SELECT table_name FROM tables() WHERE NOT matView")}


@pytest.fixture
def tutorial(empty_questdb: QuestDBServer) -> QuestDBServer:
    """A server with the tutorial's table and rows."""
    empty_questdb.sql(CREATE)
    for url, status, received, available in sorted(ROWS, key=lambda row: row[2]):  # it takes no others
        empty_questdb.sql(INSERT, url, status, iso(received), available)
    empty_questdb.await_rows(len(ROWS))
    return empty_questdb


@pytest.fixture
def store(tutorial: QuestDBServer, tmp_path: Path) -> Iterator[QuestDBStore]:
    store = QuestDBStore.at(tutorial.url, tmp_path, {"https://questdb.io": "the-database"})
    yield store
    store.close()


def test_every_row_of_the_tutorial_s_is_served_and_the_original_kept(
    store: QuestDBStore, tutorial: QuestDBServer
) -> None:
    store.open()
    tutorial.await_rows(len(ROWS))
    assert len(store.raw(None, 0, now() + HOUR)) == len(ROWS)
    found = store.latest(["the-database"], 60)["the-database"]
    assert [s.moment - START for s in found] == [0, 1, 2, 3, *(n * MINUTE for n in range(1, 5))]
    assert Counter(s.http_status for s in found) == {200: 7, -1: 1}
    assert tutorial.sql("SELECT count() FROM signals_tutorial") == [(len(ROWS),)]
    assert tables(tutorial) == {"signals", "signals_tutorial"}


def test_rows_older_than_the_retention_stay(store: QuestDBStore, tutorial: QuestDBServer) -> None:
    store.open()
    tutorial.await_rows(len(ROWS))
    assert [s.moment for s in store.raw("old-example", 0, START)] == [OLD]
    assert tutorial.sql("SELECT ttlValue FROM tables() WHERE table_name = 'signals'") == [(0,)]


def test_the_adopted_table_takes_our_signals_and_the_tutorial_s(store: QuestDBStore, tutorial: QuestDBServer) -> None:
    store.open()
    store.append([signal("the-database", START + 10 * MINUTE), signal("the-database", START + 10 * MINUTE)])
    tutorial.sql(INSERT, "https://questdb.io", 200, iso(START + 11 * MINUTE), True)
    tutorial.await_rows(len(ROWS) + 2)
    moments = [s.moment for s in store.latest(["the-database"], 2)["the-database"]]
    assert moments == [START + 10 * MINUTE, START + 11 * MINUTE]
    query = "SELECT * FROM signals WHERE url = 'https://questdb.io' ORDER BY received DESC LIMIT 60"
    assert len(tutorial.sql(query)) == 9


def test_opening_again_adopts_nothing_twice(store: QuestDBStore, tutorial: QuestDBServer) -> None:
    store.open()
    store.open()
    tutorial.await_rows(len(ROWS))
    assert tables(tutorial) == {"signals", "signals_tutorial"}


@pytest.mark.parametrize("step", STEPS)
def test_an_adoption_that_is_killed_is_taken_up_again(tutorial: QuestDBServer, tmp_path: Path, step: str) -> None:
    command = [sys.executable, "-m", "tests.stores.adopter", tutorial.url, str(tmp_path), step]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert died.returncode == -9, died.stdout + died.stderr
    assert died.stdout.splitlines() == STEPS[: STEPS.index(step) + 1]
    store = QuestDBStore.at(tutorial.url, tmp_path)
    store.open()
    tutorial.await_rows(len(ROWS))
    assert served(store) == seen(ROWS)
    assert tables(tutorial) == {"signals", "signals_tutorial"}
    assert tutorial.sql("SELECT count() FROM signals_tutorial") == [(len(ROWS),)]
    store.close()


def test_no_row_is_lost_that_a_running_tutorial_wrote_meanwhile(tutorial: QuestDBServer, tmp_path: Path) -> None:
    acknowledged: list[Old] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            row: Old = ("https://busy.example", 200, START + 2 * HOUR + len(acknowledged) // 2 * MINUTE // 60, True)
            try:
                tutorial.sql(INSERT, row[0], row[1], iso(row[2]), row[3])
            except psycopg.Error:
                continue  # no table at this moment: not acknowledged
            acknowledged.append(row)

    writer = threading.Thread(target=write)

    def told(_: str) -> None:
        before = len(acknowledged)
        await_condition(lambda: len(acknowledged) > before + 3 or "signals" not in tables(tutorial), "rows in between")

    store = QuestDBStore(Address.parse(tutorial.url), DeadLetters(tmp_path / "refused"), {}, told)
    writer.start()
    try:
        await_condition(lambda: len(acknowledged) > 10, "the tutorial to write")
        store.open()
        after = len(acknowledged)
        await_condition(lambda: len(acknowledged) > after + 4, "the tutorial to go on")
    finally:
        stop.set()
        writer.join()

    def all_served() -> bool:
        return len(store.raw(None, 0, now() + HOUR)) >= len(ROWS) + len(distinct_after_adoption(tutorial, acknowledged))

    await_condition(all_served, "every acknowledged row")
    assert not set(seen([*ROWS, *acknowledged])) - set(served(store))
    store.close()


def distinct_after_adoption(server: QuestDBServer, acknowledged: list[Old]) -> list[Old]:
    """The acknowledged rows, those alike in all but one counted once where they came after the renames.

    Before, the tutorial's table kept alike rows apart and so does the copy; after, they are one row in a table
    that is deduplicated by time and URL.
    """
    before = server.sql("SELECT count() FROM signals_tutorial")[0][0] - len(ROWS)
    return [*acknowledged[:before], *dict.fromkeys(acknowledged[before:])]


OldRows = st.lists(
    st.tuples(st.sampled_from(["https://a.example", "https://b.example"]), st.sampled_from([200, 503]),
              st.integers(START, START + 6), st.booleans()), max_size=12,
)  # fmt: skip


@given(OldRows, OldRows)
def test_spreading_again_over_more_rows_leaves_nothing_over(early: list[Old], late: list[Old]) -> None:
    def spreaded(rows: list[Old]) -> dict[tuple[str, int], Signal]:
        return {(s.monitor, s.moment): s for s in spread((signal_of_tutorial(row, {}) for row in rows), {})}

    first, second = spreaded(early), spreaded([*early, *late])
    assert len(first) == len(early)
    assert len(second) == len(early) + len(late)
    assert first.keys() <= second.keys()


def test_a_row_s_verdict_is_what_it_says() -> None:
    def judged(status: int | None, available: bool | None) -> tuple[Verdict, Reason, int]:
        made = signal_of_tutorial(("https://a.example", status, START, available), {})
        return made.verdict, made.reason, made.http_status

    assert judged(200, True) == (Verdict.UP, Reason.OK, 200)
    assert judged(500, False) == (Verdict.DOWN, Reason.STATUS, 500)
    assert judged(-1, False) == (Verdict.DOWN, Reason.CONNECT, -1)
    assert judged(None, None) == (Verdict.DOWN, Reason.CONNECT, -1)


def test_a_row_belongs_to_the_monitor_of_its_url_or_to_what_the_url_would_be_called() -> None:
    known = {"https://a.example/x": "known"}
    assert monitor_of("https://a.example/x", known) == "known"
    assert monitor_of("https://user:secret@a.example/x", known) == "known"
    assert monitor_of("https://questdb.io/docs/", known) == "questdb-io-docs"
    assert monitor_of("https://[broken", known) == NAMELESS
    assert monitor_of(None, known) == NAMELESS


def test_credentials_in_a_row_s_url_are_not_taken_over() -> None:
    made = signal_of_tutorial(("https://user:p@ss@a.example/x@y", 200, START, True), {})
    assert made.url == "https://a.example/x@y"

"""The QuestDB store keeps the promises of all stores, on a real server, and its own when that server is in trouble."""

from __future__ import annotations

import json
import signal as signals
from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.clock import iso
from signalbox.errors import ConfigurationError, Refused, SignalboxError, Unavailable
from signalbox.signals import Reason, Verdict
from signalbox.stores import open_store
from signalbox.stores.journaled import JournaledStore
from signalbox.stores.packed import columns_of
from signalbox.stores.questdb import QuestDBStore
from tests.servers.process import await_condition, free_port
from tests.servers.questdb import QuestDBServer
from tests.stores.conformance import HoursConformance, Kept, StoreConformance, assert_same
from tests.stores.crashes import kill_an_appender
from tests.stores.samples import HOUR, MINUTE, START, hours_of_signals, minutes, signal

URL = "https://questdb.example/docs"


def await_applied(server: QuestDBServer) -> None:
    """Wait until all that the server was given can be read."""
    query = "SELECT count() FROM wal_tables() WHERE name LIKE 'signals%%' AND writerTxn < sequencerTxn"
    await_condition(lambda: server.sql(query) == [(0,)], "QuestDB to merge what was written")
    counted = "SELECT count() FROM materialized_views() WHERE refresh_base_table_txn < base_table_txn"
    await_condition(lambda: server.sql(counted) == [(0,)], "QuestDB to count hours")
    await_condition(lambda: server.sql(query) == [(0,)], "QuestDB to merge what was counted")


@pytest.fixture
def store(empty_questdb: QuestDBServer, tmp_path: Path) -> Iterator[QuestDBStore]:
    store = QuestDBStore.at(empty_questdb.url, tmp_path)
    store.open()
    yield store
    store.close()


class TestQuestDBStore(StoreConformance, HoursConformance):
    @pytest.fixture
    def kept(self, empty_questdb: QuestDBServer, tmp_path: Path) -> Iterator[Kept]:
        store = open_store(empty_questdb.url, data=tmp_path)
        assert isinstance(store, JournaledStore)
        store.open()

        def settle() -> None:
            assert store.flush(60), store.trouble
            await_applied(empty_questdb)

        yield Kept(store, settle)
        store.close()
        assert not (tmp_path / "dead-letters").exists()


def test_the_table_is_what_the_contract_and_the_design_say(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    columns = {row[0]: row[1] for row in empty_questdb.sql("SHOW COLUMNS FROM signals")}
    assert (columns["url"], columns["http_status"]) == ("SYMBOL", "INT")
    assert (columns["received"], columns["available"]) == ("TIMESTAMP", "BOOLEAN")
    query = "SELECT designatedTimestamp, partitionBy, walEnabled, dedup, ttlValue, ttlUnit FROM tables()"
    query += " WHERE table_name = 'signals'"
    agreed = [("received", "DAY", True, True, 400, "DAY")]
    await_condition(lambda: empty_questdb.sql(query) == agreed, "the table to have its time to live")


def test_the_contract_s_query_works_over_pgwire(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    store.append([signal(moment=START + n * MINUTE, url="https://it's.example") for n in range(70)])
    empty_questdb.await_rows(70)
    query = "SELECT * FROM signals WHERE url = %s ORDER BY received DESC LIMIT 60"
    found = empty_questdb.sql(query, "https://it's.example")
    assert len(found) == 60
    assert found[0][0].isoformat() + ".000000Z" == iso(START + 69 * MINUTE)


def test_only_bad_rows_become_dead_letters(store: QuestDBStore, empty_questdb: QuestDBServer, tmp_path: Path) -> None:
    good = minutes("api", 40)
    store.append([*good[:17], signal(moment=-1), *good[17:], signal(http_status=1 << 40, moment=START + 5)])
    empty_questdb.await_rows(40)
    letters = (tmp_path / "dead-letters" / "signals.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(json.loads(line)["signal"]["http_status"] for line in letters) == [200, 1 << 40]
    assert all("QuestDB refused it" in json.loads(line)["why"] for line in letters)


def test_a_nul_in_a_name_is_replaced_and_the_row_kept(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    store.append([signal(url="https://a.example/\0x"), signal("web")])
    empty_questdb.await_rows(2)
    assert [s.url for s in store.raw("api", START, START + 1)] == ["https://a.example/?x"]


def test_rows_are_not_blamed_when_the_table_is_gone(
    store: QuestDBStore, empty_questdb: QuestDBServer, tmp_path: Path
) -> None:
    empty_questdb.sql("DROP TABLE signals")
    with pytest.raises(Refused, match="table 'signals' lacks"):
        store.append(minutes("api", 5))
    assert not (tmp_path / "dead-letters").exists()
    with pytest.raises(Unavailable, match="has no table signals"):
        store.ping()


def test_somebody_else_s_table_is_refused_and_left_alone(empty_questdb: QuestDBServer, tmp_path: Path) -> None:
    empty_questdb.sql("CREATE TABLE signals(colour STRING, at TIMESTAMP) timestamp(at)")
    store = QuestDBStore.at(empty_questdb.url, tmp_path)
    with pytest.raises(Refused, match="neither the tutorial's nor Signalbox's"):
        store.open()
    store.close()
    assert len(empty_questdb.sql("SHOW COLUMNS FROM signals")) == 2


def test_rows_that_a_running_tutorial_inserts_are_served(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    insert = "INSERT INTO signals(url, http_status, received, available) VALUES(%s, %s, %s, %s)"
    for n, (url, status, available) in enumerate(
        [(URL, 200, True), (URL, -1, False), ("https://b.example", 503, False)]
    ):
        empty_questdb.sql(insert, url, status, iso(START + n * MINUTE), available)
    empty_questdb.sql(insert, "https://c.example", 200, iso(START), True)  # in the same microsecond as another
    empty_questdb.await_rows(4)
    found = store.latest(["questdb-example-docs", "b-example", "c-example"], 60)
    assert [(s.moment, s.verdict, s.reason, s.http_status) for s in found["questdb-example-docs"]] == [
        (START, Verdict.UP, Reason.OK, 200),
        (START + MINUTE, Verdict.DOWN, Reason.CONNECT, -1),
    ]
    assert [s.reason for s in found["b-example"]] == [Reason.STATUS]
    assert store.columns(START, START + HOUR) == columns_of(store.raw(None, START, START + HOUR))
    assert [s.url for s in store.raw("c-example", 0, START + HOUR)] == ["https://c.example"]
    (bucket,) = store.buckets(["questdb-example-docs"], START, START + HOUR, HOUR)["questdb-example-docs"]
    assert (bucket.up, bucket.down, bucket.timed, bucket.p50) == (1, 1, 0, None)


def test_columns_hold_more_than_the_server_puts_together(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    store.append([signal(f"m{n % 100}", moment=START + HOUR + n) for n in range(120_000)])
    empty_questdb.await_rows(120_000)
    found = store.columns(START, START + 2 * HOUR)
    assert sum(len(one.moments) for one in found) == 120_000
    assert len(found) == 100


def test_hours_outlive_the_rows_that_the_server_drops(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    old = [one._replace(moment=one.moment - 20 * 24 * HOUR) for one in hours_of_signals()]
    start = START - 20 * 24 * HOUR
    store.load(old)
    await_applied(empty_questdb)
    empty_questdb.sql("ALTER TABLE signals SET TTL 5 DAYS")
    store.load([signal()])
    await_condition(lambda: not store.raw(None, 0, START - HOUR), "the server to drop rows")
    await_applied(empty_questdb)
    for step in (HOUR, 2 * HOUR, 6 * HOUR):
        assert_same(store.buckets(["api", "web"], start, start + 6 * HOUR, step), old, start, start + 6 * HOUR, step)
    found = {monitor: [rollup.bucket(start)] for monitor, rollup in store.rollups(start, start + 6 * HOUR).items()}
    assert_same(found, old, start, start + 6 * HOUR, 6 * HOUR)


def test_an_invalid_view_is_only_asked_for_what_rows_no_longer_tell(
    store: QuestDBStore, empty_questdb: QuestDBServer
) -> None:
    old = [one._replace(moment=one.moment - 20 * 24 * HOUR) for one in hours_of_signals(("api",))]
    new = hours_of_signals(("api",))
    start, end = START - 20 * 24 * HOUR, START + 6 * HOUR
    store.load([*old, *new[:50]])
    await_applied(empty_questdb)
    empty_questdb.sql("ALTER TABLE signals DROP PARTITION WHERE received < '" + iso(START - 10 * 24 * HOUR) + "'")
    store.load(new[50:])
    status = "SELECT DISTINCT view_status FROM materialized_views()"
    await_condition(lambda: empty_questdb.sql(status) == [("invalid",)], "the view to be invalid")
    await_condition(lambda: len(store.raw(None, start, end)) == len(new), "rows to come and go")
    for step in (HOUR, 2 * HOUR):
        assert_same(store.buckets(["api"], start, end, step), [*old, *new], start, end, step)
    store.open()  # says so, and goes on


def test_without_the_view_rows_are_counted(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    empty_questdb.sql("DROP MATERIALIZED VIEW signals_hourly")
    signals = hours_of_signals()
    store.load(signals)
    empty_questdb.await_rows(len(signals))
    for step in (HOUR, 2 * HOUR):
        assert_same(
            store.buckets(["api", "web"], START, START + 6 * HOUR, step), signals, START, START + 6 * HOUR, step
        )
    store.open()
    query = "SELECT count() FROM signals_hourly"
    await_condition(lambda: empty_questdb.sql(query) == [(12,)], "the view to be made again")


def test_hours_know_rows_that_a_running_tutorial_inserts(store: QuestDBStore, empty_questdb: QuestDBServer) -> None:
    insert = "INSERT INTO signals(url, http_status, received, available) VALUES(%s, %s, %s, %s)"
    for n, available in enumerate([True, False, True]):
        empty_questdb.sql(insert, URL, 200, iso(START + n * HOUR), available)
    store.append([signal("questdb-example-docs", START + 1)])
    await_applied(empty_questdb)
    for step, counts in ((HOUR, [(2, 0), (0, 1), (1, 0)]), (3 * HOUR, [(3, 1)])):
        found = store.buckets(["questdb-example-docs"], START, START + 3 * HOUR, step)["questdb-example-docs"]
        assert [(bucket.up, bucket.down) for bucket in found] == counts
    (rollup,) = store.rollups(START, START + 3 * HOUR).values()
    assert (rollup.up, rollup.down, rollup.timed) == (3, 1, 1)


def trouble(store: QuestDBStore) -> str:
    """What `ping` complains of; nothing when it does not."""
    try:
        store.ping()
    except Unavailable as error:
        return str(error)
    return ""


def test_a_server_that_is_away_or_frozen_is_said_in_time(questdb_server: QuestDBServer, tmp_path: Path) -> None:
    store = QuestDBStore.at(questdb_server.url, tmp_path)
    store.open()
    questdb_server.signal(signals.SIGSTOP)
    await_condition(lambda: "does not answer queries" in trouble(store), "the freeze to be said")
    questdb_server.signal(signals.SIGCONT)
    store.ping()
    before = store.incarnation()
    questdb_server.kill()
    for ask in (store.ping, lambda: store.append([signal()]), lambda: store.latest(["api"], 1)):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert questdb_server.password not in str(caught.value)
    questdb_server.up()
    assert store.incarnation() != before
    store.append([signal()])
    questdb_server.await_rows(1)
    assert store.latest(["api"], 1) == {"api": [signal()]}
    store.close()


def test_a_table_that_the_server_suspended_is_said_and_resumed(
    store: QuestDBStore, empty_questdb: QuestDBServer
) -> None:
    said = list[str]()

    def is_said() -> bool:
        # The server lifts a suspension that meets a transaction which it is just applying, so one may not be enough.
        empty_questdb.sql("ALTER TABLE signals SUSPEND WAL")
        store.append([signal()])
        try:
            store.ping()
        except Unavailable as error:
            said.append(str(error))
        return bool(said)

    await_condition(is_said, "the suspended table to be noticed")
    assert "has suspended the table" in said[0]
    empty_questdb.await_rows(1)
    store.ping()


def test_nothing_acknowledged_is_lost_when_worker_and_server_are_killed(
    questdb_server: QuestDBServer, tmp_path: Path
) -> None:
    sure = {name: kill_an_appender(questdb_server.url, tmp_path, name, after) for name, after in (("a", 3), ("b", 25))}
    questdb_server.kill()
    store = open_store(questdb_server.url, data=tmp_path)
    assert isinstance(store, JournaledStore)
    store.open()
    live = signal("while-away", location="fra")
    store.append([live])
    assert not store.flush(0.1)
    questdb_server.up()
    await_condition(lambda: store.backlog() == 0, "the journals of the living and the dead to drain")

    def found(name: str) -> int:
        try:
            return len(store.raw(name, 0, START + HOUR))
        except SignalboxError:
            return 0

    await_condition(lambda: found("while-away") == 1, "the signal kept while the server was away")
    await_condition(lambda: all(found(name) >= sure[name] > 0 for name in sure), "all acknowledged rows of the dead")
    store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("questdb://admin:quest@db.example:9000", "default or empty password"),
        ("questdb://db.example", "default or empty password"),
        ("questdb://admin:s3cr3t-word@db.example:nine", "not written questdb://USER:PASSWORD@HOST:9000"),
        ("questdb://admin:s3cr3t-word@db.example?pgwire=x", "not written questdb://USER:PASSWORD@HOST:9000"),
        ("questdb://admin:s3cr3t-word@db.example?tls=perhaps", "with tls=on or tls=off"),
        ("questdb://admin:s3cr3t-word@db.example?colour=red", "has no option colour"),
        ("questdb://", "not written questdb://USER:PASSWORD@HOST:9000"),
    ],
)
def test_addresses_that_will_not_do_are_refused_without_repeating_the_password(
    tmp_path: Path, url: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        open_store(url, data=tmp_path)
    assert "s3cr3t-word" not in str(caught.value)


def test_a_weak_password_is_taken_when_asked_to(tmp_path: Path) -> None:
    store = open_store("questdb://admin:quest@db.example:9000", data=tmp_path, insecure=True)
    assert "quest" not in repr(store.inner.address).replace("questdb", "")  # type: ignore[attr-defined]


def test_a_wrong_password_is_said_and_nothing_is_thrown_away(empty_questdb: QuestDBServer, tmp_path: Path) -> None:
    wrong = f"questdb://founder:wr0ng-w0rd@127.0.0.1:{empty_questdb.http}?pgwire={empty_questdb.pgwire}"
    store = open_store(wrong, data=tmp_path)
    assert isinstance(store, JournaledStore)
    store.open()
    assert store.trouble
    assert "wr0ng-w0rd" not in store.trouble
    store.append([signal()])
    assert not store.flush(0.1)
    store.close()


def test_a_server_that_was_never_there_leaves_signals_in_the_journal(tmp_path: Path) -> None:
    store = open_store(f"questdb://u:pass-word@127.0.0.1:{free_port()}?pgwire={free_port()}", data=tmp_path)
    assert isinstance(store, JournaledStore)
    store.open()
    store.append([signal()])
    assert not store.flush(0.1)
    assert store.backlog() > 0
    with pytest.raises(Unavailable):
        store.ping()
    store.close()

"""`signalbox prune` as a person types it, on real stores."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from signalbox.clock import now
from signalbox.installation import opened
from signalbox.settings import Settings
from signalbox.stores.questdb.store import QuestDBStore
from signalbox.stores.sqlite import SQLiteStore
from tests.cli.test_up import run
from tests.servers.process import await_condition
from tests.servers.questdb import QuestDBServer
from tests.stores.samples import signal

DAY = 86_400_000_000
AGES = (0, 5, 20, 29, 31, 40, 500, 800)
"""How many days old the signals are."""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with signals of many ages."""
    store = SQLiteStore(tmp_path / "data" / "signals.db")
    store.open()
    store.append([signal(moment=now() - age * DAY) for age in AGES])
    store.roll(now())
    store.close()
    return tmp_path


def ages(here: Path) -> list[int]:
    """How many days old those are that are left."""
    store = SQLiteStore(here / "data" / "signals.db")
    store.open()
    found = [(now() - one.moment) // DAY for one in store.raw("api", 0, now())]
    store.close()
    return sorted(found)


def rows(text: str, what: str) -> int:
    """How many rows went, by what was printed."""
    found = re.search(rf"^{what} .* ([\d,]+)$", text, re.MULTILINE)
    assert found, text
    return int(found[1].replace(",", ""))


def test_what_is_older_than_the_retention_goes_and_the_rest_stays(here: Path) -> None:
    dry = run(here, "prune", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert (rows(dry.stdout, "signals"), rows(dry.stdout, "hours")) == (4, 1)
    assert "would go" in dry.stdout
    assert ages(here) == list(AGES)
    done = run(here, "prune")
    assert (rows(done.stdout, "signals"), rows(done.stdout, "hours")) == (4, 1)
    assert "dropped" in done.stdout
    assert ages(here) == [0, 5, 20, 29]
    again = run(here, "prune")
    assert (rows(again.stdout, "signals"), rows(again.stdout, "hours")) == (0, 0)


def test_a_shorter_time_may_be_said_this_once(here: Path) -> None:
    done = run(here, "prune", "--raw", "7d", "--hourly", "1y")
    assert (rows(done.stdout, "signals"), rows(done.stdout, "hours")) == (6, 2)
    assert ages(here) == [0, 5]


def test_the_settings_say_how_long(here: Path) -> None:
    (here / ".env").write_text("SIGNALBOX_RETAIN_RAW=600d\nSIGNALBOX_RETAIN_HOURLY=3y\n")
    done = run(here, "prune")
    assert (rows(done.stdout, "signals"), rows(done.stdout, "hours")) == (1, 0)
    assert "600d" in done.stdout


def test_it_says_what_remains_and_how_much_room_is_left(here: Path) -> None:
    said = run(here, "prune", "--dry-run").stdout
    assert re.search(r"signals: [\d.]+ [kM]B in data/signals.db", said)
    assert re.search(r"state: [\d.]+ [kM]B in data/state.db", said)
    assert re.search(r"[\d.]+ .B of [\d.]+ .B free where .*data", said)


def test_too_short_a_time_and_nonsense_are_refused(here: Path) -> None:
    for arguments, word in ((("--raw", "2h"), "1d"), (("--hourly", "3d"), "8d"), (("--raw", "soon"), "30s")):
        done = run(here, "prune", *arguments)
        assert (done.returncode, word in done.stderr) == (2, True), (arguments, done.stderr)
        assert "Traceback" not in done.stderr
    assert ages(here) == list(AGES)


def test_questdb_drops_by_itself_and_its_time_to_live_is_told(tmp_path: Path, empty_questdb: QuestDBServer) -> None:
    (tmp_path / ".env").write_text(f"SIGNALBOX_SIGNALS_URL={empty_questdb.url}\n")
    early = run(tmp_path, "prune")
    assert (early.returncode, "no table" in early.stderr) == (1, True)
    store = QuestDBStore.at(empty_questdb.url, tmp_path / "data")
    store.open()
    store.close()
    first = run(tmp_path, "prune")
    assert first.returncode == 0, first.stderr
    assert "400 days" in " ".join(first.stdout.split())
    empty_questdb.sql("ALTER TABLE signals SET TTL 90 DAYS")
    again = run(tmp_path, "prune", "--raw", "30d", "--dry-run")
    assert "90 days" in " ".join(again.stdout.split())
    assert empty_questdb.sql("SELECT ttlValue, ttlUnit FROM tables() WHERE table_name = 'signals'") == [(90, "DAY")]


def test_questdb_is_told_what_the_settings_say(tmp_path: Path, empty_questdb: QuestDBServer) -> None:
    settings = Settings(
        data=tmp_path / "data", config=tmp_path / "none.yaml", signals_url=SecretStr(empty_questdb.url),
        retain_raw=60 * 86_400.0, retain_hourly=300 * 86_400.0, _env_file=None,
    )  # fmt: skip
    lives = "SELECT table_name, ttlValue, ttlUnit FROM tables() WHERE table_name LIKE 'signals%' ORDER BY table_name"
    with opened(settings):
        wanted = [("signals", 60, "DAY"), ("signals_hourly", 10, "MONTH"), ("signals_hourly_spread", 10, "MONTH")]
        await_condition(lambda: empty_questdb.sql(lives) == wanted, "the times to live that the settings name")

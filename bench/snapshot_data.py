"""What is a snapshot measured on? Monitors with a signal a minute, spells, days, incidents; made once, and kept."""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from sqlalchemy import insert

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.configured import add
from signalbox.history.models import DayRow
from signalbox.incidents import writing
from signalbox.incidents.specs import Affected, IncidentSpec, UpdateSpec
from signalbox.monitors import service, standings
from signalbox.monitors.judge import Place, Standing
from signalbox.monitors.models import MonitorRow, SpellRow
from signalbox.monitors.specs import MonitorSpec
from signalbox.signals import Reason, Signal, Verdict
from signalbox.stores.questdb import QuestDBStore
from signalbox.stores.sqlite import SQLiteStore
from tests.servers.questdb import QuestDBServer

MINUTE: Final = 60 * MICROS
_DAY: Final = 1_440 * MINUTE
_RAW_DAYS: Final = 30  # that SQLite keeps signals for
_SPELLS: Final = 20  # of each monitor
_INCIDENTS: Final = 30
_PATIENCE: Final = 180.0  # seconds


def spec(number: int) -> MonitorSpec:
    """One of many monitors."""
    return MonitorSpec.model_validate({
        "id": f"m{number:04}", "name": f"Service {number}", "group": f"Group {number // 10}",
        "check": {"kind": "http", "url": f"https://host-{number}.example/"},
    })  # fmt: skip


def state(folder: Path) -> Database:
    """The relational database of that folder."""
    database = Database(f"sqlite:///{folder / 'state.db'}", data=folder)
    database.migrate()
    return database


def seed_state(database: Database, count: int, days: int, now: int) -> list[str]:
    """Monitors with their spells, days and standings, and some incidents. Returns the keys."""
    random = Random(1)
    with database.begin() as session:
        keys = [
            add(session, MonitorRow, f"m{number:04}", spec(number), columns=service.columns(spec(number)), now=1)
            for number in range(count)
        ]
        spells = [one for key in keys for one in _spells(random, key, now - (days + 30) * _DAY, now)]
        session.execute(insert(SpellRow), spells)
        since = {str(one["monitor"]): int(str(one["start"])) for one in spells if one["end"] is None}
        place = {"local": Place(seen=now, known=Verdict.UP)}
        standings.save(session, {key: Standing(Verdict.UP, Verdict.UP, since=since[key], places=place) for key in keys})
        rows = [_day(random, key, day) for key in keys for day in range(now // _DAY - days, now // _DAY)]
        session.execute(insert(DayRow), rows)
        for number in range(_INCIDENTS):
            at = now - random.randrange(days * _DAY)
            told = IncidentSpec(title=f"Trouble {number}", body="We look.", monitors={f"m{number:04}": Affected.MAJOR})
            public = writing.open_(session, told, by="bench", now=at).public
            writing.resolve(session, public, UpdateSpec(body="Over."), by="bench", now=at + 30 * MINUTE)
    return keys


def _spells(random: Random, key: str, start: int, now: int) -> Iterator[dict[str, object]]:
    """Up, and now and then down for some minutes."""
    downs = sorted(random.randrange(start, now - _DAY) for _ in range(_SPELLS // 2))
    at = start
    for down in downs:
        end = max(down, at) + random.randint(1, 30) * MINUTE
        yield _spell(key, "up", at, max(down, at))
        yield _spell(key, "down", max(down, at), end)
        at = end
    yield _spell(key, "up", at, None)


def _spell(key: str, verdict: str, start: int, end: int | None) -> dict[str, object]:
    return {
        "monitor": key, "verdict": verdict, "reason": "ok" if verdict == "up" else "timeout", "message": "",
        "start": start, "end": end, "confirmed": start, "trouble": None, "flapping": False, "paused": False,
    }  # fmt: skip


def _day(random: Random, key: str, day: int) -> dict[str, object]:
    p50 = random.uniform(20, 90)
    return {
        "day": day, "monitor": key, "up": 1_440, "degraded": 0, "down": 0, "unknown": 0, "timed": 1_440,
        "latency_sum": 1_440 * p50, "latency_max": 9 * p50, "p50": p50, "p95": 3 * p50, "p99": 5 * p50, "dns": 1.0,
        "connect": 2.0, "tls": 3.0, "ttfb": p50 - 6, "histogram": b"",
    }  # fmt: skip


def seed_sqlite(folder: Path, keys: list[str], days: int, now: int) -> None:
    """The signals of the days that SQLite keeps, through the store itself."""
    store = SQLiteStore(folder / "signals.db", synchronous="OFF")
    store.open()
    for day in range(min(days, _RAW_DAYS)):
        for hour in range(24):
            start = now - (day + 1) * _DAY + hour * 60 * MINUTE
            store.load([_signal(key, start + minute * MINUTE) for minute in range(60) for key in keys])
    while store.roll(now):
        pass
    store.close()


def _signal(key: str, moment: int) -> Signal:
    total = 20.0 + hash((key, moment // MINUTE)) % 90
    return Signal(
        key, "local", moment, moment + 50_000, f"https://host-{int(key[1:])}.example/", "http", Verdict.UP, Reason.OK,
        200, True, 1.0, 2.0, 3.0, total - 1, total, "", None,
    )  # fmt: skip


def seed_questdb(server: QuestDBServer, folder: Path, keys: list[str], days: int, now: int) -> None:
    """All signals, by one statement; then wait until they can be read."""
    store = QuestDBStore.at(server.url, folder)
    store.open()
    store.close()
    count = days * 1_440 * len(keys)
    server.sql(
        f"INSERT INTO signals (received, observed, monitor, location, url, kind, verdict, reason, http_status, "
        f"available, dns, connect, tls, ttfb, total, message) "
        f"SELECT r, r + 50000, m, 'local', 'https://host-' || n || '.example/', 'http', 'up', 'ok', 200, true, 1f, 2f, "
        f"3f, t - 1, t, '' FROM (SELECT ({now - days * _DAY}L + (x - 1) / {len(keys)} * {MINUTE}L)::TIMESTAMP r, "
        f"'m' || lpad(((x - 1) % {len(keys)})::STRING, 4, '0') m, (x - 1) % {len(keys)} n, "
        f"(20 + rnd_float() * 90)::FLOAT t FROM long_sequence({count}))"
    )
    server.await_rows(count)


def await_hours(server: QuestDBServer, folder: Path, options: argparse.Namespace) -> None:
    """Wait until the hours that are over have been counted; or say that they are not."""
    store = QuestDBStore.at(server.url, folder)
    store.open()
    store.close()
    expected, started = options.monitors * (options.days * 24 - 2), time.monotonic()
    while server.sql("SELECT count() FROM signals_hourly")[0][0] < expected:
        if time.monotonic() - started > _PATIENCE:
            print("QuestDB has not counted the hours: answer times come from the signals")
            return
        time.sleep(0.5)


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[tuple[str, QuestDBServer | None]]:
    """The address of the store of that folder, with its server if it has one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'signals.db'}", None
        return
    with QuestDBServer(folder) as server:
        yield server.up().url, server


def prepare(kind: str, folder: Path, options: argparse.Namespace) -> int:
    """Make the data where it is missing. Returns the moment that it ends at."""
    made, said = folder / "made.json", {"monitors": options.monitors, "days": options.days}
    if made.exists():
        found = json.loads(made.read_text())
        if {name: found[name] for name in said} == said:
            return int(found["now"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    now, started = clock.now() // MINUTE * MINUTE, time.monotonic()
    database = state(folder)
    keys = seed_state(database, options.monitors, options.days, now)
    database.close()
    if kind == "sqlite":
        seed_sqlite(folder, keys, options.days, now)
    else:
        with opened(kind, folder) as (_, server):
            assert server is not None
            seed_questdb(server, folder, keys, options.days, now)
    made.write_text(json.dumps({**said, "now": now}))
    print(f"made {options.monitors} monitors x {options.days} days for {kind} in {time.monotonic() - started:.0f} s")
    return now

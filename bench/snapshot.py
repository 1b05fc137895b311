"""How soon is a page of 90 days ready in a fresh process? From the first thing that is read to the bytes that are sent.

    python -m bench.snapshot [--monitors 100] [--days 90] [--runs 7] [sqlite questdb]
    python -m bench.snapshot --scale 5000        what a change costs among so many monitors

The snapshot is the document of the page of 90 days: from opened connections to its bytes, plain and compressed, with
all that it needs: monitors, the signals of the past hour, standings, incidents, what is announced, spells of 91 days,
answer times of 24 hours and of 91 days. Beside it stands what the page's HTML takes that is made of it. What a process
does once where it starts (modules, the schema, the web page's template) is not in it.

A signal a minute of every monitor: 13 million in QuestDB; in SQLite the 30 days that it keeps, and hours and days that
outlive them. The data is made once, in a folder of the cache (`--folder`), and used again. Each run is a process of its
own, with what the operating system has read before still in its memory. Milliseconds of the clock, and of the CPU of
this process, which neighbours disturb less: QuestDB's server works beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import TypeVar

from sqlalchemy import func, insert, select

from signalbox import clock
from signalbox.api.server import take_turns
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.configured import add
from signalbox.history.models import DayRow
from signalbox.incidents import writing
from signalbox.incidents.specs import Affected, IncidentSpec, UpdateSpec
from signalbox.monitors import service, standings
from signalbox.monitors.judge import Place, Standing
from signalbox.monitors.models import MonitorRow, SpellRow
from signalbox.monitors.service import Monitor
from signalbox.monitors.specs import MonitorSpec
from signalbox.pages import html, snapshot, template
from signalbox.pages.board import Board
from signalbox.pages.document import PageDocument, Zoom
from signalbox.pages.language import language
from signalbox.pages.service import Page
from signalbox.pages.shelf import Body
from signalbox.pages.window import Window
from signalbox.runner.worker import rarer_collections
from signalbox.signals import Reason, Signal, Verdict
from signalbox.stores.base import Store
from signalbox.stores.memory import MemoryStore
from signalbox.stores.questdb import QuestDBStore
from signalbox.stores.sqlite import SQLiteStore
from tests.servers.questdb import QuestDBServer

MINUTE = 60 * MICROS
DAY = 1_440 * MINUTE
RAW_DAYS = 30  # that SQLite keeps signals for
SPELLS = 20  # of each monitor
INCIDENTS = 30
T = TypeVar("T")
_PATIENCE = 180.0  # seconds
PAGE = Page(slug="main", title="Acme status", timezone="Europe/Budapest")


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
        spells = [one for key in keys for one in _spells(random, key, now - (days + 30) * DAY, now)]
        session.execute(insert(SpellRow), spells)
        since = {str(one["monitor"]): int(str(one["start"])) for one in spells if one["end"] is None}
        place = {"local": Place(seen=now, known=Verdict.UP)}
        standings.save(session, {key: Standing(Verdict.UP, Verdict.UP, since=since[key], places=place) for key in keys})
        rows = [_day(random, key, day) for key in keys for day in range(now // DAY - days, now // DAY)]
        session.execute(insert(DayRow), rows)
        for number in range(INCIDENTS):
            at = now - random.randrange(days * DAY)
            told = IncidentSpec(title=f"Trouble {number}", body="We look.", monitors={f"m{number:04}": Affected.MAJOR})
            public = writing.open_(session, told, by="bench", now=at).public
            writing.resolve(session, public, UpdateSpec(body="Over."), by="bench", now=at + 30 * MINUTE)
    return keys


def _spells(random: Random, key: str, start: int, now: int) -> Iterator[dict[str, object]]:
    """Up, and now and then down for some minutes."""
    downs = sorted(random.randrange(start, now - DAY) for _ in range(SPELLS // 2))
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
    for day in range(min(days, RAW_DAYS)):
        for hour in range(24):
            start = now - (day + 1) * DAY + hour * 60 * MINUTE
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
        f"3f, t - 1, t, '' FROM (SELECT ({now - days * DAY}L + (x - 1) / {len(keys)} * {MINUTE}L)::TIMESTAMP r, "
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
        server.up()
        yield server.url, server


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


def store_at(url: str, folder: Path) -> Store:
    """The store at that address."""
    if url.startswith("sqlite:"):
        return SQLiteStore(Path(url.removeprefix("sqlite:///")))
    return QuestDBStore.at(url, folder)


def once(url: str, folder: Path, now: int) -> dict[str, float]:
    """In a fresh process: read everything and make the page. Milliseconds of CPU of each step, and the sizes."""
    database, store = state(folder), store_at(url, folder)
    took: dict[str, float] = {}
    store.open()
    built = template.load()
    _page(built, snapshot.build(Window((), (PAGE,)), PAGE, now))  # templates are compiled where a process starts, too
    take_turns()
    rarer_collections()
    start = _clocks()

    def timed(name: str, work: Callable[[], T]) -> T:
        began = time.thread_time()
        try:
            return work()
        finally:
            took[name] = (time.thread_time() - began) * 1e3

    window = Window(timed("monitors", lambda: _monitors(database)), (PAGE,))
    board = Board(database, store, lambda: window.monitors)
    with ThreadPoolExecutor(4) as threads:  # as a process that serves pages reads them
        works: list[tuple[str, Callable[[], object]]] = [
            ("window", lambda: window.fill(store, now)),
            ("board", lambda: board.look(now)),
            ("past", lambda: board.past.look(now)),
            ("answers", lambda: board.look_for_answers(now)),
        ]
        list(threads.map(lambda one: timed(*one), works))
    read = _clocks()[0]
    behind = snapshot.Behind(board.past, board.answers)
    document = timed("document", lambda: snapshot.build(window, PAGE, now, board.known, zoom=Zoom.DAYS, behind=behind))
    data = timed("json", lambda: Body.of(html.api_json(document), "application/json", ""))
    ready = _clocks()
    page = timed("html", lambda: Body.of(_page(built, document).encode(), "text/html", ""))
    took["snapshot"], took["snapshot, CPU"] = ((end - begin) * 1e3 for end, begin in zip(ready, start, strict=True))
    took["read after"] = (read - start[0]) * 1e3
    item = document.groups[0].items[0]
    assert (item.bar or "").count("u") > 20, item.bar
    assert item.spark is not None, "no answer times"
    assert sum(value is not None for value in item.slow) > 20, item.slow
    took["json, KB gzip"], took["html, KB gzip"] = len(data.packed or b"") / 1e3, len(page.packed or b"") / 1e3
    store.close()
    database.close()
    return took


def _monitors(database: Database) -> list[Monitor]:
    with database.read() as session:
        return service.active(session)


def _page(built: template.Template | None, document: PageDocument) -> str:
    speech = language("en")
    return html.fill(built.html, document, html.Place(), speech) if built else html.plain(document, speech)


def _clocks() -> tuple[float, float]:
    """Seconds of the clock, and of this process's CPU."""
    return time.perf_counter(), time.process_time()


def scale(count: int, days: int, folder: Path) -> None:
    """What the first reading costs among many monitors, and one change after it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    now = clock.now() // MINUTE * MINUTE
    database, store = state(folder), MemoryStore()
    keys = seed_state(database, count, days, now)
    with database.read() as session:
        window = Window(service.active(session), (PAGE,))
    board = Board(database, store, lambda: window.monitors)

    def timed(name: str, now: int) -> None:
        start = time.perf_counter()
        board.look(now)
        looked = time.perf_counter()
        board.past.look(now)
        read = time.perf_counter()
        behind = snapshot.Behind(board.past, board.answers)
        document = snapshot.build(window, PAGE, now, board.known, zoom=Zoom.DAYS, behind=behind)
        done = time.perf_counter()
        html.api_json(document)
        ended = time.perf_counter()
        print(
            f"{name:22} board {(looked - start) * 1e3:7.0f} ms   past {(read - looked) * 1e3:7.0f} ms   "
            f"document {(done - read) * 1e3:7.0f} ms   json {(ended - done) * 1e3:7.0f} ms"
        )

    timed("first", now)
    timed("a minute later", now + MINUTE)
    with database.begin() as session:
        told = IncidentSpec(title="Trouble", body="We look.", monitors={keys[0]: Affected.MAJOR})
        writing.open_(session, told, by="bench", now=now + MINUTE)
    timed("after one change", now + 2 * MINUTE)
    with database.read() as session:
        print(f"{count} monitors, {session.scalar(select(func.count(SpellRow.id)))} spells, {days} days")
    database.close()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="STORE", help="of sqlite, questdb")
    parser.add_argument("--monitors", type=int, default=100)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--scale", type=int, default=0)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "signalbox" / "bench"
    parser.add_argument("--folder", type=Path, default=cache)
    parser.add_argument("--once", nargs=2, metavar=("URL", "NOW"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(once(options.once[0], options.folder, int(options.once[1]))))
        return
    if options.scale:
        scale(options.scale, options.days, options.folder / "scale")
        return
    for kind in options.kinds or ["sqlite", "questdb"]:
        folder = options.folder / f"{kind}-{options.monitors}x{options.days}"
        now = prepare(kind, folder, options)
        with ExitStack() as held:
            url, server = held.enter_context(opened(kind, folder))
            if server:
                await_hours(server, folder, options)
            report(kind, folder, url, now, options.runs)


def report(kind: str, folder: Path, url: str, now: int, runs: int) -> None:
    """The median of some runs, after one that warms the operating system's memory."""
    command = [sys.executable, "-m", "bench.snapshot", "--folder", str(folder), "--once", url, str(now)]
    found = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
             for _ in range(runs + 1)][1:]  # fmt: skip
    median = {name: statistics.median(one[name] for one in found) for name in found[0]}
    print(
        f"{kind:8} snapshot {median.pop('snapshot'):.0f} ms, read after {median.pop('read after'):.0f}; "
        f"{median.pop('snapshot, CPU'):.0f} of CPU: "
        + "  ".join(f"{name} {value:.1f}" for name, value in median.items())
        + f"   (load {os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    main()

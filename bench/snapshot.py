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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select

from bench.snapshot_data import MINUTE, await_hours, opened, prepare, seed_state, state
from signalbox import clock
from signalbox.api.server import take_turns
from signalbox.db import Database
from signalbox.incidents import writing
from signalbox.incidents.specs import Affected, IncidentSpec
from signalbox.monitors import service
from signalbox.monitors.models import SpellRow
from signalbox.monitors.service import Monitor
from signalbox.pages import html, snapshot, template
from signalbox.pages.board import Board
from signalbox.pages.document import PageDocument, Zoom
from signalbox.pages.language import language
from signalbox.pages.service import Page
from signalbox.pages.shelf import Body
from signalbox.pages.window import Window
from signalbox.runner.worker import rarer_collections
from signalbox.stores.base import Store
from signalbox.stores.memory import MemoryStore
from signalbox.stores.questdb import QuestDBStore
from signalbox.stores.sqlite import SQLiteStore

T = TypeVar("T")
PAGE = Page(slug="main", title="Acme status", timezone="Europe/Budapest")


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

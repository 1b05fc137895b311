"""The whole product as users start it: embedded, and as the three raw shells of the distributed mode."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signalbox import clock, ledger
from signalbox.db import Database
from signalbox.signals import Signal
from signalbox.stores import open_store
from tests.servers.process import Process, free_port, listens
from tests.servers.questdb import QuestDBServer
from tests.servers.redis import RedisServer

BIN = Path(sys.executable).parent


@dataclass
class System:
    """A running installation in a folder of its own."""

    folder: Path
    port: int
    signals_url: str
    parts: dict[str, Process] = field(default_factory=dict)
    redis: RedisServer | None = None
    questdb: QuestDBServer | None = None
    database_url: str | None = None  # None: a file in the folder

    def get(self, path: str) -> Any:
        """The JSON that the API answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)

    def records(self, url: str) -> list[dict[str, Any]]:
        """Records of one URL, as `/signals` has them now."""
        return next((entry["records"] for entry in self.get("/signals") if entry["url"] == url), [])

    def stored(self) -> list[Signal]:
        """All signals of the past hour, read past the product."""
        store = open_store(self.signals_url, data=self.folder / "reader")
        store.open()
        try:
            now = clock.now()
            return store.raw(None, now - 3_600 * clock.MICROS, now + clock.MICROS)
        finally:
            store.close()

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The installation's state, read past the product."""
        url = self.database_url or f"sqlite:///{self.folder / 'data' / 'state.db'}"
        made = Database(url, data=self.folder / "data")
        try:
            yield made
        finally:
            made.close()

    def open_batches(self, older_than: float) -> list[ledger.Open]:
        """Batches that were due at least so many seconds ago and are not answered in full."""
        with self.database() as database, database.read() as session:
            return ledger.still_open(session, 0, clock.now() - int(older_than * clock.MICROS))

    def output(self) -> str:
        """What all parts printed."""
        return "\n".join(f"--- {name} ---\n{part.output()}" for name, part in self.parts.items())


def write_manifest(folder: Path, monitors: list[Mapping[str, object]], **more: object) -> None:
    """Write `signalbox.yaml` (JSON is YAML)."""
    document = {"defaults": {"every": "1s", "timeout": "3s"}, "monitors": monitors, **more}
    fresh = folder / "signalbox.yaml.new"
    fresh.write_text(json.dumps(document), encoding="utf-8")
    fresh.replace(folder / "signalbox.yaml")


def write_settings(folder: Path, **settings: str) -> None:
    """Write `.env`."""
    lines = [f"SIGNALBOX_{name.upper()}={value}\n" for name, value in settings.items()]
    (folder / ".env").write_text("".join(lines), encoding="utf-8")


@contextmanager
def embedded(folder: Path) -> Iterator[System]:
    """`signalbox up`."""
    port = free_port()
    system = System(folder, port, f"sqlite:///{folder / 'data' / 'signals.db'}")
    with ExitStack() as stack:
        command = [str(BIN / "signalbox"), "up", "--port", str(port)]
        system.parts["up"] = stack.enter_context(Process(command, folder, "up")).start(lambda: listens(port))
        yield system


@contextmanager
def distributed(folder: Path, database_url: str | None = None) -> Iterator[System]:
    """The three shells of the contract, with Redis and QuestDB; state is in a file, or in that database."""
    port = free_port()
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(folder)).up()
        questdb = stack.enter_context(QuestDBServer(folder)).up()
        more = {"database_url": database_url} if database_url else {}
        write_settings(folder, broker_url=redis.url, signals_url=questdb.url, **more)
        system = System(folder, port, questdb.url, redis=redis, questdb=questdb, database_url=database_url)
        for name, command in commands(port).items():
            system.parts[name] = stack.enter_context(Process(command, folder, name)).start()
        yield system


def commands(port: int) -> dict[str, list[str]]:
    """The raw commands, as the guide for the tutorial's readers has them."""
    return {
        "api": [str(BIN / "uvicorn"), "signalbox.api.app:app", "--port", str(port)],
        "worker": [str(BIN / "celery"), "--app", "signalbox.runner.celery", "worker", "--beat",
                   "-Q", "main-queue", "-c", "1"],
    }  # fmt: skip


MODES: dict[str, Callable[[Path], Any]] = {"embedded": embedded, "distributed": distributed}

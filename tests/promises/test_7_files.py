"""Promise 7, where everything is in files: they are locked, or cannot be read, under a page that people read."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from signalbox import clock
from signalbox.signals import Verdict
from tests.api.serving import Client
from tests.promises.outages import LONG, accounts, await_checks
from tests.promises.test_7_page_goes_on import AT_LAST, headline, newest, said, views_work
from tests.runner.systems import BIN, System, embedded, write_manifest, write_settings
from tests.servers.process import Process, await_condition, free_port, listens
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(600 if LONG else 300)


def test_a_state_file_that_somebody_locks_holds_up_no_reader(tmp_path: Path, target: Target) -> None:
    """For longer than anything waits for a lock. Nobody is asked meanwhile, since what is due could not be written
    down; it is accounted for afterwards."""
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok")}])
    with embedded(tmp_path) as system:
        client = Client(system.port)
        await_condition(lambda: headline(client) == "operational", "a green page")
        locker = sqlite3.connect(tmp_path / "data" / "state.db", timeout=30, isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        try:
            await_condition(lambda: system.output().count("ledger.behind") > LONG * 2, "the lock to be noticed")
            assert said(client, "/").status == 200
            assert headline(client) == "operational"
            views_work(client)
        finally:
            locker.execute("ROLLBACK")
            locker.close()
        await_checks(target, "/ok", 3)
        await_condition(lambda: is_settled(accounts(system)), "what was due meanwhile to be accounted for")
        assert "Traceback" not in system.output()


def is_settled(sums: tuple[int, int, int]) -> bool:
    due, settled, missed = sums
    return due - settled - missed <= 2  # those of this moment


@contextmanager
def on_a_small_disk(folder: Path) -> Iterator[tuple[System, Path]]:
    """`signalbox up` whose signals are on a file system of 12 MB that it alone has, and where we see that."""
    disk, port = folder / "small", free_port()
    disk.mkdir()
    write_settings(folder, signals_url=f"sqlite:///{disk / 'signals.db'}")
    mount = 'mount -t tmpfs -o size=12m small "$1" && shift && exec "$@"'
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh", str(disk),
               str(BIN / "signalbox"), "up", "--port", str(port)]  # fmt: skip
    with Process(command, folder, "up").start(lambda: listens(port)) as process:
        seen = Path(f"/proc/{process.popen.pid}/root{disk}")
        yield System(folder, port, f"sqlite:///{folder / 'copy' / 'signals.db'}", {"up": process}), seen


def fill(disk: Path) -> Path:
    """Leave no room at all."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    return ballast


def kept(system: System, disk: Path) -> set[int]:
    """Moments of the good signals that a kill -9 at this moment would leave."""
    copy = system.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    process = system.parts["up"]
    process.signal(signal.SIGSTOP)
    try:
        for name in ("signals.db", "signals.db-wal"):
            shutil.copyfile(disk / name, copy / name)
    finally:
        process.signal(signal.SIGCONT)
    return {one.moment for one in system.stored() if one.verdict is Verdict.UP}


def test_signals_on_a_disk_that_is_full_hold_up_no_reader_and_are_all_there_afterwards(
    tmp_path: Path, target: Target
) -> None:
    write_manifest(tmp_path, [{"name": "fine", "url": target.url("/ok")}])
    with on_a_small_disk(tmp_path) as (system, disk):
        client = Client(system.port)
        await_condition(lambda: headline(client) == "operational", "a green page")
        views_work(client)
        await_checks(target, "/ok", 3)
        ballast = fill(disk)
        await_condition(lambda: system.output().count("store.refused") >= 3, "the full disk to be noticed")
        before = kept(system, disk)
        told = clock.iso(max(before))
        await_checks(target, "/ok", 5)
        assert newest(client) == told, "only what is kept is shown, with its time"
        if LONG:  # what is not kept in time counts as unknown, and the page says that nobody can tell
            await_condition(lambda: headline(client) == "stale", "an honest page", 300)
            assert "is-operational" not in said(client, "/").text.partition('<footer class="page-footer">')[0]
        assert said(client, "/").status == 200
        assert said(client, "/signals", AT_LAST).status in {200, 503}
        for path in ("/history", "/monitor/fine", "/monitor/fine?z=30d", "/was-it-me"):
            assert said(client, path, AT_LAST).status in {200, 503}, path

        asked = target.asked["/ok"]
        ballast.unlink()
        await_condition(lambda: newest(client) > told and headline(client) == "operational", "a page that is fresh")
        await_condition(lambda: is_settled(accounts(system)), "what was held back to be judged")
        after = kept(system, disk)
        assert before <= after
        assert len(after) >= asked
        assert "Traceback" not in system.output()

"""Promise 7, where everything is in files: they are locked, or cannot be read, under a page that people read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.api.serving import Client
from tests.promises.outages import LONG, accounts, await_checks
from tests.promises.test_7_page_goes_on import headline, said, views_work
from tests.runner.systems import embedded, write_manifest
from tests.servers.process import await_condition
from tests.servers.target import Target

pytestmark = pytest.mark.timeout(300)


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

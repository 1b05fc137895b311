"""`signalbox monitor set` and `signalbox monitor pings`, beside a running installation."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from tests.cli.test_up import run
from tests.runner.systems import embedded, write_manifest

TOKEN = "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A"


def test_people_say_how_something_stands_and_read_what_was_told(tmp_path: Path) -> None:
    job = {"id": "job", "name": "Job", "check": {"kind": "push", "token": TOKEN}}
    write_manifest(tmp_path, [job, {"id": "ferry", "name": "Ferry", "check": {"kind": "manual"}}])
    with embedded(tmp_path) as system:
        assert run(tmp_path, "monitor", "pings", "job").stdout == "It was not told anything yet.\n"
        url = f"http://127.0.0.1:{system.port}/ping/{TOKEN}"
        for path, body in (("/3?msg=full", b"disk"), ("?duration=2s", None)):
            urllib.request.urlopen(urllib.request.Request(url + path, data=body), timeout=10).close()
        newest, failed = run(tmp_path, "monitor", "pings", "job").stdout.splitlines()
        assert newest.endswith("  success, took 2000 ms from 127.0.0.1")
        assert failed.endswith("  fail (exit status 3), 4 bytes from 127.0.0.1: full")
        assert json.loads(run(tmp_path, "monitor", "pings", "job", "--json").stdout)[1]["body"] == "disk"

        said = run(tmp_path, "monitor", "set", "ferry", "down", "in the dock")
        assert (said.returncode, said.stdout) == (0, '"ferry" is down\n')
        assert json.loads(run(tmp_path, "audit", "--json").stdout)[0]["action"] == "verdict"
        for arguments, word in (
            (("job", "up"), "is no manual monitor"),
            (("nobody", "up"), 'there is no monitor "nobody"'),
            (("ferry", "fine"), "fine"),
            (("ferry", "up", "x" * 301), "300 characters"),
        ):
            refused = run(tmp_path, "monitor", "set", *arguments)
            assert refused.returncode in {1, 2}, arguments
            assert word in refused.stderr
        shown = run(tmp_path, "monitor", "show", "job").stdout + run(tmp_path, "monitor", "list").stdout
        assert TOKEN not in shown + system.output()

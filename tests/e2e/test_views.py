"""Is every view of a real installation readable by everybody, in any look, with and without JavaScript?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.chromium import browse
from tests.servers.process import Process, free_port, listens


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo of three days, as people start it."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    program = Path(sys.executable).parent / "signalbox"
    command = [str(program), "demo", "--days", "3", "--raw", "2", "--data", str(folder / "data"), "--port", str(port)]
    with Process(command, folder, "demo") as process:
        process.start(lambda: listens(port))
        yield f"http://127.0.0.1:{port}/"


def test_every_view_is_accessible_in_every_look(address: str) -> None:
    browse("views", address)


def test_the_page_and_a_service_are_read_by_keyboard_and_without_colours(address: str) -> None:
    browse("keyboard", address)


def test_on_a_slow_phone_the_page_is_there_soon_and_nothing_moves(address: str) -> None:
    """Machines that run tests are busy: `python -m bench.page` holds it to its second."""
    browse("speed", address, RUNS="3", LCP="3000", PATHS="?z=60m ?z=90d")

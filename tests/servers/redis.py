"""A real Redis for tests: `redis-server` on a free port, nothing written to disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.process import Process, free_port, listens, program


class RedisServer(Process):
    """A Redis of its own; `url` reaches it. Can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        super().__init__(
            [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--maxmemory-policy", "noeviction"],
            folder, "redis",
        )  # fmt: skip

    @property
    def url(self) -> str:
        """Broker URL of this server."""
        return f"redis://127.0.0.1:{self.port}/0"

    def up(self) -> RedisServer:
        """Start it and wait until it accepts connections."""
        self.start(lambda: listens(self.port))
        return self


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for one test."""
    with RedisServer(tmp_path) as server:
        yield server.up()

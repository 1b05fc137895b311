"""A signal store for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.stores import open_store
from signalbox.stores.base import Store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store: the test runs on each kind."""
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'signals.db'}"
    made = open_store(url, data=tmp_path)
    made.open()
    yield made
    made.close()

"""What the runner's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.db import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database."""
    made = Database(f"sqlite:///{tmp_path / 'state.db'}", data=tmp_path)
    made.migrate()
    yield made
    made.close()

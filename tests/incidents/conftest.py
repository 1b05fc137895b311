"""An installation with monitors in two groups and without one, on both databases."""

from __future__ import annotations

import pytest

from signalbox.db import Database
from tests.incidents.scene import Scene


@pytest.fixture
def scene(database: Database) -> Scene:
    """Watches `api`, `web` and `db` of the group Core, `mail` of Office, and `blog` and `shop` of none."""
    core = dict.fromkeys(("api", "web", "db"), "Core")
    return Scene(database, {**core, "mail": "Office", "blog": None, "shop": None})

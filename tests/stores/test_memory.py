"""The memory store keeps the promises of all stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.stores import open_store
from tests.stores.conformance import HoursConformance, Kept, PruningConformance, StoreConformance


class TestMemoryStore(StoreConformance, HoursConformance, PruningConformance):
    @pytest.fixture
    def kept(self, tmp_path: Path) -> Iterator[Kept]:
        store = open_store("memory://", data=tmp_path)
        store.open()
        yield Kept(store)
        store.close()

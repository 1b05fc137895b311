"""Beside the prompt work: days are rolled up by the process that leads, once the store answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from signalbox import clock
from signalbox.history.models import DayRow
from signalbox.history.zooms import DAY, MINUTE
from signalbox.installation import Installation
from signalbox.runner import disk, upkeep
from signalbox.runner.upkeep import Upkeep
from signalbox.settings import Settings
from tests.servers.process import await_condition
from tests.stores.samples import signal


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    for name in ("FIRST", "EVERY", "MORE"):
        monkeypatch.setattr(upkeep, name, 0.05)
    made = Installation.open(Settings(config=tmp_path / "none.yaml", data=tmp_path / "data", _env_file=None))
    yield made
    made.close()


def fill(installation: Installation, days: int) -> None:
    today = clock.now() // DAY * DAY
    moments = [today - day * DAY + hour * 60 * MINUTE for day in range(1, days + 1) for hour in range(24)]
    installation.store.append([signal(moment=moment) for moment in moments])


def rolled(installation: Installation) -> list[int]:
    """How many days ago those days were that are rolled up."""
    with installation.database.read() as session:
        days = session.scalars(select(DayRow.day).order_by(DayRow.day.desc()))
        return [clock.now() // DAY - day for day in days]


def test_the_past_is_rolled_up_after_the_start(installation: Installation) -> None:
    fill(installation, 45)
    work = Upkeep(installation, lambda: True)
    work.start()
    # during the first hour of a day the one before is not yet due
    await_condition(lambda: set(rolled(installation)) >= set(range(2, 46)), "45 days rolled up")
    work.close()


def test_who_does_not_lead_rolls_up_nothing_until_it_does(installation: Installation) -> None:
    fill(installation, 3)
    asked: list[bool] = []

    def leads() -> bool:
        asked.append(len(asked) > 3)
        return asked[-1]

    work = Upkeep(installation, leads)
    work.start()
    await_condition(lambda: len(asked) >= 3, "three looks")
    assert rolled(installation) == []
    await_condition(lambda: 3 in rolled(installation), "the days rolled up")
    work.close()


def test_a_store_that_is_away_postpones_it(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    fill(installation, 3)
    installation.store.close()
    work = Upkeep(installation, lambda: True)
    work.start()
    said = ""

    def waits() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return "upkeep.waits" in said

    await_condition(waits, "a word that it waits")
    assert rolled(installation) == []
    installation.store.open()
    await_condition(lambda: 3 in rolled(installation), "the days rolled up")
    work.close()


def test_a_disk_that_is_nearly_full_is_told(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    upkeep.warn_of_full_disks(installation.settings)
    monkeypatch.setattr(disk, "LEAST", 1 << 62)
    upkeep.warn_of_full_disks(installation.settings)
    said = capsys.readouterr().out
    assert said.count("disk.nearly_full") >= 1
    assert "signalbox prune" in said

"""Now and then: a changed manifest is taken over, a bad one refused, and none forgotten while the database is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.errors import Unavailable
from signalbox.installation import Installation
from signalbox.monitors import service
from signalbox.settings import Settings

GOOD = "monitors: [https://one.example]\n"
OTHER = "monitors: [https://one.example, https://two.example]\n"
BAD = "monitors: [{evry: 5}]\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "signalbox.yaml").write_text(GOOD)
    return Settings(config=tmp_path / "signalbox.yaml", data=tmp_path / "data", _env_file=None)


@pytest.fixture
def installation(settings: Settings) -> Iterator[Installation]:
    made = Installation.open(settings)
    yield made
    made.close()


def watched(installation: Installation) -> list[str]:
    with installation.database.read() as session:
        return [monitor.target for monitor in service.active(session)]


def test_a_change_made_while_the_database_is_away_is_taken_over_later(installation: Installation) -> None:
    away = Path(str(installation.database.url.database))
    hidden = away.with_suffix(".hidden")
    installation.settings.config.write_text(OTHER)
    installation.database.close()
    away.rename(hidden)
    away.mkdir()
    with pytest.raises(Unavailable):
        installation.follow_manifest(asked=False)
    away.rmdir()
    hidden.rename(away)
    installation.follow_manifest(asked=False)
    assert watched(installation) == ["https://one.example", "https://two.example"]


def test_a_process_started_again_beside_a_bad_manifest_keeps_the_old_one(
    installation: Installation, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.config.write_text(BAD)
    again = Installation.open(settings, later=True)
    try:
        again.follow_manifest(asked=False)
        assert watched(again) == ["https://one.example"]
        assert "manifest.refused" in capsys.readouterr().out
        settings.config.write_text(OTHER)
        again.follow_manifest(asked=False)
        assert watched(again) == ["https://one.example", "https://two.example"]
    finally:
        again.close()


def test_a_refused_manifest_is_not_read_again_until_it_changes(
    installation: Installation, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.config.write_text(BAD)
    for _ in range(3):
        installation.follow_manifest(asked=False)
    assert capsys.readouterr().out.count("manifest.refused") == 1

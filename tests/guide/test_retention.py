"""Can what the guide to retention tells people to type be typed, and is what it says so?"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from signalbox.cli import app
from signalbox.history.zooms import DAY, HOUR, MINUTE, Zoom
from signalbox.installation import retention
from signalbox.settings import Settings
from tests.guide.blocks import blocks
from tests.guide.test_documents import ROOT

GUIDE = ROOT / "docs/guide/retention.md"


def test_every_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = blocks(GUIDE)["shell: prune"].splitlines()
    assert lines
    for line in lines:
        _, *arguments = shlex.split(line, comments=True)
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, (line, done.output, done.exception)


def test_the_settings_it_shows_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    found = dict(re.findall(r"^    (SIGNALBOX_RETAIN_\w+)=(\w+)$", GUIDE.read_text("utf-8"), re.MULTILINE))
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    assert retention(Settings(_env_file=None)) == (90 * 86_400, 5 * 365 * 86_400)


def test_the_times_it_names_are_the_times_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    text = GUIDE.read_text("utf-8")
    assert "30 days in SQLite, 400 days in QuestDB" in text
    assert retention(Settings(_env_file=None)) == (30 * 86_400, 730 * 86_400)
    monkeypatch.setenv("SIGNALBOX_SIGNALS_URL", "questdb://a:b@127.0.0.1:9000")
    assert retention(Settings(_env_file=None)).raw == 400 * 86_400


def test_the_steps_it_names_are_the_steps_taken() -> None:
    text = GUIDE.read_text("utf-8")
    rows = re.findall(r"^\| ([\d, a-z]+) \| (\d+) (minutes?|hours?|day)", text, re.MULTILINE)
    units = {"minute": MINUTE, "minutes": MINUTE, "hours": HOUR, "day": DAY}
    assert [int(count) * units[unit] for _, count, unit in rows] == sorted({zoom.step for zoom in Zoom})

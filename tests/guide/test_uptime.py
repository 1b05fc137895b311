"""Can what the guide to uptime tells people to type be typed?"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from signalbox.cli import app
from signalbox.db import Database
from signalbox.monitors.models import SpellRow
from signalbox.uptime.models import AnnotationRow
from tests.guide.blocks import blocks
from tests.guide.test_documents import ROOT
from tests.uptime.test_service import END, START, judge, watch

GUIDE = ROOT / "docs/guide/uptime.md"


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder holds one with what the guide speaks of."""
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'data/state.db'}", data=tmp_path / "data")
    database.migrate()
    with database.begin() as session:
        watch(session, "api", "docs")
        judge(session, "docs", (0, None, "up"))
        session.add(
            SpellRow(
                id=42, monitor="api", verdict="down", reason="status", message="502", start=START, end=END,
                confirmed=START, trouble=START, flapping=False, paused=False,
            )
        )  # fmt: skip
        session.add(
            AnnotationRow(
                id=7, monitor="api", start=START, end=END, what="our-side", note="", by="cli:ann", created_at=END,
                withdrawn_at=None,
            )
        )  # fmt: skip
    database.close()


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("name", ["shell: uptime", "shell: annotation"])
def test_every_command_works(name: str) -> None:
    lines = blocks(GUIDE)[name].splitlines()
    assert lines
    for line in lines:
        _, *arguments = shlex.split(line, comments=True)
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, (line, done.output, done.exception)

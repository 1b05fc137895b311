"""Does Poetry, which the tutorial's readers have, take this project?"""

from __future__ import annotations

import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.index import served
from tests.packaging.shell import ROOT, run

PYTHON = sys.executable


def fetch_backend(folder: Path) -> None:
    """The build backend's wheels, as locked, into that folder. Node is for the web page and not needed here."""
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements/build.txt").read_text(encoding="utf-8"))
    lock = folder / "backend.txt"
    lock.write_text("\n".join(entry for entry in entries if not entry.startswith("nodejs")), encoding="utf-8")
    run(PYTHON, "-m", "pip", "download", "-q", "--require-hashes", "-r", str(lock), "-d", str(folder), folder=folder)


def test_poetry_finds_nothing_to_complain_about() -> None:
    assert "All set!" in run(PYTHON, "-m", "poetry", "check", "--strict", folder=ROOT)


@pytest.mark.timeout(300)
def test_poetry_builds_the_wheel_and_the_source_archive(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, project)
    shutil.copytree(ROOT / "src", project / "src", ignore=shutil.ignore_patterns("__pycache__"))
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    fetch_backend(wheels)
    with served(wheels) as index:
        # Poetry takes its own index from the project file alone; this one is here so that the test needs no other.
        with (project / "pyproject.toml").open("a", encoding="utf-8") as out:
            out.write(f'\n[[tool.poetry.source]]\nname = "here"\nurl = "{index}"\npriority = "primary"\n')
        run(PYTHON, "-m", "poetry", "build", "--no-interaction", "--no-cache", folder=project)
    assert {path.suffix for path in (project / "dist").iterdir()} == {".whl", ".gz"}
    with zipfile.ZipFile(next((project / "dist").glob("*.whl"))) as wheel:
        assert "signalbox/pages/site/index.html" in wheel.namelist()

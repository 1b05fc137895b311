"""A changed manifest is noticed once, and only when its content changed."""

from __future__ import annotations

import os
from pathlib import Path

from signalbox.manifest.watch import Watch


def _write(file: Path, text: str, moment: int) -> None:
    """Write it as if at that second: file systems may not tell two quick writes apart."""
    file.write_text(text)
    os.utime(file, (moment, moment))


def test_a_change_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    _write(file, "one", 1)
    watch = Watch(file)
    assert not watch.changed()
    _write(file, "two", 2)
    assert watch.changed()
    assert not watch.changed()


def test_a_touch_is_no_change(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    _write(file, "one", 1)
    watch = Watch(file)
    _write(file, "one", 2)
    assert not watch.changed()


def test_a_file_put_in_its_place_is_a_change(tmp_path: Path) -> None:
    file, other = tmp_path / "signalbox.yaml", tmp_path / "draft"
    _write(file, "one", 1)
    watch = Watch(file)
    _write(other, "two", 1)  # same size, same time, another file
    other.replace(file)
    assert watch.changed()


def test_a_file_that_is_away_for_a_moment_has_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    _write(file, "one", 1)
    watch = Watch(file)
    file.unlink()
    assert not watch.changed()
    _write(file, "two", 2)
    assert watch.changed()


def test_a_file_that_comes_later_is_a_change(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "signalbox.yaml")
    assert not watch.changed()
    _write(tmp_path / "signalbox.yaml", "one", 1)
    assert watch.changed()

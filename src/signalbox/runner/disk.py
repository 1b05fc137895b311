"""How much room is left where this process writes? Asked before the disk is full."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SHARE = 0.10  # of a file system that is to stay free
LEAST = 1_000_000_000  # bytes that are to stay free, however small the file system


class Room(NamedTuple):
    """What is left of one file system, in bytes."""

    path: Path  # something of ours that is on it
    free: int
    total: int

    @property
    def is_short(self) -> bool:
        """Is it time to say something?"""
        return self.free < LEAST or self.free < SHARE * self.total

    def __str__(self) -> str:
        return f"{in_words(self.free)} of {in_words(self.total)} free where {self.path} is"


def rooms(paths: Iterable[Path]) -> list[Room]:
    """The file systems that these are on, each once. What cannot be looked at is left out."""
    found: dict[int, Room] = {}
    for path in paths:
        try:
            device = path.stat().st_dev
            usage = shutil.disk_usage(path)
        except OSError:
            continue
        found.setdefault(device, Room(path, usage.free, usage.total))
    return list(found.values())


def size(path: Path) -> int:
    """Bytes of disk that a file or all files of a folder take. What goes away meanwhile counts nothing."""
    files = (Path(folder) / name for folder, _, names in os.walk(path) for name in names) if path.is_dir() else [path]
    return sum(_taken(file) for file in files)


def _taken(file: Path) -> int:
    try:
        return file.stat().st_blocks * 512
    except OSError:
        return 0


def in_words(count: int) -> str:
    """`512 B`, `3.4 MB`, `12 GB`."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1_000:
            break
        value, unit = value / 1_000, larger
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "B" else f"{value:.0f} {unit}"

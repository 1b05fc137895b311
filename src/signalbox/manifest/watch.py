"""Did the manifest file change? Cheap to ask every second: the file is read only when its outside differs."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path


class Watch:
    """Remembers a file as it was when last asked about."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._outside = _outside(file)
        self._content = _content(file)

    def changed(self) -> bool:
        """Has its content changed since the last call, or since the start? A file that is away has not changed."""
        outside = _outside(self._file)
        if outside is None or outside == self._outside:
            return False
        content = _content(self._file)
        if content is None:
            return False
        before, self._outside, self._content = self._content, outside, content
        return content != before


def _outside(file: Path) -> tuple[int, ...] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev


def _content(file: Path) -> bytes | None:
    try:
        return blake2b(file.read_bytes()).digest()
    except OSError:
        return None

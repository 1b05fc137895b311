"""How does a batch of signals survive on local disk until everybody has seen it?

A journal is a folder of numbered segments. A record is a header (length and CRC-32 of what follows) and a batch as
JSON, synced to disk before `append` returns. Cursors with names follow it, each at its own pace; a segment goes when
every cursor has been past it for a while. The folder's lock says whether its writer lives.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple

from signalbox.errors import Unavailable
from signalbox.signals import Signal
from signalbox.stores.rows import cleaned, signal_of

_HEADER: Final = struct.Struct("<II")
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class Position(NamedTuple):
    """A place in a journal: the number of a segment, and bytes from its start."""

    segment: int
    offset: int


class Damaged(Exception):
    """A record in the middle of a segment does not match its checksum."""


def encoded(signals: Sequence[Signal]) -> bytes:
    """One record: header and batch."""
    try:
        payload = _encode(signals).encode()
    except UnicodeEncodeError:
        payload = _encode([cleaned(signal) for signal in signals]).encode()
    return _HEADER.pack(len(payload), zlib.crc32(payload)) + payload


def records(file: IO[bytes], offset: int, end: int) -> Iterator[tuple[int, list[Signal]]]:
    """Batches from that offset on, each with the offset behind it. A torn last record counts as not written."""
    file.seek(offset)
    while True:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        length, checksum = _HEADER.unpack(header)
        behind = offset + _HEADER.size + length
        if behind > end or not length:  # torn, or the zeros that a power cut leaves
            return
        payload = file.read(length)
        if zlib.crc32(payload) != checksum:
            if behind == end:
                return
            raise Damaged(f"record at byte {offset}")
        offset = behind
        yield offset, [signal_of(row) for row in json.loads(payload)]


def locked(folder: Path) -> IO[bytes] | None:
    """The folder's lock, held until the file is closed; None when a living process holds it."""
    try:
        file = (folder / "lock").open("ab")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def segment_path(folder: Path, number: int) -> Path:
    """Where the segment of that number lies."""
    return folder / f"{number:010d}.segment"


def segment_numbers(folder: Path) -> list[int]:
    """Numbers of the segments that are there, oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.segment"))


class SegmentWriter:
    """Appends records to the newest segment of a folder and starts a new one by size or age. Not thread-safe."""

    def __init__(self, folder: Path, segment_bytes: int) -> None:
        self._folder, self._segment_bytes = folder, segment_bytes
        self._file: IO[bytes] | None = None
        self.end = Position(0, 0)

    def append(self, signals: Sequence[Signal]) -> Position:
        """Write and sync one record; returns the place behind it. Unavailable, and nothing kept, when that fails."""
        record = encoded(signals)
        try:
            file = self._current(len(record))
            _write_all(file, record)
            os.fdatasync(file.fileno())
        except OSError as error:
            self._undo()
            raise Unavailable(f"cannot write to the journal {self._folder}: {error.strerror}") from error
        self.end = Position(self.end.segment, self.end.offset + len(record))
        return self.end

    def turn(self) -> None:
        """End the current segment; the next record starts a new one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_writing(self, number: int) -> bool:
        """May the next record still go into that segment?"""
        return self._file is not None and self.end.segment == number

    def _current(self, more: int) -> IO[bytes]:
        if self._file is not None and self.end.offset and self.end.offset + more > self._segment_bytes:
            self.turn()
        if self._file is None:
            number = self.end.segment + 1
            file = segment_path(self._folder, number).open("xb", buffering=0)
            self._file, self.end = file, Position(number, 0)
            _sync_folder(self._folder)
        return self._file

    def _undo(self) -> None:
        """Cut off what a failed write left, or start anew behind it if even that fails."""
        if self._file is None:
            return
        try:
            self._file.truncate(self.end.offset)
            self._file.seek(self.end.offset)
        except OSError:
            self.turn()


def _write_all(file: IO[bytes], data: bytes) -> None:
    """Write it whole: close to a full disk the kernel takes a part and says how much."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

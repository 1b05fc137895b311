"""What does one writer's journal hold, and how far has each of its readers come?"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import IO, Final, Self

import structlog

from signalbox.clock import now
from signalbox.errors import Unavailable
from signalbox.signals import Signal
from signalbox.stores.segments import (
    Damaged,
    Position,
    SegmentWriter,
    locked,
    records,
    segment_numbers,
    segment_path,
)

_log = structlog.get_logger(__name__)

KEPT_S: Final = 15 * 60.0
"""How long a segment stays after every cursor has passed it: a store that lost power may have lost so much."""
_SEGMENT_BYTES: Final = 8 << 20
_SEGMENT_AGE_S: Final = 60.0
_SAVED_EVERY_S: Final = 1.0


class Journal:
    """One folder of segments with its cursors, held under lock. Safe from any thread.

    The process that made it also writes to it (`own`); one that found it without a living owner only reads.
    """

    def __init__(self, folder: Path, lock: IO[bytes], cursors: Sequence[str], *, own: bool) -> None:
        self.folder, self.own = folder, own
        self._lock_file, self._lock = lock, Lock()
        self._writer = SegmentWriter(folder, _SEGMENT_BYTES) if own else None
        self._turned = time.monotonic()
        self._cursors = {name: self._saved(name) for name in cursors}
        self._saved_at = dict.fromkeys(cursors, 0.0)
        self._passed: dict[int, float] = {}

    @classmethod
    def made(cls, root: Path, cursors: Sequence[str]) -> Self:
        """A new journal of this process's under `root`. Unavailable when the disk does not let us."""
        try:
            while True:
                folder = root / f"{now()}-{os.getpid()}"
                folder.mkdir(parents=True)
                (folder / "lock").touch()
                lock = locked(folder)
                if lock is not None:  # else somebody looking for orphans was quicker
                    return cls(folder, lock, cursors, own=True)
        except OSError as error:
            raise Unavailable(f"cannot make a journal in {root}: {error.strerror}") from error

    @classmethod
    def claimed(cls, root: Path, cursors: Sequence[str]) -> list[Self]:
        """Every journal under `root` whose writer is dead and which nobody else has claimed."""
        folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        locks = ((folder, locked(folder)) for folder in folders)
        return [cls(folder, lock, cursors, own=False) for folder, lock in locks if lock is not None]

    def append(self, signals: Sequence[Signal]) -> None:
        """Write them, synced: on return they survive a power cut. Unavailable, and none kept, when the disk is full."""
        assert self._writer is not None, "only the owner writes"
        with self._lock:
            self._writer.append(signals)

    def read(self, cursor: str, rows: int) -> tuple[list[Signal], Position]:
        """The next batches behind that cursor, about so many rows, and the position to `pass_to` once dealt with."""
        position, found = self._cursors[cursor], list[Signal]()
        for number in segment_numbers(self.folder):
            if number < position.segment or len(found) >= rows:
                continue
            position = position if number == position.segment else Position(number, 0)
            position = self._read_segment(position, rows, found)
        return found, position

    def _read_segment(self, position: Position, rows: int, found: list[Signal]) -> Position:
        number, end = position.segment, self._end(position.segment)
        path = segment_path(self.folder, number)
        try:
            with path.open("rb") as file:
                for behind, batch in records(file, position.offset, end):
                    found += batch
                    if len(found) >= rows:
                        return Position(number, behind)
                position = Position(number, end)  # past a torn last record too: nobody will ever mend it
        except Damaged as error:
            path.rename(path.with_suffix(".damaged"))
            _log.error(
                "a journal segment is damaged; what follows in it is put aside", segment=str(path), at=str(error)
            )
        return position

    def pass_to(self, cursor: str, position: Position) -> None:
        """That cursor has dealt with everything before the position."""
        self._cursors[cursor] = position
        if time.monotonic() - self._saved_at[cursor] > _SAVED_EVERY_S:
            self._save(cursor)

    def rewind(self, cursor: str, seconds: float = KEPT_S) -> None:
        """Have that cursor see again what was written in the last so many seconds, as far as it is still here."""
        since = time.time() - seconds
        for number in segment_numbers(self.folder):
            if segment_path(self.folder, number).stat().st_mtime >= since:
                self._cursors[cursor] = min(self._cursors[cursor], Position(number, 0))
                return

    def backlog(self, cursor: str) -> int:
        """Bytes that this cursor has not passed yet."""
        position = self._cursors[cursor]
        return sum(
            self._end(number) - (position.offset if number == position.segment else 0)
            for number in segment_numbers(self.folder)
            if number >= position.segment
        )

    def size(self) -> int:
        """Bytes of all segments."""
        return sum(self._end(number) for number in segment_numbers(self.folder))

    def sweep(self, kept_s: float = KEPT_S) -> bool:
        """Remove segments that all cursors passed long enough ago. True when the journal itself is gone with them."""
        if self._writer is not None and time.monotonic() - self._turned > min(_SEGMENT_AGE_S, kept_s):
            with self._lock:
                self._writer.turn()
            self._turned = time.monotonic()
        for number in segment_numbers(self.folder):
            if self._is_passed(number):
                passed = self._passed.setdefault(number, time.monotonic())
                if time.monotonic() - passed >= kept_s:
                    segment_path(self.folder, number).unlink(missing_ok=True)
            else:
                self._passed.pop(number, None)
        return not self.own and not segment_numbers(self.folder) and self._remove()

    def close(self) -> None:
        """Save the cursors and let the lock go; another process may claim what is left."""
        for cursor in self._cursors:
            self._save(cursor)
        with self._lock:
            if self._writer is not None:
                self._writer.turn()
        self._lock_file.close()

    def _is_passed(self, number: int) -> bool:
        if self._writer is not None and self._writer.is_writing(number):
            return False
        end = Position(number, self._end(number))
        return all(cursor >= end for cursor in self._cursors.values())

    def _end(self, number: int) -> int:
        """Where the whole records of a segment end: the file's end, but for the one being written."""
        end = self._writer.end if self._writer is not None else None
        if end is not None and end.segment == number:
            return end.offset
        try:
            return segment_path(self.folder, number).stat().st_size
        except FileNotFoundError:
            return 0

    def _remove(self) -> bool:
        for path in self.folder.iterdir():
            if path.suffix == ".damaged":
                return False
            path.unlink(missing_ok=True)
        self.folder.rmdir()
        self._lock_file.close()
        return True

    def _saved(self, cursor: str) -> Position:
        try:
            return Position(*json.loads((self.folder / f"{cursor}.cursor").read_text()))
        except (OSError, ValueError, TypeError):
            return Position(0, 0)

    def _save(self, cursor: str) -> None:
        """Keep the cursor on disk. An older one is harmless (what it repeats changes nothing), so nothing is synced."""
        self._saved_at[cursor] = time.monotonic()
        path = self.folder / f"{cursor}.cursor"
        try:
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(self._cursors[cursor]))
            fresh.replace(path)
        except OSError as error:
            _log.warning("a journal cursor cannot be saved", cursor=str(path), error=error.strerror)

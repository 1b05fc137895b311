"""Where does a signal go that a store refuses for good? Into a file of JSON lines, and into the log."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import structlog

from signalbox.clock import iso, now
from signalbox.errors import Unavailable
from signalbox.signals import Signal
from signalbox.stores.rows import cleaned

_log = structlog.get_logger(__name__)


class DeadLetters:
    """One file that refused signals are added to: `{"refused": time, "why": text, "signal": {field: value}}` a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def keep(self, signals: Sequence[Signal], why: str) -> None:
        """Add them, synced to disk. Raises Unavailable when that fails: then they must not count as dealt with."""
        refused = iso(now())
        lines = "".join(
            json.dumps({"refused": refused, "why": why, "signal": cleaned(signal)._asdict()}, ensure_ascii=False) + "\n"
            for signal in signals
        )
        try:
            with self._lock:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(lines)
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(f"cannot write refused signals to {self.path}: {error.strerror}") from error
        _log.error("signals refused for good", count=len(signals), why=why, kept_in=str(self.path))

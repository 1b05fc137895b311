"""Whose is a folder: may a demo be made in it, or go on in it? A file in it says what the demo was made from."""

from __future__ import annotations

import json
from pathlib import Path

from signalbox.demo.world import Beginning
from signalbox.errors import ConfigurationError

_MARK = "demo.json"
_FRESH = f"{_MARK}.new"
_FIRST = {"lock", _FRESH}  # what is in there before the mark is
_ANOTHER = "give --data another folder, or none for a temporary one"


def refuse_another(data: Path) -> None:
    """ConfigurationError where something is in there that is no demo, nor what one leaves that was killed at once."""
    if not data.exists() or (data / _MARK).exists():
        return
    if not data.is_dir() or {file.name for file in data.iterdir()} - _FIRST:
        raise ConfigurationError(f"{data} holds something that is no demo, and a demo changes nothing else: {_ANOTHER}")


def beginning_of(data: Path) -> Beginning | None:
    """What the demo in there was made from; None: there is none. ConfigurationError where it was never finished. Who
    asks holds the folder, or it may be one that is being made."""
    mark = data / _MARK
    if not mark.exists():
        return None
    try:
        told = json.loads(mark.read_text(encoding="utf-8"))
        if told["complete"] is True:
            return Beginning(int(told["seed"]), int(told["now"]), int(told["days"]), str(told["zone"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{mark} cannot be read ({type(error).__name__}): remove the folder, or {_ANOTHER}"
        ) from None
    raise ConfigurationError(f"the demo in {data} was never finished: remove the folder, or {_ANOTHER}")


def mark(data: Path, beginning: Beginning, *, complete: bool) -> None:
    """Write down that this is a demo, before anything else is in there, and when it is complete."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = {**beginning._asdict(), "complete": complete}
    (data / _FRESH).write_text(json.dumps(told) + "\n", encoding="utf-8")
    (data / _FRESH).replace(data / _MARK)

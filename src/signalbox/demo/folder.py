"""Whose is a folder: may a demo be made in it, or go on in it? A file in it says what the demo was made from."""

from __future__ import annotations

import json
from pathlib import Path

from signalbox.demo.world import Beginning
from signalbox.errors import ConfigurationError

_MARK = "demo.json"
_ANOTHER = "give --data another folder, or none for a temporary one"


def beginning_of(data: Path) -> Beginning | None:
    """What the demo in there was made from; None: a new one may be made. ConfigurationError where neither holds."""
    mark = data / _MARK
    if not mark.exists():
        if data.exists() and (not data.is_dir() or any(data.iterdir())):
            raise ConfigurationError(
                f"{data} holds something that is no demo, and a demo changes nothing else: {_ANOTHER}"
            )
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
    (data / _MARK).write_text(json.dumps(told) + "\n", encoding="utf-8")

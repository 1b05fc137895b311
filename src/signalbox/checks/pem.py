"""How do libraries that read certificates from files only get those that a check holds as texts?"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from signalbox.checks.trust import Trust


@contextlib.contextmanager
def files(trust: Trust | None) -> Iterator[dict[str, str]]:
    """Paths of `ca`, `certificate` (with its key behind it) and `private_key`, those that there are. The files are
    there meanwhile, and for our eyes alone."""
    if trust is None or not (trust.ca or trust.certificate):
        yield {}
        return
    whole = trust.certificate and f"{trust.certificate}\n{trust.private_key or ''}"
    texts = {"ca": trust.ca, "certificate": whole, "private_key": trust.private_key}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / name for name, text in texts.items() if text}
        for name, path in paths.items():
            path.touch(mode=0o600)
            path.write_text(texts[name] or "", encoding="ascii")
        yield {name: str(path) for name, path in paths.items()}

"""Is a web address up? The kind `http`: its options in `check.py`, how it is asked and judged in `asking.py`."""

from signalbox.checks.http.check import HttpCheck

__all__ = ["HttpCheck"]

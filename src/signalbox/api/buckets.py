"""How often may somebody do something? A bucket each, in memory, that fills by use and empties by time."""

from __future__ import annotations

from collections import OrderedDict

from signalbox import clock

_MOST = 10_000  # whose use is remembered


class Buckets:
    """Use by name. Of too many names, those that were used longest ago go."""

    def __init__(self, size: int, leak: float) -> None:
        """`size` uses at once, and one more every `leak` seconds."""
        self._size, self._leak = size, leak
        self._used: OrderedDict[str, tuple[float, int]] = OrderedDict()  # uses that count, and as of when

    def wait(self, name: str, now: int) -> float:
        """Seconds until that one may again; 0: now. `now` is UTC microseconds."""
        return max(0.0, (self._counted(name, now) - self._size + 1) * self._leak)

    def use(self, name: str, now: int) -> None:
        """Count one more."""
        self._used[name] = (self._counted(name, now) + 1, now)
        self._used.move_to_end(name)
        if len(self._used) > _MOST:
            self._used.popitem(last=False)

    def _counted(self, name: str, now: int) -> float:
        uses, then = self._used.get(name, (0.0, now))
        return max(0.0, uses - max(0, now - then) / clock.MICROS / self._leak)

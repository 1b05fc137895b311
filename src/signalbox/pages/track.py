"""What is remembered of one monitor's recent signals, and how do its past 60 minutes look?

A record takes 17 bytes in flat arrays instead of some 600 as a `Signal`: 5 000 monitors fit into a few megabytes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from signalbox.clock import MICROS
from signalbox.signals import NO_ANSWER, Signal, Verdict

if TYPE_CHECKING:
    from signalbox.stores.base import Columns

KEPT = 60
"""Records kept of every monitor, whatever their age."""

MINUTE = 60 * MICROS
HOUR = 60 * MINUTE
AHEAD = 2 * MINUTE
"""How far a slot may lie in the future (clocks of other machines) and still count as seen."""

_SLACK = 32  # records beyond the kept ones before old ones are cut off: cutting each time would cost more
_VERDICTS = (Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN)
_CODES = {verdict: code for code, verdict in enumerate(_VERDICTS)}
_VERDICT, _AVAILABLE, _ANSWERED, _ELSEWHERE = 0b11, 0b100, 0b1000, 0b10000
_BITS = (1, 2, 4, 8)  # what each verdict adds to its minute
_CHARACTERS = ".uggxppp" * 2  # by the sum of those bits; an unknown alone is no data, beside others it is silent
_NO_LATENCY = -1


class Record(NamedTuple):
    """One signal as `/signals` tells it. `moment` is UTC microseconds since 1970."""

    moment: int
    http_status: int
    available: bool


class Hour(NamedTuple):
    """A monitor's past 60 minutes and its newest signals. `minutes` and `latency` as in `document.Item`."""

    minutes: str
    latency: list[int | None]
    signals: int
    known: int  # signals whose verdict is not unknown
    available: int
    newest: int | None  # slot of the newest signal, however old
    verdicts: tuple[Verdict, ...]  # of the newest signal from each location that still reports


def _mark(verdict: Verdict, available: bool, status: int, total: float | None) -> int:
    mark = _CODES[verdict]
    if available:
        mark |= _AVAILABLE
    if total is not None and (mark & _VERDICT <= 1 or status != NO_ANSWER):
        mark |= _ANSWERED
    return mark


def _tenths(total: float | None) -> int:
    return _NO_LATENCY if total is None else min(int(total * 10 + 0.5), 2**31 - 1)


class Track:
    """Newest signals of one monitor, sorted by moment, each moment and place once. Not thread-safe by itself."""

    __slots__ = ("_latencies", "_marks", "_moments", "_places", "_statuses", "every", "url")

    def __init__(self, url: str, every: float) -> None:
        self.url, self.every = url, every
        self._moments = array("q")
        self._places = array("H")
        self._statuses = array("h")
        self._marks = array("B")
        self._latencies = array("i")  # tenths of a millisecond

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def oldest(self) -> int | None:
        """Moment of the oldest record kept."""
        return self._moments[0] if self._moments else None

    def move(self, url: str, every: float) -> None:
        """Watch another address from now on: what was seen at the old one is no record of the new one."""
        if url != self.url:
            for index, mark in enumerate(self._marks):
                self._marks[index] = mark | _ELSEWHERE
        self.url, self.every = url, every

    def add(self, signal: Signal, place: int) -> bool:
        """Remember a signal; False if it was known already. A signal of the same name replaces the earlier one."""
        status, total = signal.http_status, signal.total
        mark = _mark(signal.verdict, signal.available, status, total)
        if signal.url != self.url:
            mark |= _ELSEWHERE
        return self._put(signal.moment, place, status, mark, _tenths(total))

    def extend(self, some: Columns, place: int) -> bool:
        """Remember many from one place; False if all were known already."""
        marks = list(map(_mark, some.verdicts, some.available, some.statuses, some.totals))
        if some.url != self.url:
            marks = [mark | _ELSEWHERE for mark in marks]
        latencies = list(map(_tenths, some.totals))
        if self._moments:
            put, news = self._put, False
            for moment, status, mark, latency in zip(some.moments, some.statuses, marks, latencies, strict=True):
                news |= put(moment, place, status, mark, latency)
            return news
        self._moments.extend(some.moments)
        self._places.extend([place] * len(marks))
        self._statuses.extend(some.statuses)
        self._marks.extend(marks)
        self._latencies.extend(latencies)
        self._cut()
        return bool(marks)

    def _put(self, moment: int, place: int, status: int, mark: int, latency: int) -> bool:
        moments = self._moments
        at = len(moments)
        if at and moment <= moments[-1]:
            at = bisect_left(moments, moment)
            if at == 0 and len(moments) >= KEPT and moment < moments[-1] - HOUR:
                return False
            while at < len(moments) and moments[at] == moment:
                if self._places[at] == place:
                    return self._replace(at, status, mark, latency)
                at += 1
        moments.insert(at, moment)
        self._places.insert(at, place)
        self._statuses.insert(at, status)
        self._marks.insert(at, mark)
        self._latencies.insert(at, latency)
        if len(moments) > KEPT + _SLACK:
            self._cut()
        return True

    def _replace(self, at: int, status: int, mark: int, latency: int) -> bool:
        if self._statuses[at] == status and self._marks[at] == mark:
            return False  # a store may round the latency; that is no news
        self._statuses[at], self._marks[at], self._latencies[at] = status, mark, latency
        return True

    def _cut(self) -> None:
        oldest = self._moments[-1] - HOUR - MINUTE
        excess = min(len(self._moments) - KEPT, bisect_left(self._moments, oldest))
        if excess >= _SLACK:
            for column in (self._moments, self._places, self._statuses, self._marks, self._latencies):
                del column[:excess]

    def records(self, limit: int) -> list[Record]:
        """Newest `limit` records of the address watched now, oldest first."""
        found: list[Record] = []
        for index in range(len(self._moments) - 1, -1, -1):
            mark = self._marks[index]
            if not mark & _ELSEWHERE:
                found.append(Record(self._moments[index], self._statuses[index], bool(mark & _AVAILABLE)))
                if len(found) == limit:
                    break
        found.reverse()
        return found

    def hour(self, now: int) -> Hour:
        """The 60 minutes whose last one `now` lies in. A signal counts in the minute of its slot; the signal of a
        monitor slower than once a minute also covers the empty minutes until its next one is due."""
        first = now // MINUTE - 59
        begin = bisect_left(self._moments, first * MINUTE)
        end = bisect_left(self._moments, (first + 60) * MINUTE, begin)
        seen, sums, counts = [0] * 60, [0] * 60, [0] * 60
        known = available = 0
        marks = self._marks
        for index in range(begin, end):
            minute = self._moments[index] // MINUTE - first
            mark = marks[index]
            seen[minute] |= _BITS[mark & _VERDICT]
            if mark & _VERDICT != 3:
                known += 1
                available += mark >> 2 & 1
            if mark & _ANSWERED:
                sums[minute] += self._latencies[index]
                counts[minute] += 1
        latency = [round(total / count / 10) if count else None for total, count in zip(sums, counts, strict=True)]
        covered = -int(-self.every // 60)  # minutes, rounded up
        if covered > 1:
            self._carry(seen, latency, covered, begin, first)
        newest, verdicts = self._newest(now)
        minutes = "".join([_CHARACTERS[bits] for bits in seen])
        return Hour(minutes, latency, end - begin, known, available, newest, verdicts)

    def lately(self, now: int) -> Hour:
        """The same without minutes and counts of what was known: how many signals there were, and the newest."""
        first = now // MINUTE - 59
        begin = bisect_left(self._moments, first * MINUTE)
        end = bisect_left(self._moments, (first + 60) * MINUTE, begin)
        newest, verdicts = self._newest(now)
        return Hour("", [], end - begin, 0, 0, newest, verdicts)

    def answers(self, start: int) -> tuple[int, int] | None:
        """Median and 95th percentile in milliseconds of what was up or degraded from `start` on, by nearest rank."""
        begin = bisect_left(self._moments, start)
        times = sorted(
            tenths
            for tenths, mark in zip(self._latencies[begin:], self._marks[begin:], strict=True)
            if mark & _VERDICT <= 1 and tenths != _NO_LATENCY
        )
        if not times:
            return None
        p50, p95 = (round(times[-(-len(times) * share // 100) - 1] / 10) for share in (50, 95))
        return p50, p95

    def _carry(self, seen: list[int], latency: list[int | None], covered: int, begin: int, first: int) -> None:
        """Let each minute with signals stand for the `covered - 1` empty ones after it. Changes both lists."""
        bits, shown, since = 0, None, -covered
        if begin:
            mark, tenths = self._marks[begin - 1], self._latencies[begin - 1]
            bits, since = _BITS[mark & _VERDICT], self._moments[begin - 1] // MINUTE - first
            shown = round(tenths / 10) if mark & _ANSWERED else None
        for minute in range(60):
            if seen[minute]:
                bits, shown, since = seen[minute], latency[minute], minute
            elif minute - since < covered:
                seen[minute], latency[minute] = bits, shown

    def _newest(self, now: int) -> tuple[int | None, tuple[Verdict, ...]]:
        """Slot of the newest signal, and the newest verdict of each location seen within three intervals of it."""
        index = bisect_left(self._moments, now + AHEAD) - 1
        if index < 0:
            return None, ()
        newest = self._moments[index]
        oldest = newest - max(3 * MINUTE, int(3 * self.every * MICROS))
        by_place: dict[int, Verdict] = {}
        while index >= 0 and self._moments[index] >= oldest:
            by_place.setdefault(self._places[index], _VERDICTS[self._marks[index] & _VERDICT])
            index -= 1
        return newest, tuple(by_place.values())

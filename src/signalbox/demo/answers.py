"""What does a check of the demo see at a moment? A signal as a real one would be: verdict, phases, words."""

from __future__ import annotations

from collections.abc import Iterable

from signalbox.clock import MICROS
from signalbox.demo.ailments import Ailment
from signalbox.demo.characters import HOUR, SPREAD, STEP, Habit
from signalbox.monitors.judge import graded
from signalbox.monitors.service import Monitor
from signalbox.signals import Reason, Signal, Verdict

LOCATION = "local"
Observed = tuple[str, int, Verdict, float, float, float, float, float]
"""Monitor, moment, verdict; total, dns, connect, tls and ttfb in milliseconds: as `stores.tally` counts them."""

_OF_THE_LIMIT = 0.8  # what an answer of an ordinary day takes at the most, of what is slow
_FALLBACK = 2_000.0  # milliseconds that count as slow where a monitor does not say
_DAYS_AHEAD = 47  # of certificates, at every moment: they are renewed in time


class Answering:
    """Answers for one monitor. Pure: the same moment gives the same signal."""

    def __init__(self, monitor: Monitor, habit: Habit, chances: list[float]) -> None:
        self.monitor, self._habit, self._chances = monitor, habit, chances
        self._limit = _FALLBACK if monitor.slow is None else monitor.slow * 1000
        self._most = self._limit * _OF_THE_LIMIT

    def well(self, moments: Iterable[int]) -> list[Signal]:
        """The answers when nothing is wrong."""
        key, target, up, fine = self.monitor.key, self.monitor.target, Verdict.UP, Reason.OK
        return [
            Signal(key, LOCATION, moment, moment + int(total * 1000), target, "http", up, fine, 200, True, dns, connect,
                   tls, ttfb, total, "", _renewed(moment))
            for _, moment, _, total, dns, connect, tls, ttfb in self.observed(moments)
        ]  # fmt: skip

    def observed(self, moments: Iterable[int]) -> list[Observed]:
        """The same, only as much as is counted. Made by the million: the loop does no more than it must."""
        key, up, habit, chances, most = self.monitor.key, Verdict.UP, self._habit, self._chances, self._most
        first, away, usual = habit.place, habit.character.away, habit.character.ttfb
        found, hour, load = [], -1, 1.0
        for moment in moments:
            if moment // HOUR != hour:
                hour = moment // HOUR
                load = usual * habit.load(hour)
            place = (first + moment // MICROS * STEP) % SPREAD
            other = chances[place - 101]
            dns, connect, ttfb = 0.4 + 0.8 * other, away * (0.9 + 0.1 * other), load * chances[place]
            total = dns + 2.9 * connect + ttfb
            if total > most:
                ttfb, total = ttfb - total + most, most
            found.append((key, moment, up, total, dns, connect, 1.9 * connect, ttfb))
        return found

    def ill(self, moment: int, ailment: Ailment) -> Signal:
        """The answer when that is wrong."""
        phases = self.observed((moment,))[0][4:]
        if not ailment.fails:
            return self._slow(moment, phases)
        dns, connect, tls, ttfb = (phase if place < ailment.reaches else None for place, phase in enumerate(phases))
        total = ailment.takes or sum(phases[: ailment.reaches]) or 4.0
        monitor = self.monitor
        return Signal(
            monitor.key, LOCATION, moment, moment + int(total * 1000), monitor.target, "http", Verdict.DOWN,
            ailment.reason, ailment.http_status, False, dns, connect, tls, ttfb, total, ailment.message,
            _renewed(moment) if ailment.reaches > 2 else None,
        )  # fmt: skip

    def _slow(self, moment: int, phases: tuple[float, float, float, float]) -> Signal:
        monitor, (dns, connect, tls, ttfb) = self.monitor, phases
        ttfb = min(self._limit * (1.15 + ttfb / self._habit.character.ttfb / 8), 9_000.0)
        total = dns + connect + tls + ttfb
        found = graded(Verdict.UP, total, None, moment, slow=self._limit / 1000, certificate=None)
        assert found is not None
        return Signal(
            monitor.key, LOCATION, moment, moment + int(total * 1000), monitor.target, "http", Verdict.DEGRADED,
            found[0], 200, True, dns, connect, tls, ttfb, total, found[1], _renewed(moment),
        )  # fmt: skip


def _renewed(moment: int) -> int:
    """When the certificate expires that is shown then: it is renewed every thirty days, long before its end."""
    month = 30 * 86_400 * MICROS
    return (moment // month + 1) * month + _DAYS_AHEAD * 86_400 * MICROS

"""What does a check of the demo see at a moment? A signal as a real one would be: verdict, phases, words."""

from __future__ import annotations

from signalbox.clock import MICROS
from signalbox.demo.ailments import Ailment
from signalbox.demo.characters import SPREAD, STEP, Habit
from signalbox.monitors.judge import graded
from signalbox.monitors.service import Monitor
from signalbox.signals import Reason, Signal, Verdict

LOCATION = "local"
_OF_THE_LIMIT = 0.8  # what an answer of an ordinary day takes at the most, of what is slow
_FALLBACK = 2_000.0  # milliseconds that count as slow where a monitor does not say
_DAYS_AHEAD = 47  # of certificates, at every moment: they are renewed in time


class Answering:
    """Answers for one monitor. Pure: the same moment gives the same signal."""

    def __init__(self, monitor: Monitor, habit: Habit, chances: list[float]) -> None:
        self.monitor, self._habit, self._chances = monitor, habit, chances
        self._limit = _FALLBACK if monitor.slow is None else monitor.slow * 1000

    def well(self, moment: int) -> Signal:
        """The answer when nothing is wrong."""
        dns, connect, tls, ttfb = self._phases(moment)
        total = dns + connect + tls + ttfb
        most = self._limit * _OF_THE_LIMIT
        if total > most:
            ttfb -= total - most
            total = most
        monitor = self.monitor
        return Signal(
            monitor.key, LOCATION, moment, moment + int(total * 1000), monitor.target, "http", Verdict.UP, Reason.OK,
            200, True, dns, connect, tls, ttfb, total, "", _renewed(moment),
        )  # fmt: skip

    def ill(self, moment: int, ailment: Ailment) -> Signal:
        """The answer when that is wrong."""
        phases = self._phases(moment)
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

    def _phases(self, moment: int) -> tuple[float, float, float, float]:
        habit, chances = self._habit, self._chances
        character = habit.character
        place = (habit.place + moment // MICROS * STEP) % SPREAD
        some, other = chances[place], chances[place - 101]
        away = character.away * (0.9 + 0.1 * other)
        return 0.4 + 0.8 * other, away, 1.9 * away, character.ttfb * habit.load(moment) * some


def _renewed(moment: int) -> int:
    """When the certificate expires that is shown then: it is renewed every thirty days, long before its end."""
    month = 30 * 86_400 * MICROS
    return (moment // month + 1) * month + _DAYS_AHEAD * 86_400 * MICROS

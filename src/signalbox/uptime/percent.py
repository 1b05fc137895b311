"""How much of a window was it up? Exact arithmetic in integer microseconds, truncated where it is shown.

    uptime   = 1 − (w_down · down + w_degraded · degraded) ÷ known        known    = up + degraded + down
    coverage = observed ÷ expected                                        observed = known + maintenance
                                                                          expected = observed + unknown

`known` is the window without maintenance, unknown, paused and what was not expected. Announced work counts as
observed: coverage tells how much of the time is accounted for, and a night of work is no lack of data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.uptime.pieces import Counted, Piece

NOTHING_KNOWN = "—"
_HOUR = 3_600 * MICROS
_FINE = 30 * 24 * _HOUR - _HOUR  # a month of thirty local days is an hour short when the clocks go forward


class Sums(NamedTuple):
    """How long it was what, in microseconds. Together they are the window."""

    up: int = 0
    degraded: int = 0
    down: int = 0
    maintenance: int = 0
    unknown: int = 0
    paused: int = 0
    not_expected: int = 0

    @property
    def window(self) -> int:
        """All of it."""
        return sum(self)

    @property
    def known(self) -> int:
        """What uptime is a part of."""
        return self.up + self.degraded + self.down

    @property
    def observed(self) -> int:
        """What is accounted for."""
        return self.known + self.maintenance

    @property
    def expected(self) -> int:
        """What should be accounted for."""
        return self.observed + self.unknown

    def plus(self, other: Sums) -> Sums:
        """Of two windows together."""
        return Sums(*map(int.__add__, self, other))


_PLACES = {Counted(name.replace("_", " ")): place for place, name in enumerate(Sums._fields)}


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a moment of each verdict takes away: 0 nothing, 1 all of it."""

    down: Fraction = Fraction(1)
    degraded: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        """Being down always takes something away, or 100.00 would not mean what it says."""
        if not (0 < self.down <= 1 and 0 <= self.degraded <= 1):
            raise ValueError("a weight is at most 1; that of down is more than 0, that of degraded not less")


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Uptime:
    """What one monitor reached in one window."""

    start: int
    end: int
    sums: Sums
    weights: Weights = DEFAULT_WEIGHTS

    @property
    def digits(self) -> int:
        """Decimals that are shown: two; three from thirty days up."""
        return 3 if self.end - self.start >= _FINE else 2

    @property
    def lost(self) -> Fraction:
        """What was taken away, in microseconds."""
        return self.weights.down * self.sums.down + self.weights.degraded * self.sums.degraded

    @property
    def ratio(self) -> Fraction | None:
        """0 … 1, exact. None: nothing is known."""
        return 1 - self.lost / self.sums.known if self.sums.known else None

    @property
    def percent(self) -> float | None:
        """In percent, truncated: 100.0 only if nothing was taken away."""
        parts = _truncated(self.ratio, self.digits)
        return None if parts is None else parts / 10**self.digits

    @property
    def text(self) -> str:
        """As shown, without the sign: `99.98`, or a dash."""
        return _shown(_truncated(self.ratio, self.digits), self.digits)

    @property
    def covered(self) -> Fraction | None:
        """Observed ÷ expected, exact. None: nothing was expected."""
        return Fraction(self.sums.observed, self.sums.expected) if self.sums.expected else None

    @property
    def coverage(self) -> float | None:
        """In percent, truncated: 100.0 only if nothing was unknown."""
        parts = _truncated(self.covered, self.digits)
        return None if parts is None else parts / 10**self.digits

    @property
    def coverage_text(self) -> str:
        """As shown, without the sign."""
        return _shown(_truncated(self.covered, self.digits), self.digits)


def _truncated(ratio: Fraction | None, digits: int) -> int | None:
    return None if ratio is None else ratio.numerator * 10 ** (digits + 2) // ratio.denominator


def _shown(parts: int | None, digits: int) -> str:
    if parts is None:
        return NOTHING_KNOWN
    whole, rest = divmod(parts, 10**digits)
    return f"{whole}.{rest:0{digits}d}"


def summed(pieces: Iterable[Piece]) -> Sums:
    """How long it was what."""
    sums = [0] * len(Sums._fields)
    for piece in pieces:
        sums[_PLACES[piece.counted]] += piece.end - piece.start
    return Sums(*sums)


def within(pieces: Iterable[Piece], start: int, end: int) -> Sums:
    """The same of pieces that reach into start ≤ t < end: only what lies in there counts."""
    sums = [0] * len(Sums._fields)
    for first, last, counted, _, _ in pieces:
        sums[_PLACES[counted]] += (last if last < end else end) - (first if first > start else start)
    return Sums(*sums)


def parted(pieces: Sequence[Piece], edges: Sequence[int]) -> list[Sums]:
    """The sums between each edge and the next, for pieces that cover them all: the days of a month, say."""
    sums = [[0] * len(Sums._fields) for _ in edges[1:]]
    part = 0
    for piece in pieces:
        while part < len(sums) and edges[part + 1] <= piece.start:
            part += 1
        reached = part
        while reached < len(sums) and edges[reached] < piece.end:
            inside = min(piece.end, edges[reached + 1]) - max(piece.start, edges[reached])
            sums[reached][_PLACES[piece.counted]] += max(0, inside)
            reached += 1
    return [Sums(*one) for one in sums]

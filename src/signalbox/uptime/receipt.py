"""Where does a number come from? The pieces of a window, their sums, and the formula with the numbers put in.

A receipt is complete: whoever adds up its pieces gets its sums, and whoever puts the sums into the formula its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from signalbox.clock import MICROS, iso
from signalbox.uptime.percent import NOTHING_KNOWN, Sums, Uptime
from signalbox.uptime.pieces import Piece

FORMULA = "1 − (w_down × down + w_degraded × degraded) ÷ (window − maintenance − unknown − paused − not expected)"
COVERAGE = "(window − unknown − paused − not expected) ÷ (window − paused − not expected)"
_HOUR, _MINUTE = 3_600, 60


@dataclass(frozen=True, slots=True)
class Receipt:
    """How one monitor came to its number. Times are UTC microseconds."""

    monitor: str  # its id
    pieces: tuple[Piece, ...]
    uptime: Uptime
    now: int
    zone: str = "UTC"

    def document(self) -> dict[str, Any]:
        """As JSON values; durations are seconds as text, exact to the microsecond."""
        return {
            "monitor": self.monitor,
            **facts(self.uptime, self.now),
            "zone": self.zone,
            "formula": formula(self.uptime),
            "pieces": [_piece(piece) for piece in self.pieces],
        }


def facts(uptime: Uptime, now: int) -> dict[str, Any]:
    """What was reached, as JSON values."""
    return {
        "start": iso(uptime.start),
        "end": iso(uptime.end),
        "now": iso(now),
        "uptime": uptime.percent,
        "uptime_text": uptime.text,
        "coverage": uptime.coverage,
        "coverage_text": uptime.coverage_text,
        "sentence": sentence(uptime.sums),
        "seconds": {name: exact(took) for name, took in uptime.sums._asdict().items()},
        "weights": {"down": float(uptime.weights.down), "degraded": float(uptime.weights.degraded)},
    }


def formula(uptime: Uptime) -> dict[str, str]:
    """How the numbers came about: in words, and with the seconds put in."""
    sums, weights = uptime.sums, uptime.weights
    minus = " − ".join(exact(took) for took in (sums.maintenance, sums.unknown, sums.paused, sums.not_expected))
    lost = f"{_weight(weights.down)} × {exact(sums.down)} + {_weight(weights.degraded)} × {exact(sums.degraded)}"
    absent = f"{exact(sums.paused)} − {exact(sums.not_expected)}"
    window = exact(sums.window)
    return {
        "uptime": FORMULA,
        "uptime_numbers": f"1 − ({lost}) ÷ ({window} − {minus}) = {_percent(uptime.text)}",
        "coverage": COVERAGE,
        "coverage_numbers": f"({window} − {exact(sums.unknown)} − {absent}) ÷ ({window} − {absent}) "
        f"= {_percent(uptime.coverage_text)}",
    }


def sentence(sums: Sums) -> str:
    """In plain words: `4 h 12 min down of 2,160 h; 6 h maintenance excluded; 2 h no data excluded`."""
    if sums.window == sums.not_expected:
        return "Not watched in this time"
    worse = [f"{lasted(sums.down)} down"] if sums.down else ["never down"] if sums.known else []
    worse += [f"{lasted(sums.degraded)} degraded"] if sums.degraded else []
    excluded = (
        (sums.maintenance, "maintenance"), (sums.unknown, "no data"), (sums.paused, "paused"),
        (sums.not_expected, "not watched"),
    )  # fmt: skip
    of = f"{' and '.join(worse) or 'Nothing known'} of {lasted(sums.window)}"
    return "; ".join([of, *(f"{lasted(took)} {word} excluded" for took, word in excluded if took)])


def lasted(micros: int) -> str:
    """How long, cut to what tells: `2,160 h`, `4 h 12 min`, `3 min 20 s`, `12 s`, `0.2 s`."""
    seconds = micros // MICROS
    if seconds < 1:
        return f"{max(micros, 1) / MICROS:.6f}".rstrip("0") + " s" if micros else "0 s"
    hours, minutes, rest = seconds // _HOUR, seconds // _MINUTE % 60, seconds % _MINUTE
    parts = [f"{hours:,} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0) + [f"{rest} s"] * (rest > 0)
    return " ".join(parts[:2] if not hours or minutes else parts[:1])


def exact(micros: int) -> str:
    """Seconds, exact to the microsecond: `15120`, `0.000001`."""
    seconds, rest = divmod(micros, MICROS)
    return f"{seconds}.{rest:06d}".rstrip("0") if rest else str(seconds)


def _weight(weight: Fraction) -> str:
    return f"{float(weight):g}"


def _percent(text: str) -> str:
    return text if text == NOTHING_KNOWN else f"{text} %"


def _piece(piece: Piece) -> dict[str, Any]:
    spell = piece.spell
    return {
        "start": iso(piece.start),
        "end": iso(piece.end),
        "seconds": exact(piece.end - piece.start),
        "counted": piece.counted,
        "why": piece.why,
        "spell": spell and spell.id,
        "verdict": spell and spell.verdict,
        "reason": spell and spell.reason,
        "message": spell and spell.message,
    }

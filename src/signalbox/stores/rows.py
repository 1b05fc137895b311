"""How does a signal become plain values, and plain values a signal? In the order of `Signal`'s fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signalbox.signals import Reason, Signal, Verdict

_VERDICTS = {str(verdict): verdict for verdict in Verdict}
_REASONS = {str(reason): reason for reason in Reason}


def as_values(signals: Sequence[Signal]) -> list[tuple[object, ...]]:
    """Plain tuples without enum members, which drivers are slow to recognise as text."""
    return [(*s[:6], s[6]._value_, s[7]._value_, *s[8:]) for s in signals]


def signal_of(row: Sequence[Any]) -> Signal:
    """The signal of one stored row. Words a newer version may have written read as `unknown` and `internal`."""
    verdict = _VERDICTS.get(row[6], Verdict.UNKNOWN)
    reason = _REASONS.get(row[7], Reason.INTERNAL)
    return Signal._make((*row[:6], verdict, reason, row[8], bool(row[9]), *row[10:]))


def cleaned(signal: Signal) -> Signal:
    """The signal with text that no database takes (halves of surrogate pairs) replaced by question marks."""
    whole: list[Any] = [_whole(value) if type(value) is str else value for value in signal]
    return Signal(*whole)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()

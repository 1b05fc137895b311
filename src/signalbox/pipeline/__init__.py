"""What happens to monitors that are due? They are asked, what was seen is kept, judged, and reacted to.

`ask` and `settle` are the two halves; what passes between them is a `Slice`, plain values that could travel. The
signal is on disk (`keep`) before anything reacts to it (`settle`). Who calls these, and when, is the runner's.
"""

from __future__ import annotations

from signalbox.pipeline.asking import Deliver, Gate, Means, SignalName, Slice, answer, ask, ask_again, seen
from signalbox.pipeline.places import Places
from signalbox.pipeline.settling import Recheck, Settled, Settling, keep

__all__ = [
    "Deliver",
    "Gate",
    "Means",
    "Places",
    "Recheck",
    "Settled",
    "Settling",
    "SignalName",
    "Slice",
    "answer",
    "ask",
    "ask_again",
    "keep",
    "seen",
]

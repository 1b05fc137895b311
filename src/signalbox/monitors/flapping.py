"""Does a monitor come and go too often for each time to be told?

The method of Nagios (https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/flapping.html): of the 20
steps between the last 21 slots, those in which the state changed are counted, newer ones weighing up to 1.2 and older
ones down to 0.8, in percent of all. It begins above 30 % and ends at 20 %. Counted are confirmed changes between up and
not up, so that what nobody was told of never makes a monitor flap.
"""

from __future__ import annotations

from collections.abc import Sequence

from signalbox.clock import MICROS

STEPS = 20
BEGINS, ENDS = 30.0, 20.0  # percent
_FEWEST = 4  # flips: fewer are never more than `ENDS`, since each is 6 % at the most


def percent(flips: Sequence[int], now: int, every: float) -> float:
    """How much of the past 20 steps were changes. `flips` are their moments, UTC microseconds; `every` is seconds."""
    step = every * MICROS
    ago = [steps for flip in flips if 0 <= (steps := (now - flip) // step) < STEPS]
    return (1.2 * len(ago) - 0.4 * sum(ago) / (STEPS - 1)) * 100 / STEPS


def is_flapping(flips: Sequence[int], now: int, every: float, before: bool) -> bool:
    """Is it flapping as of `now`, given whether it was `before`?"""
    if len(flips) < _FEWEST:
        return False
    return percent(flips, now, every) > (ENDS if before else BEGINS)


def noted(flips: Sequence[int], moment: int, every: float) -> tuple[int, ...]:
    """The flips that still count, and this new one."""
    oldest = moment - STEPS * every * MICROS
    return (*[flip for flip in flips if flip > oldest], moment)

"""Which stretch of time lies on top? Half-open stretches (`start` ≤ t < `end`), laid over one another and cut to size.

Times are integers of one unit, whatever it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Stretch(NamedTuple, Generic[T]):
    """Something that holds at `start` ≤ t < `end`."""

    start: int
    end: int
    value: T


def laid(stretches: Sequence[Stretch[T]]) -> list[Stretch[T]]:
    """The same, free of overlaps and in the order of time: of those that overlap, the later in the list lies on top.

    One that ends before it begins holds nowhere. What was covered for a while shows again afterwards.
    """
    real = [one for one in stretches if one.start < one.end]
    if all(earlier.end <= later.start for earlier, later in pairwise(real)):
        return real  # as nearly always
    return _topmost(real)


def _topmost(stretches: Sequence[Stretch[T]]) -> list[Stretch[T]]:
    coming = sorted(range(len(stretches)), key=lambda place: stretches[place].start, reverse=True)
    pile: list[int] = []  # negated places in the list, the topmost first; those that ended are taken off when seen
    found: list[Stretch[T]] = []
    last = None
    edges = sorted({edge for one in stretches for edge in one[:2]})
    for left, right in pairwise(edges):
        while coming and stretches[coming[-1]].start == left:
            heappush(pile, -coming.pop())
        while pile and stretches[-pile[0]].end <= left:
            heappop(pile)
        top = -pile[0] if pile else None
        if top is None:
            pass
        elif top == last:
            found[-1] = found[-1]._replace(end=right)
        else:
            found.append(Stretch(left, right, stretches[top].value))
        last = top
    return found


def edges_within(start: int, end: int, *layers: Sequence[Stretch[Any]]) -> list[int]:
    """`start`, `end`, and between them all moments at which something begins or ends, in order."""
    inner = {edge for layer in layers for one in layer for edge in one[:2] if start < edge < end}
    return [start, *sorted(inner), end]


class Cursor(Generic[T]):
    """Goes through stretches that `laid` returned, and answers for moments that only grow."""

    def __init__(self, stretches: Sequence[Stretch[T]]) -> None:
        self._stretches, self._place = stretches, 0

    def at(self, moment: int) -> T | None:
        """What holds then."""
        while self._place < len(self._stretches) and self._stretches[self._place].end <= moment:
            self._place += 1
        if self._place == len(self._stretches) or moment < self._stretches[self._place].start:
            return None
        return self._stretches[self._place].value

"""How were many latencies spread, in a few bytes, so that hours make a day and days make a year?

Buckets grow by a constant ratio (a logarithmic histogram): bucket `i` holds values from RATIO**i up to RATIO**(i + 1)
milliseconds, and its middle is at most 1.2 % from any of them. Two histograms are merged by adding their counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

RATIO: Final = 1.024
LEAST: Final = 0.01
"""Milliseconds; what is faster counts as that fast."""

_LOG: Final = math.log(RATIO)
_MIDDLE: Final = 2 * RATIO / (1 + RATIO)  # of a bucket, times its lower edge: equally far from both by ratio


def bucket_of(milliseconds: float) -> int:
    """The bucket of a value."""
    return math.floor(math.log(max(milliseconds, LEAST)) / _LOG)


class Histogram:
    """Counts by bucket. Starts empty."""

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: dict[int, int] = dict(counts or {})

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment] # it changes

    def add(self, milliseconds: float) -> None:
        """Count one more value."""
        bucket = bucket_of(milliseconds)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: Histogram) -> None:
        """Count all that the other has counted, too."""
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    def quantile(self, share: float) -> float | None:
        """The value that at least `share` (0–1) do not exceed, by nearest rank, within 1.2 %; None of none."""
        rank, seen = max(1, math.ceil(share * len(self))), 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return float(RATIO**bucket * _MIDDLE)
        return None

    def pack(self) -> bytes:
        """Bytes to keep: for each bucket with a count, how far it is from the one before, and its count. Both are
        written seven bits a byte, the lowest first (LEB128); the first distance may be negative (zigzag)."""
        packed, last = bytearray(), 0
        for bucket in sorted(self.counts):
            step = bucket - last
            packed += _written(step * 2 if step >= 0 else -step * 2 - 1) + _written(self.counts[bucket])
            last = bucket
        return bytes(packed)

    @classmethod
    def unpack(cls, packed: bytes) -> Histogram:
        """What `pack` wrote."""
        counts, numbers, last = {}, _read(packed), 0
        for step in numbers:
            last += step // 2 if step % 2 == 0 else -(step + 1) // 2
            counts[last] = next(numbers)
        return cls(counts)


def _written(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _read(packed: Iterable[int]) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0

"""How are many latencies kept in little room, so that their percentiles can still be told when they are gone?

As counts in buckets that grow by the same factor each, so that whatever the latency, a quantile is off by no more
than 1.5 %. Histograms of different hours and monitors can be added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from math import ceil, exp, log, tanh
from operator import sub
from typing import Final

PER_E: Final = 34
"""Buckets for each factor e. Bucket n holds e^((n - OFFSET) / PER_E) ≤ ms < e^((n - OFFSET + 1) / PER_E)."""
OFFSET: Final = 235
"""Bucket 0 begins at a microsecond, and holds what is shorter."""
HIGHEST: Final = 1_023
"""The last bucket begins after some months, and holds what is longer."""
ERROR: Final = tanh(0.5 / PER_E)
"""A quantile is wrong by at most this share of itself, unless it is shorter than a microsecond."""

_SHORTEST: Final = exp(-OFFSET / PER_E)
_LONGEST: Final = exp((HIGHEST - OFFSET) / PER_E)
_VALUES: Final = tuple(exp((n - OFFSET) / PER_E) * (1 + ERROR) for n in range(HIGHEST + 1))


class Histogram:
    """Counts of latencies in milliseconds. Equal if all counts are."""

    __slots__ = ("counts",)

    def __init__(self, latencies: Iterable[float] = (), counts: Iterable[tuple[int, int]] = ()) -> None:
        """Of those latencies, and of (bucket, how many) pairs."""
        self.counts: dict[int, int] = Counter(map(bucket_of, latencies))
        for bucket, count in counts:
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    def add(self, ms: float) -> None:
        """Count one latency."""
        bucket = bucket_of(ms)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: Histogram) -> None:
        """Count all latencies of the other one too."""
        counts = self.counts
        for bucket, count in other.counts.items():
            counts[bucket] = counts.get(bucket, 0) + count

    def quantile(self, share: float) -> float | None:
        """The smallest latency that at least `share` (0–1) of all do not exceed; None of none."""
        (found,) = self.quantiles(share)
        return found

    def quantiles(self, *shares: float) -> list[float | None]:
        """Several, given in ascending order."""
        total = sum(self.counts.values())
        if not total:
            return [None for _ in shares]
        found: list[float | None] = []
        ranks = iter([max(1, ceil(share * total)) for share in shares])
        rank, seen = next(ranks, None), 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            while rank is not None and seen >= rank:
                found.append(_VALUES[bucket])
                rank = next(ranks, None)
        return found

    def pack(self) -> bytes:
        """As few bytes as is simple: distance from the bucket before and count of each, as variable-length integers.

        Seven bits a byte, the lowest first; the highest bit says that more follow.
        """
        buckets = sorted(self.counts)
        steps = map(sub, buckets, [0, *buckets])
        numbers = [
            number for step, bucket in zip(steps, buckets, strict=True) for number in (step, self.counts[bucket])
        ]
        if max(numbers, default=0) < 0x80:
            return bytes(numbers)  # nearly always
        packed = bytearray()
        for number in numbers:
            _write(packed, number)
        return bytes(packed)

    @classmethod
    def unpack(cls, packed: bytes) -> Histogram:
        """What `pack` made. ValueError for anything else."""
        numbers = packed if not packed or max(packed) < 0x80 else _numbers(packed)  # nearly all are of one byte
        if len(numbers) % 2:
            raise ValueError(f"not a packed histogram: {packed[:40]!r}")
        made = cls()
        made.counts = dict(zip(accumulate(numbers[::2]), numbers[1::2], strict=True))
        if made.counts and max(made.counts) > HIGHEST:
            raise ValueError(f"not a packed histogram: {packed[:40]!r}")
        return made

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment] # it changes

    def __repr__(self) -> str:
        return f"Histogram(counts={sorted(self.counts.items())})"


def bucket_of(ms: float) -> int:
    """The bucket that a latency is counted in."""
    if ms <= _SHORTEST:
        return 0
    return int(log(ms) * PER_E + OFFSET) if ms < _LONGEST else HIGHEST


def value_of(bucket: int) -> float:
    """What latencies of that bucket are taken for."""
    return _VALUES[bucket]


def _write(packed: bytearray, number: int) -> None:
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)


def _numbers(packed: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise ValueError(f"a packed histogram was cut off: {packed[:40]!r}")
    return numbers

"""When is a letter closed, and when is it tried again? Pure: moments in, moments out, all in UTC microseconds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from signalbox.clock import MICROS
from signalbox.notifications.letters import Result

QUIET = 5 * MICROS  # nothing more came for so long: off it goes
LONGEST = 25 * MICROS  # the first one waits no longer, however many follow
CROWD = 8  # letters under way to one channel; while there are so many, further ones collect for longer
CROWDED = 600 * MICROS

BACKOFF, SLOWEST = 10 * MICROS, 3_600 * MICROS
REFUSED_BACKOFF = 60 * MICROS  # a no is seldom taken back within seconds
REFUSALS = 5
GIVEN_UP = 86_400 * MICROS

_One = TypeVar("_One")


def is_ready(oldest: int, newest: int, now: int, under_way: int = 0) -> bool:
    """Shall what came due for a channel leave now? `oldest` and `newest` are when it came due."""
    if under_way >= CROWD:
        return now - oldest >= CROWDED
    return now - newest >= QUIET or now - oldest >= LONGEST


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a letter was tried, and how often of these it was refused for good."""

    composed: int
    attempts: int
    refusals: int


def next_try(letter: str, tries: Tries, result: Result, now: int) -> int | None:
    """When to try again what failed now, `tries` counting this one too. None: no more.

    10 s, doubled with each try up to an hour, and a little more by the letter's id, so that letters that failed
    together do not all return together. After a refusal a minute, doubled. No sooner than the other side asked.
    """
    if now - tries.composed >= GIVEN_UP or tries.refusals >= REFUSALS:
        return None
    first = REFUSED_BACKOFF if result.permanent else BACKOFF
    wait = min(first << min(tries.attempts - 1, 20), SLOWEST)
    wait = min(round(wait * (1 + 0.2 * _chance(letter, tries.attempts))), SLOWEST)
    return now + max(wait, asked_pause(result) or 0)


def asked_pause(result: Result) -> int | None:
    """How long the other side asked to be left alone, an hour at the most."""
    if result.retry_after is None or result.retry_after <= 0:
        return None
    return min(round(min(result.retry_after, 3_600.0) * MICROS), SLOWEST)


def halves(threads: Sequence[_One]) -> tuple[Sequence[_One], Sequence[_One]] | None:
    """Two letters in place of one that was refused for good: one thread that nobody takes shall cost no other."""
    middle = len(threads) // 2
    return (threads[:middle], threads[middle:]) if middle else None


def _chance(letter: str, attempt: int) -> float:
    """A number from 0 to 1 that is the same each time it is asked for."""
    digest = hashlib.blake2b(f"{letter}:{attempt}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0xFFFF_FFFF

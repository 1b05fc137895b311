"""What are the demo's services like on an ordinary day? How long they take, when they are busy, how often they fail."""

from __future__ import annotations

import math
from datetime import datetime
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signalbox.clock import MICROS

SPREAD = 16_381
"""Length of the table of chance that every service reads from a place of its own; a prime, so that steps go round."""
STEP = 7_919
HOUR = 3_600 * MICROS


class Character(NamedTuple):
    """Milliseconds are those of a quiet hour; rates are in a month of thirty days."""

    ttfb: float = 60.0
    away: float = 12.0  # milliseconds to it and back
    busy: str = "office"  # which of `_DAYS` its load follows
    swing: float = 0.5  # how much slower the busiest hour is
    outages: float = 1.0
    slowdowns: float = 1.0
    blips: float = 4.0  # single failures that a recheck does not confirm


CHARACTERS = {
    "website": Character(42, 9, "evening", 0.6, 0.3, 0.3, 3),
    "checkout": Character(88, 9, "evening", 0.8, 0.6, 0.6, 4),
    "search": Character(120, 9, "evening", 1.1, 0.6, 1.6, 5),
    "accounts": Character(55, 9, "evening", 0.4, 0.3, 0.3, 3),
    "help": Character(150, 24, "office", 0.3, 0.9, 0.3, 4),
    "api": Character(38, 12, "office", 0.7, 0.3, 0.6, 3),
    "tiles": Character(18, 6, "evening", 0.9, 0.3, 0.9, 3),
    "routing": Character(210, 12, "office", 1.2, 0.6, 1.6, 5),
    "webhooks": Character(30, 12, "office", 0.3, 0.6, 0.3, 4),
    "portal": Character(95, 24, "office", 0.3, 0.9, 0.3, 6),
    "cards": Character(140, 31, "evening", 0.4, 0.6, 0.9, 4),
    "invoices": Character(70, 12, "office", 0.5, 0.3, 0.3, 3),
    "refunds": Character(65, 12, "office", 0.3, 0.3, 0.0, 3),
    "uploads": Character(110, 14, "evening", 0.6, 0.9, 0.6, 5),
    "email": Character(48, 18, "office", 0.5, 0.6, 0.9, 4),
    "jobs": Character(240, 12, "night", 2.2, 0.9, 1.6, 5),
    "reports": Character(420, 12, "night", 1.4, 0.9, 1.2, 6),
    "frankfurt": Character(6, 11, "evening", 0.3, 0.0, 0.3, 2),
    "virginia": Character(8, 92, "evening", 0.3, 0.3, 0.3, 3),
    "singapore": Character(9, 168, "morning", 0.5, 0.6, 0.9, 6),
}

# Load of each hour of the day, 0 … 9.
_DAYS = {
    "office": "100001257899989987643211",
    "evening": "210000124455554567899863",
    "morning": "456789987654321000001234",
    "night": "799852100001111111111235",
}
_WEEKEND = {"office": 0.25, "evening": 1.2, "morning": 0.8, "night": 0.9}


def dice(*names: object) -> Random:
    """Chance that falls the same way for the same names."""
    return Random("/".join(map(str, names)))  # noqa: S311 - an invented past is no secret


class Habit:
    """How long one service takes at any moment. The same for the same seed."""

    def __init__(self, id_: str, seed: int, zone: str) -> None:
        self.character = CHARACTERS.get(id_, Character())
        self.place = dice(seed, id_, "place").randrange(SPREAD)
        self._zone = ZoneInfo(zone)
        self._hours: dict[int, float] = {}

    def load(self, hour: int) -> float:
        """By what its usual time is multiplied in that hour since 1970."""
        found = self._hours.get(hour)
        if found is None:
            found = self._hours[hour] = self._load(hour)
        return found

    def _load(self, hour: int) -> float:
        local = datetime.fromtimestamp(hour * 3_600, self._zone)
        busy = int(_DAYS[self.character.busy][local.hour]) / 9
        if local.weekday() >= 5:
            busy *= _WEEKEND[self.character.busy]
        return 1 + self.character.swing * busy


def chances(seed: int) -> list[float]:
    """Factors around 1 by which answers take longer or shorter: most by little, one in a hundred by several times."""
    random = dice(seed, "chances")
    return [_chance(random) for _ in range(SPREAD)]


def _chance(random: Random) -> float:
    usual = math.exp(random.gauss(0, 0.16))
    return usual * random.uniform(2.2, 6) if random.random() < 0.011 else usual

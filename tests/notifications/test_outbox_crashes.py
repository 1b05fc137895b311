"""Killed anywhere, at most one duplicate and never a loss: random histories with random crashes, on both databases."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.notifications import dispatch, outbox, outcomes
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.models import DeliveryRow, LetterRow, NoticeRow, ThreadRow
from signalbox.notifications.notices import Kind, Notice
from tests.notifications.office import AWAY, OK, START, Office, down, up

CHANNELS = ("ops", "boss")


class Killed(Exception):
    """The process ends here."""


class Fragile(Office):
    """An office whose courier may be killed between any two steps, and whose provider fails now and then."""

    def __init__(self, database: Database, chance: Callable[[float], bool]) -> None:
        super().__init__(database, *CHANNELS)
        self.restart(chance)

    def restart(self, chance: Callable[[float], bool]) -> None:
        """A clean sheet with other luck."""
        self.chance, self.crashes = chance, 0
        self.arrived, self.tried, self.now = [], [], START
        with self.database.begin() as session:
            for row in (DeliveryRow, LetterRow, NoticeRow, ThreadRow):
                session.execute(delete(row))

    def _maybe_killed(self) -> None:
        if self.chance(0.25):
            self.crashes += 1
            self.courier = f"courier-{self.crashes}"
            raise Killed

    def _provider(self, channel: str, letter: Letter) -> Result:
        return AWAY if self.chance(0.15) else OK

    def look(self) -> int:
        """One round, perhaps not to its end."""
        self.answer = self._provider
        try:
            with self.database.begin() as session:
                claims = dispatch.take(session, self.now, self.courier)
                if claims:
                    self._maybe_killed()  # before it is committed
            for claim in claims:
                self._maybe_killed()
                result = self.send(claim.channel, claim.letter)
                self._maybe_killed()
                with self.database.begin() as session:
                    outcomes.finish(session, claim, result, self.courier, self.now)
                    self._maybe_killed()
        except Killed:
            return 0
        return 0

    def say(self, *notices: Notice, held: dict[str, str] | None = None) -> None:
        """Announce, in a transaction that may have to be done again."""
        try:
            with self.database.begin() as session:
                outbox.announce(session, notices, self.now, held)
                self._maybe_killed()
        except Killed:
            pass
        self.announce(*notices, held=held)

    def settle(self) -> None:
        """Let everything come to its end."""
        self.chance = lambda probability: False
        for _ in range(20):
            self.now += 3_600 * MICROS
            self.look()


def play(office: Fragile, actions: list[tuple[str, int]]) -> dict[str, list[str]]:
    """A history of three monitors. Returns which notices each thread has to be told, in order."""
    trouble: dict[str, int] = {}
    expected: dict[str, list[str]] = {}
    held: dict[str, Notice] = {}
    for clock, (action, number) in enumerate(actions):
        monitor = f"m{number}"
        match action:
            case "down" if monitor not in trouble:
                trouble[monitor] = clock
                one = down(monitor, clock, clock)
                office.say(one)
                expected[one.thread] = [one.key]
            case "held" if monitor not in trouble:
                trouble[monitor] = clock
                one = held[monitor] = down(monitor, clock, clock)
                office.say(one, held={one.thread: "maintenance"})
                expected[one.thread] = []
            case "release" if monitor in held:
                one = held.pop(monitor)
                office.release(one.thread)
                expected[one.thread] = [one.key]
            case "up" if monitor in trouble:
                one = up(monitor, trouble.pop(monitor), clock)
                held.pop(monitor, None)
                office.say(one)
                if expected[one.thread]:
                    expected[one.thread].append(one.key)
            case "acknowledge" if monitor in trouble:
                office.acknowledge(down(monitor, trouble[monitor]).thread)
            case "wait":
                office.run(number * 7 + 1, 4)
            case _:
                pass
    return expected


def judge(office: Fragile, expected: dict[str, list[str]]) -> None:
    """Every notice arrived once a channel, in order; again only as the same letter, once a crash at the most."""
    again = 0
    for channel in CHANNELS:
        letters = [letter for key, letter in office.arrived if key == channel]
        firsts = list({letter.id: letter for letter in letters}.values())
        again += len(letters) - len(firsts)
        assert all(letter.notices == first.notices for letter in letters for first in firsts if first.id == letter.id)
        told: dict[str, list[str]] = {}
        for letter in firsts:
            for one in letter.notices:
                told.setdefault(one.thread, []).append(one.key)
        assert told == {thread: keys for thread, keys in expected.items() if keys}
        _in_order(letters)
    assert again <= office.crashes


def _in_order(letters: list[Letter]) -> None:
    """No letter that tells of a beginning comes after another one that told of its end."""
    over: set[str] = set()
    for letter in letters:
        ended = {one.thread for one in letter.notices if one.kind is Kind.UP}
        assert over.isdisjoint(one.thread for one in letter.notices if one.thread not in ended)
        over |= ended


ACTIONS = st.tuples(
    st.sampled_from(["down", "down", "held", "release", "up", "up", "acknowledge", "wait", "wait"]), st.integers(0, 2)
)


@pytest.fixture
def office(database: Database) -> Fragile:
    return Fragile(database, lambda probability: False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(ACTIONS, max_size=25), luck=st.randoms(use_true_random=False))
def test_any_history_with_any_crashes_is_told_once_and_in_order(
    office: Fragile, actions: list[tuple[str, int]], luck: random.Random
) -> None:
    office.restart(lambda probability: luck.random() < probability)
    expected = play(office, actions)
    office.settle()
    judge(office, expected)


def test_a_thousand_crashes_lose_nothing(office: Fragile) -> None:
    enough = 1_000 if office.database.url.get_backend_name() == "sqlite" else 300  # a server takes longer for each
    luck, crashes, kinds = random.Random(4), 0, ("down", "down", "held", "release", "up", "up", "wait")
    told: Counter[int] = Counter()
    while crashes < enough:
        office.restart(lambda probability: luck.random() < 1.4 * probability)
        expected = play(office, [(luck.choice(kinds), luck.randrange(8)) for _ in range(120)])
        office.settle()
        judge(office, expected)
        crashes += office.crashes
        told.update(len(keys) for keys in expected.values())
    assert told[0]  # some ended while they were held
    assert told[2] > enough / 10

"""Does the courier's own thread send what is due, once, whoever else is at it and whatever is away?"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.notifications import channels, dispatch, outbox, outcomes
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.notices import Kind, Notice, Severity
from signalbox.runner import courier
from signalbox.runner.courier import Courier, Post
from tests.notifications.office import OK, Office
from tests.servers.process import await_condition


class Provider:
    """Remembers what it was sent. `hanging` channels get no answer until `freed` is set."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Letter]] = []
        self.hanging: set[str] = set()
        self.freed = threading.Event()
        self._lock = threading.Lock()

    def send(self, channel: str, letter: Letter) -> Result:
        with self._lock:
            self.got.append((letter.channel, letter))
        if letter.channel in self.hanging:
            self.freed.wait(60)
        return OK

    def letters(self, channel: str) -> list[str]:
        """Ids of the letters for one channel."""
        return [letter.id for id_, letter in self.got if id_ == channel]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "LOOK", 0.05)


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.freed.set()


class Clock:
    """Tells the time, and how often it was asked for it: once a look, and once for each try to write down."""

    def __init__(self) -> None:
        self.ahead, self.asked = 0.0, 0

    def now(self) -> int:
        self.asked += 1
        return clock.now() + round(self.ahead * MICROS)

    def await_looks(self, count: int = 4) -> None:
        """Return when somebody has looked so many times more."""
        enough = self.asked + count
        await_condition(lambda: self.asked >= enough, f"{count} looks", 10)


@contextmanager
def running(
    database: Database, send: Callable[[str, Letter], Result], now: Callable[[], int] = clock.now
) -> Iterator[Courier]:
    """A courier with its thread."""
    made = Courier(database, send, now=now)
    made.start()
    try:
        yield made
    finally:
        made.close(2.0)


def due(database: Database, number: int = 1, *names: str) -> Office:
    """Channels, and troubles that were told ten seconds ago: due now."""
    office = Office(database, *(names or ("ops",)))
    office.now = clock.now() - 10 * MICROS
    office.announce(*(trouble(f"monitor-{index}", office.now) for index in range(number)))
    return office


def trouble(monitor: str, at: int) -> Notice:
    """A monitor that went down."""
    thread = f"{monitor}@{at}"
    return Notice(f"{thread}:down", thread, Kind.DOWN, Severity.DOWN, at, at, monitor, facts={"name": monitor})


def all_sent(office: Office) -> bool:
    return {entry.state for entry in office.log()} == {"sent"}


def test_what_is_due_is_sent_and_written_down(database: Database, provider: Provider) -> None:
    office = due(database)
    with running(database, provider.send):
        await_condition(lambda: all_sent(office), "it is sent", 10)
    assert len(provider.got) == 1
    assert [entry.attempts for entry in office.log()] == [1]


def test_several_at_once_send_each_letter_once(database: Database, provider: Provider) -> None:
    names = tuple(f"c{index}" for index in range(12))
    office = due(database, 3, *names)
    with running(database, provider.send), running(database, provider.send), running(database, provider.send):
        await_condition(lambda: all_sent(office), "it is sent", 20)
    assert Counter(id_ for id_, _ in provider.got) == dict.fromkeys(names, 1)


def test_one_that_is_killed_is_replaced_with_the_same_letter(database: Database, provider: Provider) -> None:
    office = due(database)
    killed_at = clock.now()
    with database.begin() as session:
        (claim,) = dispatch.take(session, killed_at, "killed")
    told = Clock()
    with running(database, provider.send, told.now):
        told.await_looks()  # it leaves alone what another has
        assert provider.got == []
        told.ahead = dispatch.LEASE / MICROS + 1
        await_condition(lambda: all_sent(office), "it is sent", 10)
    assert provider.letters("ops") == [claim.letter.id]
    with database.begin() as session:  # and the killed one, should it live after all, changes nothing
        outcomes.finish(session, claim, Result(False, "late"), "killed", clock.now())
    assert all_sent(office)


def test_a_channel_that_hangs_holds_up_no_other(database: Database, provider: Provider) -> None:
    provider.hanging = {"slow"}
    office = due(database, 1, "slow", "quick")
    with running(database, provider.send) as post:
        await_condition(lambda: post.under_way == 1 and len(provider.letters("quick")) == 1, "it is sent", 10)
        office.now = clock.now() - 10 * MICROS
        office.announce(trouble("another", office.now))
        await_condition(lambda: len(provider.letters("quick")) == 2, "it is sent", 10)
        assert len(provider.letters("slow")) == 1
        provider.freed.set()
        await_condition(lambda: all_sent(office), "it is sent", 10)
    assert len(provider.letters("slow")) == 2


def test_it_closes_within_its_patience_though_a_channel_hangs(database: Database, provider: Provider) -> None:
    provider.hanging = {"ops"}
    due(database)
    made = Courier(database, provider.send)
    made.start()
    await_condition(lambda: made.under_way == 1, "a letter is under way", 10)
    begun = time.monotonic()
    made.close(0.5)
    assert time.monotonic() - begun < 3


def test_it_goes_on_when_its_tables_were_away(database: Database, provider: Provider) -> None:
    office, told = due(database), Clock()
    with running(database, provider.send, told.now):
        await_condition(lambda: all_sent(office), "it is sent", 10)
        with database.begin() as session:
            session.connection().exec_driver_sql("ALTER TABLE deliveries RENAME TO gone")
        told.await_looks()
        with database.begin() as session:
            session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO deliveries")
        office.now = clock.now() - 10 * MICROS
        office.announce(trouble("another", office.now))
        await_condition(lambda: len(provider.got) == 2 and all_sent(office), "it is sent", 10)


def test_what_was_sent_while_its_tables_were_away_is_written_down_later(database: Database, provider: Provider) -> None:
    provider.hanging = {"ops"}
    office, told = due(database), Clock()
    with running(database, provider.send, told.now) as post:
        await_condition(lambda: post.under_way == 1, "a letter is under way", 10)
        with database.begin() as session:
            session.connection().exec_driver_sql("ALTER TABLE letters RENAME TO gone")
        provider.freed.set()
        told.await_looks()
        with database.begin() as session:
            session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO letters")
        await_condition(lambda: all_sent(office), "it is sent", 10)
    assert len(provider.got) == 1


def test_a_channel_with_a_bug_is_tried_again_and_ends_nobody(database: Database, provider: Provider) -> None:
    office = due(database, 1, "ops", "boss")

    def send(channel: str, letter: Letter) -> Result:
        if letter.channel == "boss":
            raise ZeroDivisionError
        return provider.send(channel, letter)

    with running(database, send):
        await_condition(lambda: office.states("ops") == ["down sent"], "it is sent", 10)
        await_condition(lambda: any("our own fault" in entry.detail for entry in office.log()), "it is sent", 10)
    assert office.states("boss") == ["down sending"]


def test_the_post_knows_a_channel_that_is_made_while_it_runs(database: Database) -> None:
    got: list[str] = []

    def send(channel: channels.Channel, letter: Letter) -> Result:
        got.append(channel.id)
        return OK

    office = due(database)
    post = Post(database, send)
    assert len(post.rates()) == 1
    with running(database, post.send):
        await_condition(lambda: got == ["ops"], "it is sent", 10)
        with database.begin() as session:
            channels.make(
                session, channels.find(session, "ops").spec.model_copy(update={"id": "new"}), by="test", now=0
            )
        office.announce(trouble("another", office.now))
        await_condition(lambda: sorted(got) == ["new", "ops", "ops"], "it is sent", 10)
    with database.read() as session:
        assert outbox.log(session)[0].attempts == 1

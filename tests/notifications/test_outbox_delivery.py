"""A provider that is away, slow, full or says no: everything arrives once afterwards, in order, on both databases."""

from __future__ import annotations

import pytest

from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.notifications import dispatch, outcomes
from signalbox.notifications.letters import Result
from tests.notifications.office import AWAY, OK, REFUSED, START, Office, down, up

HOUR = 3_600


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, "ops", "boss")


def ids(office: Office, channel: str = "ops") -> list[str]:
    return [letter.id for key, letter in office.arrived if key == channel]


def test_after_an_hour_away_everything_arrives_once_and_in_order(office: Office) -> None:
    office.answer = lambda channel, letter: AWAY if channel == "ops" and office.now < START + HOUR * MICROS else OK
    for number in range(6):
        office.announce(down(f"m{number}", number, number))
        office.run(300, 10)
        office.announce(up(f"m{number}", number, number + 300))
        office.run(300, 10)
    office.run(HOUR, 30)
    assert len(ids(office)) == len(set(ids(office)))
    assert sorted(office.told("ops")) == sorted(office.told("boss"))
    for number in range(6):
        assert [told for told in office.told("ops") if told.endswith(f"m{number}")] == [
            f"down m{number}",
            f"up m{number}",
        ]


def test_what_waits_is_tried_at_once_when_the_channel_answers_again(office: Office) -> None:
    office.answer = lambda channel, letter: AWAY
    office.announce(down("a"))
    office.run(40 * 60, 10)
    office.answer = lambda channel, letter: OK
    office.announce(down("b"))
    office.run(8)
    assert office.told("ops") == ["down b", "down a"]


def test_a_second_try_is_the_same_letter(office: Office) -> None:
    answers = iter([Result(False, "500"), Result(False, "500"), OK])
    office.answer = lambda channel, letter: (
        next(answers) if (channel, letter.notices[0].monitor) == ("ops", "db") else OK
    )
    office.announce(down())
    office.run(7)
    office.announce(down("other"))
    office.run(120)
    tries = [letter for _, channel, letter, _ in office.tried if channel == "ops"]
    same = [letter for letter in tries if letter.id == tries[0].id]
    assert len(same) == 3
    assert same == [tries[0]] * 3
    assert sorted(office.told("ops")) == ["down db", "down other"]


def test_a_channel_that_asks_for_a_pause_gets_it_and_then_one_letter(office: Office) -> None:
    answers = iter([Result(False, "429", retry_after=600), *[OK] * 10])
    office.answer = lambda channel, letter: next(answers) if channel == "ops" else OK
    office.announce(down("a"))
    office.run(10)
    for name in "bcd":
        office.announce(down(name))
        office.run(60)
    office.run(500)
    tries = [(at - START) // MICROS for at, channel, _, _ in office.tried if channel == "ops"]
    assert [at for at in tries if 5 < at < 605] == []
    assert len(tries) == 3
    assert office.told("ops") == ["down a", "down b", "down c", "down d"]


def test_a_refusal_is_tried_five_times_and_then_given_up(office: Office) -> None:
    office.answer = lambda channel, letter: REFUSED if channel == "ops" else OK
    office.announce(down())
    office.run(HOUR, 10)
    assert len([1 for _, channel, _, _ in office.tried if channel == "ops"]) == 5
    assert office.states("ops") == ["down dead"]
    assert office.states("boss") == ["down sent"]
    entry = next(one for one in office.log() if one.channel == "ops")
    assert (entry.attempts, entry.detail) == (5, "404 not found")
    office.announce(up())  # of which the channel never heard
    office.run(60)
    assert office.told("ops") == []


def test_what_nobody_takes_is_given_up_after_a_day(office: Office) -> None:
    office.answer = lambda channel, letter: AWAY
    office.announce(down())
    office.run(25 * HOUR, 60)
    assert office.states("ops") == ["down dead"]
    assert 24 <= len(office.tried) / 2 <= 40


def test_an_end_comes_after_its_beginning_arrived_or_was_given_up(office: Office) -> None:
    office.answer = lambda channel, letter: REFUSED if letter.notices[0].kind == "down" else OK
    office.announce(down())
    office.run(10)
    office.announce(up())
    office.run(60)
    assert office.told("ops") == []
    office.run(HOUR, 10)
    assert office.states("ops") == ["down dead", "up sent"]


def test_a_thread_that_nobody_takes_holds_up_no_other(office: Office) -> None:
    office.answer = lambda channel, letter: AWAY if any(one.monitor == "bad" for one in letter.notices) else OK
    office.announce(down("bad"))
    office.run(10)
    office.announce(down("good"))
    office.run(10)
    office.announce(up("good"))
    office.run(10)
    assert office.told("ops") == ["down good", "up good"]


def test_one_that_is_refused_costs_those_that_came_with_it_nothing(office: Office) -> None:
    office.answer = lambda channel, letter: REFUSED if any(one.monitor == "m7" for one in letter.notices) else OK
    office.announce(*(down(f"m{number}") for number in range(20)))
    office.run(HOUR, 10)
    assert sorted(office.told("ops")) == sorted(f"down m{number}" for number in range(20) if number != 7)
    assert [one.state for one in office.log() if one.thread == down("m7").thread] == ["dead", "dead"]


def test_more_than_a_channel_bears_waits_and_is_grouped(office: Office) -> None:
    office.rates = {"ops": (3, HOUR)}
    for number in range(10):
        office.announce(down(f"m{number}", number, number))
        office.run(60, 6)
    assert len(ids(office)) == 3
    office.run(2 * HOUR, 60)
    assert len(ids(office, "boss")) == 10
    assert len(office.told("ops")) == 10
    times = [at for at, channel, _, _ in office.tried if channel == "ops"]
    assert all(later - earlier >= HOUR * MICROS for earlier, later in zip(times, times[3:], strict=False))


def test_a_letter_is_claimed_by_one_until_the_lease_runs_out(office: Office) -> None:
    office.announce(down())
    now = START + 10 * MICROS
    with office.database.begin() as session:
        first = dispatch.take(session, now, "one")
    assert {claim.channel for claim in first} == {"ops", "boss"}
    with office.database.begin() as session:
        assert dispatch.take(session, now, "two") == []
        dispatch.renew(session, [first[0].letter.id], "one", now + 20 * MICROS)
        again = dispatch.take(session, now + dispatch.LEASE, "two")
    assert again == first[1:]
    with office.database.begin() as session:  # the one who was late failed, and that changes nothing
        outcomes.finish(session, first[1], AWAY, "one", now + dispatch.LEASE)
        outcomes.finish(session, first[1], OK, "two", now + dispatch.LEASE)
        outcomes.finish(session, first[1], AWAY, "one", now + dispatch.LEASE)
    assert sorted(one.state for one in office.log()) == ["sending", "sent"]


def test_a_slow_channel_holds_up_no_other(office: Office) -> None:
    office.announce(down("a"))
    now = START + 10 * MICROS
    with office.database.begin() as session:
        slow = dispatch.take(session, now, "courier", limit=1)  # and nobody finishes it for long
    with office.database.begin() as session:
        assert len(dispatch.take(session, now, "courier", busy={slow[0].channel})) == 1


def test_a_channel_with_many_letters_under_way_collects_for_longer(office: Office) -> None:
    office.answer = lambda channel, letter: AWAY
    for number in range(30):
        office.announce(down(f"m{number}", number, number))
        office.run(60, 12)
    assert len({letter.id for _, _, letter, _ in office.tried}) / 2 <= 11
    office.answer = lambda channel, letter: OK
    office.run(HOUR, 60)
    assert sorted(office.told("ops")) == sorted(f"down m{number}" for number in range(30))


def test_letters_say_when_they_were_composed(office: Office) -> None:
    office.answer = lambda channel, letter: AWAY
    office.announce(down())
    office.run(60)
    assert len(office.tried) > 2
    assert {letter.composed for _, _, letter, _ in office.tried} == {START + 5 * MICROS}

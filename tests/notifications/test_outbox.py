"""Who is told, of what, in which order, and how often: on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from signalbox.audit import AuditRow
from signalbox.clock import MICROS
from signalbox.db import Database, configured
from signalbox.errors import Refused
from signalbox.notifications import outbox
from signalbox.notifications.models import ChannelRow
from signalbox.notifications.notices import Kind, Severity
from tests.notifications.office import START, Office, down, notice, up

MINUTE = 60


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, "ops", "boss")


def test_without_routes_every_channel_hears_everything(office: Office) -> None:
    office.announce(down())
    office.run(10)
    office.announce(up())
    office.run(10)
    assert office.told("ops") == office.told("boss") == ["down db", "up db"]


def test_writing_it_again_changes_nothing(office: Office) -> None:
    assert office.announce(down(), down()) == 1
    assert office.announce(down()) == 0
    office.run(10)
    assert office.announce(down(), up()) == 1
    assert office.announce(up()) == 0
    office.run(10)
    assert office.told("ops") == ["down db", "up db"]


def test_a_notice_leaves_within_six_seconds(office: Office) -> None:
    office.announce(down())
    office.run(20)
    assert (office.tried[0][0] - START) / MICROS <= 6


def test_down_and_up_written_at_once_are_told_in_order_in_one_letter(office: Office) -> None:
    office.announce(down(), up())
    office.run(10)
    assert office.told("ops") == ["down db", "up db"]
    assert len(office.arrived) == 2


def test_an_end_without_anything_told_is_not_told(office: Office) -> None:
    office.route(to=["ops"], delay="5m")
    office.announce(down())
    office.run(MINUTE)
    office.announce(up())
    office.run(10 * MINUTE, 10)
    assert office.arrived == []
    assert office.states() == ["down withdrawn"]


def test_an_end_goes_to_those_who_heard_of_the_beginning(office: Office) -> None:
    office.route(to=["ops"], steps=[{"after": "10m", "to": ["boss"]}])
    office.announce(down())
    office.run(MINUTE)
    office.announce(up())
    office.run(20 * MINUTE, 10)
    assert office.told("ops") == ["down db", "up db"]
    assert office.told("boss") == []


def test_an_end_waits_for_the_hours_of_no_route(office: Office) -> None:
    office.route(to=["ops"], match={"hours": "00:00-08:01"})
    office.announce(down())
    office.run(5 * MINUTE)
    office.announce(up(at=300))
    office.run(10)
    assert office.told("ops") == ["down db", "up db"]


def test_escalation_goes_on_while_it_lasts(office: Office) -> None:
    office.route(to=["ops"], steps=[{"after": "10m", "to": ["boss"]}])
    office.announce(down())
    office.run(11 * MINUTE)
    assert office.told("boss") == ["down db"]
    office.announce(up(at=660))
    office.run(MINUTE)
    assert office.told("boss") == office.told("ops") == ["down db", "up db"]


def test_reminders_come_while_it_is_down(office: Office) -> None:
    office.route(to=["ops"], repeat="10m")
    office.announce(down())
    office.run(35 * MINUTE, 5)
    assert office.told("ops") == ["down db"] * 4
    assert [bool(letter.reminders) for _, letter in office.arrived] == [False, True, True, True]
    office.announce(up(at=2_100))
    office.run(30 * MINUTE, 5)
    assert office.told("ops") == ["down db"] * 4 + ["up db"]


def test_acknowledging_ends_reminders_and_escalation_but_not_the_end(office: Office) -> None:
    office.route(to=["ops"], repeat="10m", steps=[{"after": "30m", "to": ["boss"]}])
    one = down()
    office.announce(one)
    office.run(15 * MINUTE, 5)
    assert office.acknowledge(one.thread)
    assert not office.acknowledge(one.thread)
    office.run(60 * MINUTE, 5)
    assert office.told() == ["down db", "down db"]
    office.announce(up(at=4_500))
    office.run(MINUTE)
    assert office.told() == ["down db", "down db", "up db"]
    with office.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "acknowledge")).one()
    assert (row.actor, row.kind, row.subject) == ("link:ops", "trouble", one.thread)


def test_what_was_acknowledged_and_grows_worse_is_told_to_no_further_step(office: Office) -> None:
    office.route(to=["ops"], repeat="10m", steps=[{"after": "1m", "to": ["boss"]}])
    one = notice(Kind.DEGRADED)
    office.announce(one)
    office.run(10)
    office.acknowledge(one.thread)
    office.announce(down(at=20))
    office.run(60 * MINUTE, 5)
    assert office.told() == ["degraded db", "down db"]


def test_acknowledging_what_is_over_or_was_never_told_does_nothing(office: Office) -> None:
    office.announce(down(), up())
    assert not office.acknowledge(down().thread)
    with pytest.raises(Refused, match="nothing was told"):
        office.acknowledge("nothing@1")


def test_what_is_held_is_told_when_it_is_released(office: Office) -> None:
    one = down()
    office.announce(one, held={one.thread: "maintenance"})
    office.run(MINUTE)
    assert office.arrived == []
    with office.database.read() as session:
        assert outbox.held(session) == [outbox.Held(one.thread, "db", "maintenance")]
    assert office.release(one.thread, facts={one.thread: {"cause": "the switch"}}) == 1
    office.run(10)
    assert office.told("ops") == ["down db"]
    assert office.arrived[0][1].notices[0].facts == {"name": "db", "cause": "the switch"}
    with office.database.read() as session:
        assert outbox.held(session) == []


def test_what_is_held_and_ends_is_never_told(office: Office) -> None:
    one = down()
    office.announce(one, held={one.thread: "parent:switch"})
    office.announce(up(), held={one.thread: "parent:switch"})
    office.release(one.thread)
    office.run(MINUTE)
    assert office.arrived == []
    assert office.states() == ["down withdrawn"]


def test_an_end_is_told_inside_maintenance_that_began_after_the_beginning_was(office: Office) -> None:
    one = down()
    office.announce(one)
    office.run(10)
    office.announce(up(), held={one.thread: "maintenance"})
    office.run(10)
    assert office.told("ops") == ["down db", "up db"]


def test_what_is_released_goes_where_routes_lead_then(office: Office) -> None:
    office.route(to=["ops"], match={"hours": "00:00-08:05"})
    office.route(to=["boss"], match={"hours": "08:05-24:00"})
    one = down()
    office.announce(one, held={one.thread: "maintenance"})
    office.run(10 * MINUTE, 10)
    office.release(one.thread)
    office.run(10)
    assert office.told("ops") == []
    assert office.told("boss") == ["down db"]


def test_only_the_newest_of_what_was_held_is_told(office: Office) -> None:
    one, two = notice(Kind.DEGRADED), down(at=30)
    for each in (one, two):
        office.announce(each, held={one.thread: "maintenance"})
    office.release(one.thread)
    office.run(10)
    assert office.told("ops") == ["down db"]


def test_what_was_not_yet_told_may_still_be_held(office: Office) -> None:
    one, other = down(), down("web")
    office.announce(other)
    office.run(10)
    office.announce(one)
    office.run(2)
    with office.database.begin() as session:
        assert outbox.hold(session, {one.thread: "parent:switch", other.thread: "parent:switch"}, office.now) == 1
    office.run(MINUTE)
    assert office.told("ops") == ["down web"]
    office.release(one.thread)
    office.run(10)
    assert office.told("ops") == ["down web", "down db"]


def test_news_of_a_trouble_take_the_place_of_older_ones_that_wait(office: Office) -> None:
    office.route(to=["ops"], delay="10m")
    office.announce(notice(Kind.DEGRADED))
    office.run(9 * MINUTE, 10)
    office.announce(down(at=540))
    office.run(2 * MINUTE)
    assert office.told("ops") == ["down db"]  # and no later than the first would have been


def test_what_is_withdrawn_is_told_no_more(office: Office) -> None:
    office.route(to=["ops"], repeat="5m", steps=[{"after": "10m", "to": ["boss"]}])
    one = down()
    office.announce(one)
    office.run(10)
    with office.database.begin() as session:
        outbox.withdraw(session, [one.thread], office.now)
    office.run(30 * MINUTE, 5)
    assert office.told() == ["down db"]


def test_an_update_of_an_incident_waits_for_its_beginning(office: Office) -> None:
    office.route(to=["ops"], delay="2m")
    office.announce(notice(Kind.INCIDENT, severity=Severity.DOWN))
    office.run(MINUTE)
    office.announce(notice(Kind.UPDATE, at=60))
    office.run(3 * MINUTE)
    assert office.told("ops") == ["incident db", "update db"]


def test_a_storm_is_one_letter_a_channel(database: Database) -> None:
    office = Office(database, "ops", "boss", "chat")
    storm = [down(f"m{number}") for number in range(1_000)]
    assert office.announce(*storm) == 1_000
    office.run(30)
    assert len(office.arrived) == 3
    assert all(len(letter.notices) == 1_000 for _, letter in office.arrived)
    assert office.announce(*(up(f"m{number}") for number in range(1_000))) == 1_000
    office.run(30)
    assert len(office.arrived) == 6


def test_what_keeps_coming_leaves_after_25_seconds(office: Office) -> None:
    for second in range(40):
        office.announce(down(f"m{second}", second, second))
        office.run(1)
    assert [len(letter.notices) for key, letter in office.arrived if key == "ops"] == [25]


def test_threads_that_are_not_over_are_listed(office: Office) -> None:
    office.announce(down("a"), down("b"), up("b"))
    office.acknowledge(down("a").thread, "cli:ann")
    with office.database.read() as session:
        (one,) = outbox.threads(session)
        over = outbox.find(session, down("b").thread)
        assert outbox.find(session, "none") is None
    assert (one.monitor, one.acknowledged_by) == ("a", "cli:ann")
    assert over is not None
    assert over.closed_at == START


def test_the_log_is_read_in_pages(office: Office) -> None:
    office.announce(*(down(f"m{number}") for number in range(10)))
    office.run(10)
    seen, after = [], None
    with office.database.read() as session:
        while page := outbox.log(session, after, 3, channel="ops"):
            seen += [one.thread for one in page]
            after = page[-1].id
            assert {(one.channel, one.state, one.detail, one.attempts) for one in page} == {("ops", "sent", "200", 1)}
    assert len(set(seen)) == 10


def test_an_archived_channel_hears_no_more(office: Office) -> None:
    office.announce(down())
    with office.database.begin() as session:
        configured.retire(session, ChannelRow, "ops", office.now)
    office.run(10)
    assert office.told("ops") == []
    assert office.told("boss") == ["down db"]
    with office.database.read() as session:
        assert {one.why for one in outbox.log(session) if one.channel == "ops"} == {"no channel"}


def test_what_was_over_long_ago_is_forgotten(office: Office) -> None:
    office.announce(down("a"), up("a"), down("b"))
    office.run(10)
    with office.database.begin() as session:
        assert outbox.forget(session, office.now) == 1
    assert {one.thread for one in office.log()} == {down("b").thread}

"""Mail server and webhook receiver away for an hour, slow down, or say no: real servers, a clock that the test sets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from signalbox.clock import MICROS
from signalbox.db import Database, configured
from signalbox.notifications import channels
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.models import ChannelRow
from signalbox.notifications.notices import Notice
from signalbox.notifications.specs import CHANNELS
from signalbox.runner.courier import Post
from tests.notifications.equipment import sending
from tests.notifications.office import AWAY, OK, START, Office, down, up
from tests.servers.hooks import Delivery, Hooks, Reply
from tests.servers.process import free_port
from tests.servers.smtp import MailServer

MINUTE, HOUR = 60, 3_600


class RealOffice(Office):
    """An office whose letters leave by real mail and real webhooks, to ports that are free until somebody listens."""

    def __init__(self, database: Database, post: Post) -> None:
        super().__init__(database)
        self.ports = {"mail": free_port(), "hook": free_port(), "chat": free_port()}
        self.keys: dict[str, str] = {}
        self.post = post
        self._add(kind="email", id="mail", to=["ops@example.com"], smtp_url=f"smtp://127.0.0.1:{self.ports['mail']}")
        for id_ in ("hook", "chat"):
            self._add(kind="webhook", id=id_, url=f"http://127.0.0.1:{self.ports[id_]}/")
        self.answer = self.sent
        self.rates = post.rates()

    def _add(self, **given: object) -> None:
        spec = CHANNELS.validate_python(given)
        with self.database.begin() as session:
            key = configured.add(session, ChannelRow, spec.id, spec, columns=channels.columns(spec), now=START)
        self.keys[spec.id] = key

    def sent(self, key: str, letter: Letter) -> Result:
        return self.post.send(key, letter)

    def hooks(self, id_: str = "hook") -> Hooks:
        """The receiver that this channel is for."""
        return Hooks(self.ports[id_])

    def arrived_at(self, id_: str) -> list[Notice]:
        """What the channel said yes to, in order."""
        return [one for key, letter in self.arrived if key == self.keys[id_] for one in letter.notices]

    def tries(self, id_: str) -> list[float]:
        """When the channel was tried, in seconds after the start."""
        return [(moment - START) / MICROS for moment, key, _, _ in self.tried if key == self.keys[id_]]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[RealOffice]:
    with sending(tmp_path) as sender:
        yield RealOffice(database, Post(database, sender.send))


def keys_of(deliveries: Sequence[Delivery]) -> list[str]:
    """Keys of the notices in these requests."""
    return [one["key"] for delivery in deliveries for one in json.loads(delivery.body)["data"]["notices"]]


def an_hour_of_troubles(office: RealOffice) -> list[Notice]:
    """Four monitors that go down and up again every nine minutes, one after the other."""
    written: list[Notice] = []
    for second in range(0, HOUR, MINUTE):
        monitor = ("db", "api", "shop", "mail")[second // MINUTE % 4]
        trouble = second - second % (9 * MINUTE)
        if not any(one.thread.startswith(f"{monitor}@{START + trouble * MICROS}") for one in written):
            written.append(down(monitor, trouble, at=second))
            office.announce(written[-1])
        elif written and not any(one.thread == down(monitor, trouble).thread and one.kind == "up" for one in written):
            written.append(up(monitor, trouble, at=second))
            office.announce(written[-1])
        office.run(MINUTE, step=5)
    return written


def in_order(notices: Sequence[Notice]) -> bool:
    """Does nothing of a thread come after something of it that happened later?"""
    last: dict[str, int] = {}
    for one in notices:
        if one.happened < last.get(one.thread, 0):
            return False
        last[one.thread] = one.happened
    return True


def test_after_an_hour_without_both_every_notice_arrives_once_and_in_order(office: RealOffice) -> None:
    written = an_hour_of_troubles(office)
    assert office.arrived == []
    assert len(written) > 40
    with MailServer(port=office.ports["mail"]) as mail, office.hooks() as hook, office.hooks("chat") as chat:
        office.run(2 * HOUR, step=20)
    expected = Counter(one.key for one in written)
    for id_ in ("mail", "hook", "chat"):
        got = office.arrived_at(id_)
        assert Counter(one.key for one in got) == expected
        assert in_order(got)
    assert keys_of(hook.deliveries) == [one.key for one in office.arrived_at("hook")]
    assert Counter(keys_of(chat.deliveries)) == expected
    mails = sum(key == office.keys["mail"] for key, _ in office.arrived)
    assert len({mailed.message["Message-ID"] for mailed in mail.taken}) == len(mail.taken) == mails
    assert {entry.state for entry in office.log()} == {"sent"}


def test_a_mail_server_that_is_away_holds_up_no_other_channel(office: RealOffice) -> None:
    with office.hooks(), office.hooks("chat"):
        office.announce(down())
        office.run(MINUTE)
        assert len(office.arrived_at("hook")) == len(office.arrived_at("chat")) == 1
        assert office.arrived_at("mail") == []
        with MailServer(port=office.ports["mail"]) as mail:
            office.run(HOUR, step=5)
    assert len(mail.taken) == 1


def test_500_then_200_arrives_once_with_the_same_id(office: RealOffice) -> None:
    with office.hooks() as hook:
        hook.replies = [Reply(500), Reply(500)]
        office.announce(down())
        office.run(5 * MINUTE)
    assert len(hook.deliveries) == 3
    assert len({one.headers["webhook-id"] for one in hook.deliveries}) == 1
    assert len({one.body for one in hook.deliveries}) == 1
    assert [one.kind for one in office.arrived_at("hook")] == ["down"]


def test_who_asks_for_a_pause_gets_it_for_later_notices_too(office: RealOffice) -> None:
    with office.hooks() as hook, office.hooks("chat") as chat:
        hook.replies = [Reply(429, {"Retry-After": "300"})]
        office.announce(down())
        office.run(MINUTE)
        office.announce(down("api", at=60), up())
        office.run(10 * MINUTE)
    first, second, *_ = office.tries("hook")
    assert second - first >= 300
    assert Counter(one.key for one in office.arrived_at("hook")) == Counter(keys_of(chat.deliveries))
    assert [one.key for one in office.arrived_at("hook")] == keys_of(hook.deliveries[1:])
    assert in_order(office.arrived_at("hook"))
    assert max(office.tries("chat")) < 2 * MINUTE


def test_a_mail_server_that_is_busy_is_asked_again_and_takes_it_once(office: RealOffice) -> None:
    with MailServer(port=office.ports["mail"]) as mail:
        mail.answer = "451 come back later"
        office.announce(down())
        office.run(5 * MINUTE, step=5)
        assert mail.taken == []
        mail.answer = "250 taken"
        office.announce(up(at=300))
        office.run(HOUR, step=5)
    assert [mailed.message["Subject"] for mailed in mail.taken] == ["Down: db", "db is up again"]


def test_what_nobody_takes_for_a_day_is_dead_and_the_log_says_why(office: RealOffice) -> None:
    office.announce(down())
    office.run(26 * HOUR, step=5 * MINUTE)
    assert {entry.state for entry in office.log()} == {"dead"}
    assert all(entry.detail for entry in office.log())
    tries = office.tries("hook")
    assert max(later - before for before, later in pairwise(tries)) <= HOUR + 5 * MINUTE
    assert 24 * HOUR <= tries[-1] <= 25 * HOUR + 10 * MINUTE


def test_who_was_out_of_reach_for_a_day_is_still_reminded_of_what_lasts(database: Database) -> None:
    office = Office(database, "ops")
    office.route(to=["ops"], repeat="1h")
    office.answer = lambda channel, letter: AWAY
    office.announce(down())
    office.run(26 * HOUR, step=5 * MINUTE)
    assert office.states()[0] == "down dead"
    office.answer = lambda channel, letter: OK
    office.run(2 * HOUR, step=5 * MINUTE)
    assert office.told()[0] == "down db"
    assert office.arrived[0][1].reminders
    office.announce(up(at=28 * HOUR))
    office.run(HOUR, step=MINUTE)
    assert office.told()[-1] == "up db"
    assert "waiting" not in {entry.state for entry in office.log()}

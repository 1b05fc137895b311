"""Incidents that open and end by themselves, on both databases."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import event, func, select

from signalbox.db import Database
from signalbox.incidents.models import IncidentRow, TroubleRow
from signalbox.incidents.specs import Affected, Impact, Status
from signalbox.monitors.judge import Change
from signalbox.signals import Verdict
from tests.incidents.hostile import HOSTILE
from tests.incidents.reading import read
from tests.incidents.scene import MINUTE, NOW, SECOND, Scene, said


def test_a_monitor_that_goes_down_opens_an_incident_at_its_first_failed_slot(scene: Scene) -> None:
    scene.down("api")
    one = scene.one()
    assert (one.title, one.impact, one.status, one.automatic) == (
        "Api is down", Impact.MAJOR, Status.INVESTIGATING, True,
    )  # fmt: skip
    assert (one.started_at, one.detected_at, one.resolved_at) == (NOW, NOW + 3 * SECOND, None)
    assert one.monitors == {"api": Affected.MAJOR}
    assert said(one) == [("investigating", "Api: failing since 08:00 UTC. We are looking into it.")]


def test_it_is_resolved_at_the_first_good_slot(scene: Scene) -> None:
    scene.down("api")
    scene.up("api", at=NOW + 5 * MINUTE)
    one = scene.one()
    assert (one.status, one.resolved_at, one.monitors) == (
        Status.RESOLVED, NOW + 5 * MINUTE, {"api": Affected.OPERATIONAL},
    )  # fmt: skip
    assert said(one)[0] == ("resolved", "Api: working again, after 5m.")
    assert scene.audited() == [("signalbox", "create"), ("signalbox", "resolve")]


def test_nobody_is_told_of_it_twice(scene: Scene) -> None:
    scene.down("api")
    scene.up("api", at=NOW + 5 * MINUTE)
    assert scene.told() == []


def test_following_the_same_changes_again_changes_nothing(scene: Scene) -> None:
    for _ in range(3):
        scene.down("api", "web")
    first = scene.one()
    assert len(first.updates) == 1
    for _ in range(3):
        scene.up("api", "web", at=NOW + 5 * MINUTE)
    scene.down("api", "web")
    assert [update.number for update in scene.one().updates] == [2, 1]


def test_a_monitor_that_may_not_open_one_still_ends_its_own(scene: Scene) -> None:
    scene.follow(scene.step("api", NOW, opens=False), now=NOW)
    assert scene.all() == []
    scene.down("api")
    scene.follow(scene.step("api", NOW + MINUTE, up=True, trouble=NOW, opens=False), now=NOW + MINUTE)
    assert scene.one().status is Status.RESOLVED


def test_what_is_only_degraded_opens_none_until_it_is_down(scene: Scene) -> None:
    step = scene.step("api", NOW)
    slow = step.change.after._replace(verdict=Verdict.DEGRADED, known=Verdict.DEGRADED)
    scene.follow(step._replace(change=step.change._replace(after=slow)), now=NOW)
    assert scene.all() == []
    worse = slow._replace(verdict=Verdict.DOWN, known=Verdict.DOWN, since=NOW + 2 * MINUTE)
    change = Change("api", slow, worse, NOW + 2 * MINUTE + 3 * SECOND, "local")
    scene.follow(step._replace(change=change), now=NOW + 3 * MINUTE)
    assert scene.one().started_at == NOW + 2 * MINUTE
    scene.up("api", at=NOW + 9 * MINUTE, trouble=NOW)
    assert scene.one().status is Status.RESOLVED


def test_monitors_of_a_group_that_fail_within_a_minute_share_one(scene: Scene) -> None:
    scene.down("api", at=NOW + 40 * SECOND)
    scene.down("web", at=NOW + 70 * SECOND)
    scene.down("db", at=NOW)
    one = scene.one()
    assert (one.title, one.started_at, set(one.monitors)) == ("Core: 3 services are down", NOW, {"api", "web", "db"})
    assert said(one) == [("investigating", "Api, Web and Db: failing since 08:00 UTC. We are looking into it.")]


def test_it_is_over_when_the_last_of_them_works_again(scene: Scene) -> None:
    scene.down("api", "web", "db")
    scene.up("web", at=NOW + 4 * MINUTE)
    one = scene.one()
    assert (one.status, one.monitors["web"], one.monitors["db"]) == (
        Status.INVESTIGATING, Affected.OPERATIONAL, Affected.MAJOR,
    )  # fmt: skip
    scene.up("api", at=NOW + 8 * MINUTE)
    scene.up("db", at=NOW + 6 * MINUTE)
    one = scene.one()
    assert (one.status, one.resolved_at) == (Status.RESOLVED, NOW + 8 * MINUTE)
    assert said(one)[0] == ("resolved", "Api, Web and Db: working again, after 8m.")


def test_what_happens_within_a_minute_is_said_in_one_update(scene: Scene) -> None:
    for second, id_ in enumerate(("api", "web", "db")):
        scene.down(id_, at=NOW + second * SECOND)
    for second, id_ in enumerate(("api", "web", "db")):
        scene.up(id_, at=NOW + 5 * MINUTE + second * SECOND, trouble=NOW + second * SECOND)
    assert said(scene.one()) == [
        ("resolved", "Api, Web and Db: working again, after 5m2s."),
        ("investigating", "Api and Web: working again, after 5m1s."),
        ("investigating", "Api, Web and Db: failing since 08:00 UTC. We are looking into it."),
    ]


def test_other_groups_and_later_troubles_have_incidents_of_their_own(scene: Scene) -> None:
    scene.down("api", "mail")
    scene.down("web", at=NOW + 61 * SECOND)
    scene.down("blog", "shop")
    assert sorted(one.title for one in scene.all()) == [
        "2 services are down", "Api is down", "Mail is down", "Web is down"
    ]  # fmt: skip


def test_a_monitor_that_fails_again_while_its_incident_is_open_stays_in_it(scene: Scene) -> None:
    scene.down("api", "web")
    scene.up("api", at=NOW + 20 * SECOND)
    scene.down("api", at=NOW + 40 * SECOND)
    one = scene.one()
    assert (one.monitors, one.title) == (dict.fromkeys(("api", "web"), Affected.MAJOR), "Core: 2 services are down")
    scene.up("web", at=NOW + 2 * MINUTE)
    assert scene.one().status is Status.INVESTIGATING
    scene.up("api", at=NOW + 3 * MINUTE, trouble=NOW + 40 * SECOND)
    assert scene.one().status is Status.RESOLVED


def test_what_a_person_has_written_in_is_for_people_to_resolve(scene: Scene) -> None:
    scene.down("api")
    public = scene.one().public
    scene.update(public, now=NOW + MINUTE, status="identified", body="The disk is full.")
    assert not scene.one().automatic
    scene.up("api", at=NOW + 5 * MINUTE)
    one = scene.one()
    assert (one.status, one.resolved_at, one.monitors) == (Status.MONITORING, None, {"api": Affected.OPERATIONAL})
    assert said(one)[0] == ("monitoring", "Api: working again, after 5m.")
    scene.update(public, now=NOW + 9 * MINUTE, resolves=True, body="There is room again.")
    assert [notice.kind for notice in scene.told()] == ["update", "resolved"]


def test_a_person_who_watches_a_recovery_hears_that_it_did_not_last(scene: Scene) -> None:
    scene.down("api")
    scene.update(scene.one().public, now=NOW + 10 * SECOND, body="We are at it.")
    scene.up("api", at=NOW + 20 * SECOND)
    scene.down("api", at=NOW + 50 * SECOND)
    one = scene.one()
    assert (one.status, one.monitors, one.title) == (Status.INVESTIGATING, {"api": Affected.MAJOR}, "Api is down")


def test_what_a_person_called_it_stays(scene: Scene) -> None:
    scene.down("api")
    scene.update(scene.one().public, now=NOW + 10 * SECOND, status="identified", body="The switch is broken.")
    scene.down("web", at=NOW + 30 * SECOND)
    one = scene.one()
    assert (one.title, one.status, set(one.monitors)) == ("Api is down", Status.IDENTIFIED, {"api", "web"})


def test_a_trouble_ends_when_nobody_watches_any_more(scene: Scene) -> None:
    scene.down("api", "web")
    scene.leave("api", now=NOW + MINUTE)
    assert scene.one().status is Status.INVESTIGATING
    scene.leave("web", "mail", now=NOW + 3 * MINUTE)
    one = scene.one()
    assert (one.status, one.resolved_at) == (Status.RESOLVED, NOW + 3 * MINUTE)
    assert said(one)[0] == ("resolved", "Web: no longer watched.")


def test_a_recovery_that_is_dated_before_its_trouble_ends_at_its_beginning(scene: Scene) -> None:
    scene.down("api")
    scene.up("api", at=NOW - MINUTE, trouble=NOW)
    one = scene.one()
    assert (one.started_at, one.resolved_at) == (NOW, NOW)


def test_words_of_our_own_are_used_where_a_template_is_automatic(scene: Scene) -> None:
    scene.templates(
        {"id": "a", "title": "By hand", "body": "By hand"},
        {"id": "b", "title": "{group}: {monitor}", "body": "**{monitor}**, {reason}, {since}", "automatic": True},
        {"id": "c", "title": "-", "body": "Over after {duration}", "when": "resolved", "automatic": True},
    )
    scene.down("api", "web")
    scene.up("api", "web", at=NOW + 90 * SECOND)
    one = scene.one()
    assert one.title == "Core: Api and Web"
    assert [update.plain for update in one.updates] == [
        "Over after 1m30s", "Api and Web, no connection: refused, 08:00 UTC"
    ]  # fmt: skip


def test_whatever_a_monitor_is_called_takes_no_effect(database: Database) -> None:
    scene = Scene(database, {"api": None})
    scene.templates({"id": "b", "title": "{monitor}", "body": "{monitor} {reason}", "automatic": True})
    names = [text for text in HOSTILE.values() if "\ud800" not in text and "\x00" not in text]
    for number, name in enumerate(names):
        at = NOW + number * 3 * MINUTE
        step = scene.step("api", at)
        hostile = step.change.after._replace(message=name)
        changed = step.change._replace(after=hostile)
        scene.follow(step._replace(change=changed), now=at)
        scene.up("api", at=at + MINUTE, trouble=at)
    assert len(scene.all()) == len(names)
    for one in scene.all():
        for update in one.updates:
            shown = read(update.html)
            assert (shown.wrong, shown.links) == ([], [])


def test_a_thousand_monitors_that_fail_together_make_one_incident_in_a_few_statements(database: Database) -> None:
    scene = Scene(database, {"api": "Core"})
    api = scene.monitors.pop("api")
    scene.monitors |= {
        id_: replace(api, id=id_, key=id_, name=id_) for id_ in (f"m{number}" for number in range(1_000))
    }
    statements: list[str] = []
    event.listen(database._writing, "before_cursor_execute", lambda *said: statements.append(said[2]))
    begun = time.process_time()
    scene.down(*scene.monitors)
    scene.up(*scene.monitors, at=NOW + 5 * MINUTE)
    assert time.process_time() - begun < 5  # a second or less, measured; this machine may be busy
    assert len(statements) < 40
    one = scene.one()
    assert (one.title, len(one.updates), len(one.monitors)) == ("Core: 1000 services are down", 2, 1_000)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(TroubleRow)) == 1_000
        assert session.scalar(select(func.count()).select_from(IncidentRow)) == 1

"""Announcing work, and what goes otherwise: on both databases, each with its line in the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select

from signalbox.audit import AuditRow
from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.configured import Origin, add, as_document, sealed
from signalbox.db.installation import changes, revision
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.maintenance import service
from signalbox.maintenance.models import MaintenanceRow
from signalbox.maintenance.specs import MaintenanceSpec, What
from signalbox.maintenance.windows import Window
from signalbox.monitors import service as monitors
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec
from tests.maintenance.test_windows import DAY, HOUR, at

NOW = at("2026-11-24 12:00")
BY = "cli:ada"


def written(**more: Any) -> MaintenanceSpec:
    once = {"title": "Upgrade", "monitors": ["db"], "start": "2026-11-24 22:00", "for": "1h"}
    return MaintenanceSpec.model_validate({**once, **more})


@pytest.fixture
def watched(database: Database) -> Database:
    """An installation that watches `db` and `api`."""
    with database.begin() as session:
        for id_, group, tags in (("db", "Core", ("prod",)), ("api", None, ())):
            check = HttpCheck(url="https://example.com")
            spec = MonitorSpec(id=id_, name=id_, group=group, tags=tags, check=check)
            add(session, MonitorRow, id_, spec, columns=monitors.columns(spec), now=1)
    return database


def of_the_manifest(database: Database, spec: MaintenanceSpec) -> None:
    with database.begin() as session:
        row = {
            **service.columns(spec), "key": spec.id, "position": 0, "spec": sealed(session, as_document(spec)),
            "origin": Origin.MANIFEST, "created_at": 1, "revision": 1, "archived_at": None,
        }  # fmt: skip
        session.execute(insert(MaintenanceRow), [row])


def monitor(database: Database, id_: str = "db") -> monitors.Monitor:
    with database.read() as session:
        return next(one for one in monitors.active(session) if one.id == id_)


def actions(database: Database) -> list[tuple[str, str, str, str]]:
    with database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    return [(row.actor, row.action, row.kind, row.subject) for row in rows]


def test_work_that_begins_now_covers_what_it_names_until_it_ends(watched: Database) -> None:
    with watched.begin() as session:
        service.start_now(session, title=None, for_=1_800, what=What(tags=("prod",)), by=BY, now=NOW + 7)
    with watched.read() as session:
        calendar = service.load(session)
        assert (changes(session), revision(session)) == (1, 3)
    found = calendar.covering(monitor(watched), NOW + 8)
    assert found is not None
    assert (found.start, found.end, found.spec.title) == (NOW, NOW + HOUR // 2, "Maintenance")
    assert calendar.covering(monitor(watched, "api"), NOW + 8) is None
    assert calendar.next_change(NOW + 8) == found.end
    assert calendar.covering(monitor(watched), found.end) is None
    assert actions(watched) == [(BY, "start", "maintenance", "maintenance")]


def test_beginning_twice_gives_two_ids(watched: Database) -> None:
    with watched.begin() as session:
        made = [
            service.start_now(session, title="Now!", for_=60, what=What(all=True), by=BY, now=NOW).id for _ in range(3)
        ]
    assert made == ["now", "now-2", "now-3"]


def test_a_window_that_ends_early_is_over_and_the_next_ones_stay(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(rrule="FREQ=DAILY"), by=BY, now=NOW)
    begun = at("2026-11-25 22:00")
    with watched.begin() as session:
        ended = service.end(session, "upgrade", by=BY, now=begun + HOUR // 4)
    assert (ended.start, ended.end, ended.planned) == (begun, begun + HOUR // 4, begun + HOUR)
    with watched.read() as session:
        calendar = service.load(session)
    assert calendar.windows(monitor(watched), begun - DAY, begun + 2 * DAY) == [
        Window(begun - DAY, begun - DAY + HOUR), ended[1:3], Window(begun + DAY, begun + DAY + HOUR)
    ]  # fmt: skip
    assert actions(watched)[-1] == (BY, "end", "maintenance", "upgrade")


def test_a_window_made_longer_lasts_longer_than_any_window_does(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(), by=BY, now=NOW)
    begun = at("2026-11-24 22:00")
    for hours in (5, 3):
        with watched.begin() as session:
            longer = service.extend(session, "upgrade", hours * 3_600, by=BY, now=begun + 1)
    assert longer.end == begun + 9 * HOUR
    with watched.read() as session:
        calendar = service.load(session)
    late = calendar.covering(monitor(watched), begun + 8 * HOUR)
    assert late is not None
    assert (late.end, late.planned) == (begun + 9 * HOUR, begun + HOUR)
    assert calendar.covering(monitor(watched), begun + 9 * HOUR) is None


def test_the_manifest_s_windows_may_end_early_but_are_changed_only_there(watched: Database) -> None:
    of_the_manifest(watched, written())
    with watched.begin() as session:
        service.end(session, "upgrade", by=BY, now=at("2026-11-24 22:10"))
    with watched.begin() as session, pytest.raises(Conflict, match="written in the manifest"):
        service.cancel(session, "upgrade", by=BY, now=NOW)
    with watched.begin() as session, pytest.raises(Conflict, match="written in the manifest"):
        service.change(session, "upgrade", written(title="Other", id="upgrade"), by=BY, now=NOW)


def test_what_is_not_under_way_has_no_end_to_move(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(), by=BY, now=NOW)
    for now, words in ((NOW, "begins at 2026-11-24T22:00:00Z"), (NOW + DAY, "it is over")):
        with watched.begin() as session, pytest.raises(Conflict, match=words):
            service.end(session, "upgrade", by=BY, now=now)
    with watched.begin() as session, pytest.raises(NotFound, match='no maintenance "nothing"'):
        service.extend(session, "nothing", 60, by=BY, now=NOW)
    with watched.begin() as session, pytest.raises(Refused, match="at most 366 days"):
        service.extend(session, "upgrade", 400 * 86_400, by=BY, now=at("2026-11-24 22:10"))


def test_a_change_leaves_the_past_as_it_was_announced(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(rrule="FREQ=DAILY"), by=BY, now=NOW)
    changed = at("2026-11-26 12:00")
    with watched.begin() as session:
        service.change(session, "upgrade", written(rrule="FREQ=DAILY", start="2026-11-24 03:00"), by=BY, now=changed)
    with watched.read() as session:
        calendar = service.load(session)
    starts = [one.start for one in calendar.windows(monitor(watched), NOW, NOW + 4 * DAY)]
    assert starts == [at(f"2026-11-{day}") for day in ("24 22:00", "25 22:00", "27 03:00", "28 03:00")]
    assert [work.since for work in calendar.active] == [changed]


def test_a_change_to_the_same_is_none(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(), by=BY, now=NOW)
    with watched.begin() as session:
        service.change(session, "upgrade", written(start="2026-11-24T22:00:00"), by=BY, now=NOW)
    assert [action for _, action, _, _ in actions(watched)] == ["create"]


def test_work_taken_back_ends_and_keeps_its_past(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(rrule="FREQ=DAILY"), by=BY, now=NOW)
    with watched.begin() as session:
        service.cancel(session, "upgrade", by=BY, now=at("2026-11-25 22:30"))
    with watched.read() as session:
        calendar = service.load(session)
        assert service.listing(session, NOW) == []
    assert calendar.windows(monitor(watched), NOW, NOW + 9 * DAY) == [
        Window(at("2026-11-24 22:00"), at("2026-11-24 23:00")), Window(at("2026-11-25 22:00"), at("2026-11-25 22:30")),
    ]  # fmt: skip
    assert calendar.covering(monitor(watched), at("2026-11-25 22:20")) is None


def test_an_id_is_taken_once_and_free_again_afterwards(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(), by=BY, now=NOW)
    with watched.begin() as session, pytest.raises(Conflict, match="choose another"):
        service.schedule(session, written(), by=BY, now=NOW)
    with watched.begin() as session:
        service.cancel(session, "upgrade", by=BY, now=NOW)
        assert service.schedule(session, written(), by=BY, now=NOW).key == "upgrade-2"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"monitors": ["dbb"]}, 'no monitor "dbb"; did you mean "db"'),
        ({"groups": ["core"]}, 'no group "core"; did you mean "Core"'),
        ({"tags": ["test"]}, 'no tag "test"'),
        ({"pages": ["mian"]}, 'no page "mian"; did you mean "main"'),
    ],
)
def test_work_on_what_there_is_not_is_refused(watched: Database, what: dict[str, Any], words: str) -> None:
    spec = written(**{"monitors": [], **what})
    with watched.begin() as session, pytest.raises(Refused, match=words):
        service.schedule(session, spec, by=BY, now=NOW, pages=["main"])


def test_only_what_has_a_window_left_is_listed(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(), by=BY, now=NOW)
        service.schedule(session, written(title="Again", rrule="FREQ=WEEKLY"), by=BY, now=NOW)
    with watched.read() as session:
        assert [work.id for work in service.listing(session, NOW)] == ["upgrade", "again"]
        assert [work.id for work in service.listing(session, NOW + DAY)] == ["again"]
        assert [work.id for work in service.listing(session, NOW + DAY, over=True)] == ["upgrade", "again"]


def test_what_cannot_be_read_is_left_out(watched: Database) -> None:
    of_the_manifest(watched, written())
    with watched.begin() as session:
        row = session.get(MaintenanceRow, "upgrade")
        assert row is not None
        row.spec = sealed(session, {**as_document(written()), "timezone": "Atlantis/Main"})
        service.schedule(session, written(title="Other"), by=BY, now=NOW)
    with watched.read() as session:
        assert [work.id for work in service.load(session).active] == ["other"]


def test_upcoming_work_is_the_next_window_of_each_within_a_week(watched: Database) -> None:
    with watched.begin() as session:
        service.schedule(session, written(title="Far", start="2026-12-01 13:00"), by=BY, now=NOW)
        service.schedule(session, written(title="Nightly", rrule="FREQ=DAILY"), by=BY, now=NOW)
        service.schedule(session, written(title="Soon", start="2026-11-24 13:00"), by=BY, now=NOW)
    with watched.read() as session:
        calendar = service.load(session)
    assert [one.work.id for one in calendar.upcoming(NOW)] == ["soon", "nightly"]
    assert [one.work.id for one in calendar.upcoming(NOW + HOUR + 1)] == ["nightly", "far"]
    assert [one.work.id for one in calendar.current(NOW + HOUR)] == ["soon"]
    assert calendar.next_change(NOW) == NOW + HOUR
    assert MICROS * 3_600 == HOUR

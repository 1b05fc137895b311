"""Monitors made by hand: what is changed is audited, what the manifest owns stays, secrets survive a round trip."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from signalbox import audit
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.configured import Origin
from signalbox.db.installation import revision
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.manifest import apply
from signalbox.manifest.document import from_urls
from signalbox.monitors import editing, service
from signalbox.monitors.specs import MonitorSpec

NOW = 1_800_000_000 * MICROS
SECRETS = {"Authorization": "Bearer planted-header"}
URL = "https://ada:planted-password@example.com/health?token=planted-token"


def spec(id_: str = "api", **given: Any) -> MonitorSpec:
    check = {"kind": "http", "url": URL, "headers": SECRETS}
    return MonitorSpec.model_validate({"id": id_, "name": id_.upper(), "check": check, **given})


def made(database: Database, *ids: str) -> None:
    with database.begin() as session:
        for one in ids:
            editing.create(session, spec(one), by="cli:ada", now=NOW)


def audited(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        return [(one.actor, one.action, one.subject) for one in reversed(audit.entries(session))]


def test_what_is_made_is_watched_and_belongs_to_the_api(database: Database) -> None:
    made(database, "api", "web")
    with database.read() as session:
        watched = service.active(session)
    assert [(one.id, one.origin, one.name) for one in watched] == [
        ("api", Origin.API, "API"), ("web", Origin.API, "WEB"),
    ]  # fmt: skip
    assert audited(database) == [("cli:ada", "create", "api"), ("cli:ada", "create", "web")]


def test_each_change_is_noticed_by_every_process(database: Database) -> None:
    made(database, "api")
    revisions = []
    for verb in (
        lambda session: editing.change(session, "api", spec(every="5m"), by="x"),
        lambda session: editing.pause(session, "api", by="x", now=NOW),
        lambda session: editing.resume(session, "api", by="x"),
        lambda session: editing.archive(session, "api", by="x", now=NOW),
    ):
        with database.begin() as session:
            verb(session)
            revisions.append(revision(session))
    assert revisions == sorted(set(revisions))


def test_a_change_that_changes_nothing_leaves_no_trace(database: Database) -> None:
    made(database, "api")
    with database.begin() as session:
        before = editing.find(session, "api")
        assert editing.change(session, "api", spec(), by="x") == before
        editing.resume(session, "api", by="x")
    assert len(audited(database)) == 1


def test_a_renamed_monitor_keeps_its_key(database: Database) -> None:
    made(database, "api")
    with database.begin() as session:
        key = editing.find(session, "api").key
        assert editing.change(session, "api", spec("core"), by="x").key == key
        with pytest.raises(NotFound):
            editing.find(session, "api")


def test_an_archived_one_is_gone_and_its_id_is_free(database: Database) -> None:
    made(database, "api")
    with database.begin() as session:
        editing.archive(session, "api", by="x", now=NOW)
        assert service.active(session) == []
    made(database, "api")
    with database.read() as session:
        assert [one.key for one in service.active(session)] == ["api-2"]


def test_a_taken_id_is_refused(database: Database) -> None:
    made(database, "api", "web")
    with pytest.raises(Conflict), database.begin() as session:
        editing.create(session, spec(), by="x", now=NOW)
    with pytest.raises(Conflict), database.begin() as session:
        editing.change(session, "web", spec("api"), by="x")


def test_what_the_manifest_owns_can_be_paused_and_nothing_else(database: Database) -> None:
    with database.begin() as session:
        apply.apply(session, from_urls(["https://example.com"]))
    for verb in (
        lambda session: editing.change(session, "example-com", spec("example-com"), by="x"),
        lambda session: editing.archive(session, "example-com", by="x", now=NOW),
    ):
        with pytest.raises(Conflict, match="manifest"), database.begin() as session:
            verb(session)
    with database.begin() as session:
        assert editing.pause(session, "example-com", by="x", now=NOW).is_paused
        assert [one.paused for one in service.active(session)] == [True]
        assert not editing.resume(session, "example-com", by="x").is_paused


def test_what_is_paused_by_its_spec_is_resumed_there(database: Database) -> None:
    with database.begin() as session:
        editing.create(session, spec(paused=True), by="x", now=NOW)
    with pytest.raises(Conflict, match="paused: true"), database.begin() as session:
        editing.resume(session, "api", by="x")


def test_what_was_shown_can_be_written_back_and_the_secrets_stay(database: Database) -> None:
    made(database, "api")
    with database.begin() as session:
        before = editing.find(session, "api")
        assert "planted" not in str(before.shown)
        editing.change(session, "api", MonitorSpec.model_validate({**before.shown, "name": "New"}), by="x")
        after = editing.find(session, "api")
    assert after.spec == {**before.spec, "name": "New"}


def test_a_secret_can_be_changed_and_a_new_one_needs_its_value(database: Database) -> None:
    made(database, "api")
    with database.begin() as session:
        shown = editing.find(session, "api").shown
        headers = {"Authorization": "***", "X-Key": "another"}
        fresh = {**shown, "check": {**shown["check"], "headers": headers}}
        after = editing.change(session, "api", MonitorSpec.model_validate(fresh), by="x")
        assert after.spec["check"]["headers"] == {**SECRETS, "X-Key": "another"}
    masked = {**shown, "check": {**shown["check"], "headers": {"X-Other": "***"}}}
    with pytest.raises(Refused, match=r"check\.headers\.X-Other"), database.begin() as session:
        editing.change(session, "api", MonitorSpec.model_validate(masked), by="x")
    moved = {**shown, "check": {**shown["check"], "url": "https://example.com/other?token=***"}}
    with pytest.raises(Refused, match=r"check\.url"), database.begin() as session:
        editing.change(session, "api", MonitorSpec.model_validate(moved), by="x")


@pytest.mark.parametrize(
    "way",
    [
        {"auth": {"url": "https://evil.example/token"}}, {"proxy": "http://evil.example:8080"},
        {"resolver": "192.0.2.66"}, {"tls": {"insecure": True}}, {"url": "http://api.example.com:443/"},
        {"url": "https://evil.example/"},
    ],
)  # fmt: skip
def test_a_secret_does_not_go_along_where_others_would_hear_it(database: Database, way: dict[str, Any]) -> None:
    """Who may change a monitor may not read its secrets by having them sent elsewhere."""
    auth = {"kind": "oauth2", "url": "https://login.example.com/token", "client_id": "i", "client_secret": "planted"}
    check = {"kind": "http", "url": "https://api.example.com/", "auth": auth}
    with database.begin() as session:
        shown = editing.create(session, spec(check=check), by="x", now=NOW).shown
        longer = {**shown, "check": {**shown["check"], "version": "1.1"}}
        kept = editing.change(session, "api", MonitorSpec.model_validate(longer), by="x")
        assert kept.spec["check"]["auth"]["client_secret"] == "planted"
    old = shown["check"]
    new = {name: {**(old[name] or {}), **value} if isinstance(value, dict) else value for name, value in way.items()}
    moved = MonitorSpec.model_validate({**shown, "check": {**old, **new}})
    with pytest.raises(Refused, match="client_secret"), database.begin() as session:
        editing.change(session, "api", moved, by="x")


@pytest.mark.parametrize("given", [{"was": "old"}, {"depends_on": ["api"]}, {"depends_on": ["nobody"]}])
def test_what_does_not_fit_is_refused(database: Database, given: dict[str, Any]) -> None:
    with pytest.raises(Refused), database.begin() as session:
        editing.create(session, spec(**given), by="x", now=NOW)
    assert audited(database) == []


def test_no_secret_ever_enters_the_audit_log(database: Database) -> None:
    made(database, "api")
    changed = {"kind": "http", "url": URL + "2", "headers": {"X-Api-Key": "planted-too"}}
    with database.begin() as session:
        editing.change(session, "api", spec(check=changed), by="x")
        editing.archive(session, "api", by="x", now=NOW)
    with database.read() as session:
        rows = [vars(row) for row in session.scalars(select(audit.AuditRow))]
    assert len(rows) == 3
    assert "planted" not in str(rows)
    assert rows[1]["before"] != rows[1]["after"]


def test_pages_of_monitors_follow_one_another(database: Database) -> None:
    ids = [f"m{number}" for number in range(5)]
    made(database, *ids)
    found: list[str] = []
    after = None
    with database.read() as session:
        while some := editing.kept(session, after, 2):
            found += [one.id for one in some]
            after = (some[-1].position, some[-1].key)
    assert found == ids


def test_a_pause_ends_by_itself(database: Database) -> None:
    made(database, "api", "web")
    with database.begin() as session:
        paused = editing.pause(session, "api", by="cli:ada", now=NOW, until=NOW + 60 * MICROS)
        editing.pause(session, "web", by="cli:ada", now=NOW)
        assert paused.paused_until == NOW + 60 * MICROS
        before = revision(session)
    with database.begin() as session:
        assert not editing.is_pause_over(session, NOW + 59 * MICROS)
        editing.end_pauses(session, NOW + 59 * MICROS)
        assert editing.find(session, "api").is_paused
        assert editing.is_pause_over(session, NOW + 60 * MICROS)
        editing.end_pauses(session, NOW + 60 * MICROS)
        assert not editing.is_pause_over(session, NOW + 60 * MICROS)
        api = editing.find(session, "api")
        assert (api.is_paused, api.paused_until) == (False, None)
        assert editing.find(session, "web").is_paused
        assert revision(session) > before
    assert audited(database)[-1] == (audit.SYSTEM, "resume", "api")


def test_a_pause_may_be_given_another_end_and_none_in_the_past(database: Database) -> None:
    made(database, "api")
    with database.begin() as session:
        editing.pause(session, "api", by="cli:ada", now=NOW)
        longer = editing.pause(session, "api", by="cli:ada", now=NOW + MICROS, until=NOW + 9 * MICROS)
        assert (longer.paused_at, longer.paused_until) == (NOW, NOW + 9 * MICROS)
        assert editing.pause(session, "api", by="cli:ada", now=NOW + 2 * MICROS).paused_until is None
        with pytest.raises(Refused, match="in the past"):
            editing.pause(session, "api", by="cli:ada", now=NOW, until=NOW)


def test_a_monitor_is_wanted_once_however_often_somebody_asks(database: Database) -> None:
    made(database, "api", "web")
    with database.begin() as session:
        assert not editing.is_any_wanted(session)
        for _ in range(3):
            editing.want(session, "api", by="cli:ada", now=NOW)
        assert editing.is_any_wanted(session)
        assert editing.take_wanted(session) == [editing.find(session, "api").key]
        assert editing.take_wanted(session) == []
        editing.pause(session, "web", by="cli:ada", now=NOW)
        with pytest.raises(Conflict, match="paused"):
            editing.want(session, "web", by="cli:ada", now=NOW)
        with pytest.raises(NotFound):
            editing.want(session, "nobody", by="cli:ada", now=NOW)


def test_a_group_names_monitors_that_there_are_and_never_itself(database: Database) -> None:
    def group(id_: str, *members: str) -> MonitorSpec:
        return MonitorSpec.model_validate({"id": id_, "name": id_, "check": {"kind": "group", "members": members}})

    made(database, "api")
    with database.begin() as session:
        editing.create(session, group("inner", "api"), by="cli:ada", now=NOW)
        editing.create(session, group("outer", "inner", "api"), by="cli:ada", now=NOW)
        with pytest.raises(Refused, match='there is no monitor "nobody"'):
            editing.create(session, group("other", "nobody"), by="cli:ada", now=NOW)
        with pytest.raises(Refused, match="member of itself"):
            editing.change(session, "inner", group("inner", "outer"), by="cli:ada")

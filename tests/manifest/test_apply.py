"""A manifest applied to a real database, SQLite and PostgreSQL: all of it or nothing, twice is once."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select, text

from signalbox import clock
from signalbox.checks.http import HttpCheck
from signalbox.db import Database
from signalbox.db.configured import Origin, as_document, sealed
from signalbox.errors import ConfigurationError
from signalbox.manifest.apply import apply, plan
from signalbox.manifest.document import Manifest
from signalbox.manifest.plan import Plan
from signalbox.monitors import service
from signalbox.monitors.judge import Rules
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec
from signalbox.pages.service import active_pages
from signalbox.pages.specs import PageSpec


def _spec(id: str, url: str | None = None, *, was: str | None = None, every: float = 60) -> MonitorSpec:
    check = HttpCheck(url=url or f"https://{id}.example.com")
    return MonitorSpec(id=id, name=id.upper(), check=check, every=every, was=was)


def _manifest(*specs: MonitorSpec | str, pages: tuple[PageSpec, ...] = ()) -> Manifest:
    monitors = tuple(_spec(spec) if isinstance(spec, str) else spec for spec in specs)
    return Manifest(monitors=monitors, pages=pages) if pages else Manifest(monitors=monitors)


def _apply(database: Database, manifest: Manifest) -> Plan:
    with database.begin() as session:
        return apply(session, manifest)


def _monitors(database: Database) -> list[service.Monitor]:
    with database.read() as session:
        return service.active(session)


def _keys(database: Database) -> list[tuple[str, str]]:
    return [(monitor.key, monitor.id) for monitor in _monitors(database)]


def _revision(database: Database) -> int:
    with database.read() as session:
        return service.revision(session)


def test_what_is_applied_is_what_is_watched(database: Database) -> None:
    check = HttpCheck(url="https://me:hunter2@example.com/?token=x", headers={"Authorization": "Bearer hunter2"})
    wanted = MonitorSpec(
        id="api", name="Ünïcode ☃", group="Backend", tags=("a", "b"), check=check, every=30, timeout=2.5
    )
    _apply(database, _manifest(wanted, "other"))
    api, other = _monitors(database)
    assert abs(api.created_at - clock.now()) < 60 * clock.MICROS
    assert replace(api, created_at=0) == service.Monitor(
        key="api", id="api", name="Ünïcode ☃", group="Backend", tags=("a", "b"), check=check,
        target="https://example.com/?token=***", every=30, timeout=2.5, position=0, origin=Origin.MANIFEST,
        rules=Rules(every=30.0), certificate=3 * 86_400.0,
    )  # fmt: skip
    assert (other.id, other.position) == ("other", 1)


def test_secrets_are_not_in_the_database_to_be_read(database: Database) -> None:
    check = HttpCheck(url="https://me:hunter2@example.com", headers={"Authorization": "Bearer hunter2"})
    _apply(database, _manifest(MonitorSpec(id="a", name="A", check=check)))
    with database.read() as session:
        rows = session.execute(text("SELECT * FROM monitors")).all()
    assert len(rows) == 1
    assert "hunter2" not in str(rows)


def test_applying_twice_changes_nothing_not_even_the_revision(database: Database) -> None:
    manifest = _manifest("a", _spec("b", was="before"), pages=(PageSpec(slug="one", title="One"),))
    assert not _apply(database, manifest).empty
    before = _revision(database)
    assert _apply(database, manifest).empty
    assert _revision(database) == before


def test_every_change_raises_the_revision_once(database: Database) -> None:
    revisions = [_revision(database)]
    for manifest in (_manifest("a", "b"), _manifest("b", "a"), _manifest("b"), _manifest(_spec("b", every=5))):
        _apply(database, manifest)
        revisions.append(_revision(database))
    assert revisions == [0, 1, 2, 3, 4]


def test_another_order_changes_the_order_only(database: Database) -> None:
    _apply(database, _manifest("a", "b", "c"))
    assert str(_apply(database, _manifest("c", "b", "a"))) == "monitors: 2 moved, 1 unchanged; pages: 1 unchanged"
    assert _keys(database) == [("c", "c"), ("b", "b"), ("a", "a")]


def test_what_leaves_is_archived_and_what_returns_has_its_key_again(database: Database) -> None:
    _apply(database, _manifest(_spec("a", every=30), "b"))
    _apply(database, _manifest("b"))
    assert _keys(database) == [("b", "b")]
    with database.read() as session:
        row = session.scalars(select(MonitorRow).where(MonitorRow.key == "a")).one()
        assert row.archived_at is not None
        created = row.created_at
    _apply(database, _manifest("b", _spec("a", every=90)))
    assert [(monitor.key, monitor.every) for monitor in _monitors(database)] == [("b", 60), ("a", 90)]
    with database.read() as session:
        assert session.scalars(select(MonitorRow.created_at).where(MonitorRow.key == "a")).one() == created


def test_a_rename_keeps_the_key_and_the_old_id_is_free(database: Database) -> None:
    _apply(database, _manifest("a"))
    _apply(database, _manifest(_spec("b", was="a"), "a"))
    assert _keys(database) == [("a", "b"), ("a-2", "a")]


def test_ids_handed_on_in_a_row_meet_no_rule_of_the_schema(database: Database) -> None:
    _apply(database, _manifest("a", "b", "c"))
    _apply(database, _manifest(_spec("b", was="a"), _spec("c", was="b"), _spec("d", was="c")))
    assert _keys(database) == [("a", "b"), ("b", "c"), ("c", "d")]


def test_a_new_thing_may_take_the_id_of_one_that_leaves_at_the_same_time(database: Database) -> None:
    _apply(database, _manifest("a", "b"))
    _apply(database, _manifest(_spec("b", was="a")))  # b is taken, so a is not renamed but archived
    assert _keys(database) == [("b", "b")]


def test_pages_are_applied_like_monitors(database: Database) -> None:
    one, two = PageSpec(slug="one", title="One", timezone="Europe/Budapest"), PageSpec(slug="two", title="Two")
    _apply(database, _manifest(pages=(one, two)))
    _apply(database, _manifest(pages=(two, one.model_copy(update={"title": "Uno"}))))
    with database.read() as session:
        assert [(page.slug, page.title, page.timezone) for page in active_pages(session)] == [
            ("two", "Two", "UTC"), ("one", "Uno", "Europe/Budapest"),
        ]  # fmt: skip
    before = _revision(database)
    _apply(database, _manifest(pages=(one,)))
    _apply(database, _manifest(pages=(one, two)))
    assert _revision(database) == before + 2
    with database.read() as session:
        assert [page.slug for page in active_pages(session)] == ["one", "two"]


def _made_by_the_api(database: Database, id: str) -> None:
    spec = _spec(id)
    with database.begin() as session:
        row = {
            **service.columns(spec), "key": id, "spec": sealed(session, as_document(spec)), "origin": Origin.API,
            "position": 0, "created_at": 1, "revision": 0, "archived_at": None,
        }  # fmt: skip
        session.execute(insert(MonitorRow), [row])


def test_what_the_api_made_is_never_touched(database: Database) -> None:
    _made_by_the_api(database, "mine")
    _apply(database, _manifest("a"))
    _apply(database, _manifest())
    assert [(monitor.id, monitor.origin) for monitor in _monitors(database)] == [("mine", Origin.API)]


def test_an_id_that_the_api_took_refuses_the_whole_manifest(database: Database) -> None:
    _apply(database, _manifest("before"))
    _made_by_the_api(database, "mine")
    revision = _revision(database)
    with pytest.raises(ConfigurationError, match="mine"):
        _apply(database, _manifest("a", "mine", "b"))
    assert sorted(monitor.id for monitor in _monitors(database)) == ["before", "mine"]
    assert _revision(database) == revision


def test_a_plan_alone_changes_nothing(database: Database) -> None:
    with database.read() as session:
        assert str(plan(session, _manifest("a"))) == "monitors: 1 created; pages: 1 created"
    assert _monitors(database) == []


def test_processes_that_apply_at_the_same_time_do_it_once(database: Database) -> None:
    manifest = _manifest(*"abcdefgh")
    plans: list[Plan] = []
    gate = threading.Barrier(5)

    def work() -> None:
        gate.wait()
        plans.append(_apply(database, manifest))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.empty for one in plans) == [False, True, True, True, True]
    assert _revision(database) == 1


def test_a_key_that_is_not_the_right_one_reads_no_monitor(database: Database, state_url: str, tmp_path: Path) -> None:
    _apply(database, _manifest("a"))
    stranger = Database(state_url, data=tmp_path / "elsewhere", secret_key=SecretStr("x" * 32))
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        _monitors(stranger)
    stranger.close()


def test_thousands_of_monitors_are_applied_and_read(database: Database) -> None:
    manifest = _manifest(*(f"m{number}" for number in range(2_000)))
    _apply(database, manifest)
    assert len(_monitors(database)) == 2_000
    assert _apply(database, manifest).empty

"""What a process knows beside signals follows the database within a look, and stays while that is away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from signalbox import clock
from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS, to_datetime
from signalbox.db import Database
from signalbox.db.configured import add
from signalbox.db.installation import raise_changes
from signalbox.errors import Unavailable
from signalbox.incidents import writing
from signalbox.incidents.specs import Affected, IncidentSpec, UpdateSpec
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.specs import Expected, MaintenanceSpec, What
from signalbox.monitors import service, standings
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec
from signalbox.pages import snapshot
from signalbox.pages.board import Board
from signalbox.pages.document import PageDocument, PageHead, State
from signalbox.pages.publication import Publication, View
from signalbox.pages.template import Template
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from signalbox.stores.memory import MemoryStore
from tests.monitors.test_judge import story
from tests.pages.examples import seen
from tests.pages.test_html import SHELL
from tests.pages.test_publication import made
from tests.servers.process import await_condition

BY = "cli:ada"
NOW = clock.now()
HOUR = 3_600 * MICROS
PAGE = PageHead(slug="main", title="Acme status", timezone="UTC")


@pytest.fixture
def watched(database: Database) -> Database:
    """An installation that watches `api`, which was judged up."""
    with database.begin() as session:
        spec = MonitorSpec(id="api", name="API", check=HttpCheck(url="https://example.com"))
        add(session, MonitorRow, "api", spec, columns=service.columns(spec), now=1)
    judged(database, "uu")
    return database


def judged(database: Database, signs: str) -> None:
    standing, changes = story(signs)
    with database.begin() as session:
        key = service.active(session)[0].key
        standings.save(session, {key: standing})
        fresh = changes[-1:]  # each story begins as the one before it did
        standings.write_spells(session, [change._replace(monitor=key) for change in fresh])
        raise_changes(session)


def page(database: Database, board: Board, verdict: Verdict = Verdict.UP, now: int = NOW) -> PageDocument:
    with database.read() as session:
        monitors = service.active(session)
    window = Window(monitors, (PAGE,))
    window.add([seen(monitors[0], now, verdict)])
    return snapshot.build(window, PAGE, now, board.known)


def open_incident(database: Database) -> str:
    spec = IncidentSpec(title="Slow answers", body="We **look**.", monitors={"api": Affected.PARTIAL})
    with database.begin() as session:
        return writing.open_(session, spec, by=BY, now=NOW).public


def resolve(database: Database, public: str) -> None:
    with database.begin() as session:
        writing.resolve(session, public, UpdateSpec(body="Over."), by=BY, now=NOW + MICROS)


def begin_work(database: Database, expected: Expected = Expected.DOWN) -> None:
    with database.begin() as session:
        what = What(monitors=("api",))
        maintenance.start_now(session, title="Upgrade", for_=3_600, what=what, by=BY, now=NOW, expected=expected)


def test_nothing_new_is_not_read_again(watched: Database) -> None:
    board = Board(watched)
    assert board.look(NOW)
    known, version = board.known, board.version
    assert not board.look(NOW + 1)
    assert (board.known, board.version) == (known, version)


@pytest.mark.parametrize(
    "change",
    [lambda database: judged(database, "uudd"), open_incident, begin_work],
    ids=["judged", "told", "announced"],
)
def test_whatever_readers_may_see_makes_a_new_version(watched: Database, change: Callable[[Database], Any]) -> None:
    board = Board(watched)
    board.look(NOW)
    version = board.version
    change(watched)
    assert board.look(NOW + 1)
    assert board.version == version + 1


def test_one_bad_check_is_checking_and_a_confirmed_outage_is_down(watched: Database) -> None:
    board = Board(watched)
    board.look(NOW)
    once = page(watched, board, Verdict.DOWN)
    assert (once.headline.code, once.groups[0].items[0].checking) == ("operational", True)
    judged(watched, "uudd")
    board.look(NOW + 1)
    twice = page(watched, board, Verdict.DOWN)
    assert (twice.headline.code, twice.groups[0].items[0].checking) == ("major-all", False)


def test_an_incident_marks_what_it_affects_until_it_is_over(watched: Database) -> None:
    board = Board(watched)
    public = open_incident(watched)
    board.look(NOW)
    told = page(watched, board)
    assert told.headline.code == "partial"
    assert [one.title for one in told.incidents] == ["Slow answers"]
    assert "<strong>look</strong>" in told.incidents[0].updates[0].html
    resolve(watched, public)
    board.look(NOW + 2 * MICROS)
    over = page(watched, board, now=NOW + 2 * MICROS)
    assert over.headline.state is State.OPERATIONAL
    assert not over.incidents
    assert over.past is not None
    assert [one.id for day in over.past.listed for one in day.incidents] == [public]
    assert over.past.calm == over.past.days - 1


def test_announced_work_shows_before_and_while_it_goes_on(watched: Database) -> None:
    start = NOW + 2 * HOUR - NOW % MICROS
    spec = MaintenanceSpec.model_validate({
        "title": "Upgrade", "monitors": ["api"], "start": to_datetime(start).isoformat(), "for": "1h",
    })  # fmt: skip
    with watched.begin() as session:
        maintenance.schedule(session, spec, by=BY, now=NOW)
    board = Board(watched)
    board.look(NOW)
    before = page(watched, board)
    assert (before.headline.code, [work.title for work in before.maintenance]) == ("operational", ["Upgrade"])
    version = board.version
    during = start + MICROS
    assert board.look(during)  # by the clock alone: nobody wrote anything
    assert board.version == version + 1
    assert page(watched, board, now=during).headline.code == "maintenance"
    assert page(watched, board, now=start + HOUR + MICROS).headline.code == "operational"


@pytest.mark.parametrize(("expected", "code"), [(Expected.DOWN, "maintenance"), (Expected.NONE, "major-all")])
def test_only_work_that_is_expected_to_be_down_hides_an_outage(
    watched: Database, expected: Expected, code: str
) -> None:
    judged(watched, "uudd")
    board = Board(watched)
    begin_work(watched, expected)
    board.look(NOW)
    assert page(watched, board, Verdict.DOWN, NOW + MICROS).headline.code == code


def test_while_the_database_is_away_the_page_shows_what_was_known(watched: Database) -> None:
    public = open_incident(watched)
    refused: list[str] = []

    def refuse(*call: object) -> None:
        if threading.current_thread().name == "board":
            refused.append(str(call[2]))
            raise Unavailable("the database is away")

    board = Board(watched)
    board.start()
    try:
        known = board.known
        event.listen(Engine, "before_cursor_execute", refuse)
        resolve(watched, public)
        await_condition(lambda: len(refused) >= 2, "two looks that failed")
        assert board.known is known
        assert known.incidents[0].resolved_at is None
        event.remove(Engine, "before_cursor_execute", refuse)
        await_condition(lambda: board.known.incidents[0].resolved_at is not None, "the news")
    finally:
        if event.contains(Engine, "before_cursor_execute", refuse):
            event.remove(Engine, "before_cursor_execute", refuse)
        board.close()


def test_reading_a_page_asks_no_database(watched: Database) -> None:
    board = Board(watched)
    board.look(clock.now())
    with watched.read() as session:
        monitors = service.active(session)
    window = Window(monitors, (PAGE,))
    window.add([seen(monitors[0], clock.now())])
    public = Publication(window, MemoryStore(), Template(SHELL, "policy"), None, board)
    asked: list[str] = []

    def ask(*call: object) -> None:
        asked.append(str(call[2]))

    event.listen(Engine, "before_cursor_execute", ask)
    try:
        assert "All systems operational" in made(public.page(View("main", True)))[0]
    finally:
        event.remove(Engine, "before_cursor_execute", ask)
    public.close()
    assert not asked


def test_the_last_14_days_are_days_of_the_pages_zone(watched: Database) -> None:
    public = open_incident(watched)
    resolve(watched, public)
    board = Board(watched)
    board.look(NOW + 2 * MICROS)
    told = page(watched, board, now=NOW + 2 * MICROS).past
    assert told is not None
    assert told.listed[0].day == f"{to_datetime(NOW + MICROS):%Y-%m-%d}"
    later = NOW + int(timedelta(days=15) / timedelta(microseconds=1))
    board.look(later)
    assert page(watched, board, now=later).past == told.model_copy(update={"listed": [], "calm": 14})

"""What a process knows beside signals follows the database within a look, and stays while that is away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from signalbox import clock, ledger
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
from signalbox.monitors.models import MonitorRow, SpellRow
from signalbox.monitors.specs import MonitorSpec
from signalbox.pages import snapshot
from signalbox.pages.board import Board
from signalbox.pages.document import PageDocument, State, Zoom
from signalbox.pages.publication import Publication, View
from signalbox.pages.service import Page
from signalbox.pages.template import Template
from signalbox.pages.window import Window
from signalbox.runner.due import Batch
from signalbox.signals import Verdict
from signalbox.stores.memory import MemoryStore
from signalbox.uptime.annotations import annotate
from tests.monitors.test_judge import story
from tests.pages.examples import seen
from tests.pages.test_html import SHELL
from tests.pages.test_publication import made
from tests.servers.process import await_condition

BY = "cli:ada"
NOW = clock.now()
HOUR = 3_600 * MICROS
DAY = 24 * HOUR
PAGE = Page(slug="main", title="Acme status", timezone="UTC")


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


def page(
    database: Database,
    board: Board,
    verdict: Verdict = Verdict.UP,
    now: int = NOW,
    *,
    seen_at: int | None = None,
    zoom: Zoom = Zoom.HOUR,
) -> PageDocument:
    with database.read() as session:
        monitors = service.active(session)
    window = Window(monitors, (PAGE,))
    window.add([seen(monitors[0], now if seen_at is None else seen_at, verdict)])
    return snapshot.build(window, PAGE, now, board.known, zoom=zoom, behind=snapshot.Behind(board.past))


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
        assert "All systems operational" in made(public, View("main", True))[0]
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


def began(database: Database, start: int, verdict: Verdict = Verdict.UP) -> None:
    """What goes on has gone on since then."""
    with database.begin() as session:
        session.execute(update(SpellRow).values(start=start, verdict=verdict.value))
        raise_changes(session)


def settled(database: Database, moment: int, count: int = 1, keys: tuple[str, ...] = ("api",)) -> None:
    """A batch of the monitor that was due then, and so much of it judged."""
    with database.begin() as session:
        ledger.note(session, [Batch("local", moment, 0, keys, 0)])
        if count:
            ledger.settle(session, {ledger.Name("local", moment, 0): count})


def judging(database: Database, board: Board, since: int, until: int) -> None:
    """Batches are judged each ten seconds, and the board looks."""
    for moment in range(since, until + 1, 10 * MICROS):
        settled(database, moment)
        board.look(moment)


def test_while_the_store_is_away_judging_keeps_the_page_fresh(watched: Database) -> None:
    board, later = Board(watched), NOW + 600 * MICROS
    judging(watched, board, NOW, later)
    told = page(watched, board, now=later, seen_at=NOW)
    item = told.groups[0].items[0]
    assert (told.headline.code, item.state, item.quiet, item.checking) == ("operational", "operational", False, False)
    assert told.newest_result_at == clock.iso(later)
    assert item.checked_at is not None
    assert clock.iso(NOW) < item.checked_at < told.newest_result_at


def test_a_page_whose_judging_stopped_is_stale(watched: Database) -> None:
    board, stopped = Board(watched), NOW + 600 * MICROS
    judging(watched, board, NOW, stopped)
    for moment in range(stopped + 10 * MICROS, stopped + 300 * MICROS, 10 * MICROS):
        settled(watched, moment, 0)  # handed out, and nobody judges
        board.look(moment)
    told = page(watched, board, now=stopped + 300 * MICROS, seen_at=NOW)
    assert (told.headline.code, told.newest_result_at) == ("stale", clock.iso(stopped))


def test_signals_that_nobody_judges_take_the_green_from_what_was_confirmed(watched: Database) -> None:
    """The database is away and checks go on: for a while a failure is not confirmed yet, then it never will be."""
    board, stopped = Board(watched), NOW + 600 * MICROS
    judging(watched, board, NOW, stopped)
    soon, late = stopped + 180 * MICROS, stopped + 181 * MICROS
    checking = page(watched, board, Verdict.DOWN, soon)
    assert (checking.headline.code, checking.groups[0].items[0].checking) == ("operational", True)
    told = page(watched, board, Verdict.DOWN, late)
    assert (told.headline.code, told.groups[0].items[0].state) == ("stale", "no-data")
    assert page(watched, board, Verdict.UP, late).headline.code == "operational"


def test_judging_that_stopped_is_remembered_for_longer_than_the_ledger_is_looked_through(watched: Database) -> None:
    board, stopped = Board(watched), NOW + 600 * MICROS
    judging(watched, board, NOW, stopped)
    later = stopped + 3_600 * MICROS
    board.look(later)
    assert page(watched, board, Verdict.DOWN, later).headline.code == "stale"


def test_a_monitor_whose_own_batches_go_unanswered_is_not_taken_for_watched(watched: Database) -> None:
    board, later = Board(watched), NOW + 600 * MICROS
    for moment in range(NOW, later + 1, 10 * MICROS):
        settled(watched, moment, 1, ("other",))
        if moment % (60 * MICROS) < 10 * MICROS:
            settled(watched, moment + 1, 0)
        board.look(moment)
    item = page(watched, board, now=later, seen_at=NOW).groups[0].items[0]
    assert (item.state, item.quiet, item.checked_at) == ("no-data", True, clock.iso(NOW))


def test_after_a_gap_in_judging_nobody_is_taken_for_watched_at_once(watched: Database) -> None:
    board, later = Board(watched), NOW + 3_600 * MICROS
    judging(watched, board, NOW, NOW + 300 * MICROS)
    judging(watched, board, later, later + 60 * MICROS)
    told = page(watched, board, now=later + 60 * MICROS, seen_at=NOW)
    assert told.groups[0].items[0].state == "no-data"


def test_an_outage_is_in_the_bar_of_its_day_and_its_incident_points_at_it(watched: Database) -> None:
    public = open_incident(watched)
    began(watched, NOW - 200 * DAY)
    board = Board(watched)
    board.look(NOW)
    board.past.look(NOW)
    told = page(watched, board, zoom=Zoom.DAYS)
    item = told.groups[0].items[0]
    assert told.scale is not None
    assert (told.scale.cells, item.bar and item.bar[-1], item.minutes is None) == (90, "u", False)
    assert [(mark.at, mark.incidents) for mark in item.marks] == [(89, [public])]
    assert item.uptime == "100.000"
    assert told.groups[0].uptime == "100.000"


def test_only_what_changed_is_worked_out_again(watched: Database) -> None:
    board = Board(watched)
    assert board.past.look(NOW)
    kept, version = board.past.kept, board.past.version
    assert not board.past.look(NOW + MICROS)
    open_incident(watched)
    assert board.past.look(NOW + 2 * MICROS)
    assert board.past.version == version + 1
    assert all(board.past.kept.histories[key] is one for key, one in kept.histories.items())
    began(watched, NOW - HOUR, Verdict.DOWN)
    assert board.past.look(NOW + 3 * MICROS)
    assert any(board.past.kept.histories[key] is not one for key, one in kept.histories.items())


def test_what_is_said_of_a_day_long_ago_shows_at_the_next_look(watched: Database) -> None:
    start = NOW - 40 * DAY
    began(watched, start, Verdict.DOWN)
    board = Board(watched)
    board.past.look(NOW)
    item = page(watched, board, zoom=Zoom.DAYS).groups[0].items[0]
    assert item.bar is not None
    assert item.bar.count("x") == 41
    with watched.begin() as session:
        key = service.active(session)[0].key
        annotate(session, key, "false-positive", start, NOW, by=BY, now=NOW)
    board.past.look(NOW + MICROS)
    item = page(watched, board, zoom=Zoom.DAYS).groups[0].items[0]
    assert item.bar == "." * 49 + "u" * 41
    assert item.since == clock.iso(start)

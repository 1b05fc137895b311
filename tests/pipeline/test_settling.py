"""What signals cause, in the one transaction that judges them: spells, notices, incidents; nothing when all is well."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import event, func, select

from signalbox.checks.evidence import Evidence
from signalbox.checks.probe import Probe
from signalbox.db import Database
from signalbox.db.installation import changes
from signalbox.guard import Guard
from signalbox.monitors import evidence
from signalbox.monitors.knowledge import Knowledge
from signalbox.monitors.models import SpellRow
from signalbox.notifications.models import NoticeRow
from signalbox.pipeline import answer, seen
from signalbox.pipeline.settling import Recheck
from signalbox.signals import Verdict
from tests.pipeline.stage import Stage, rechecks


def test_a_healthy_check_writes_nothing(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}, {"id": "web"}])
    stage.see(api="uuu", web="uuu")
    statements: list[str] = []
    engine = database._engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with database.read() as session:
        before = changes(session)
    statements.clear()
    stage.settle([stage.signal("api", "u"), stage.signal("web", "u")])
    written = [text for text in statements if text.split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert written == []
    assert sum(text.startswith("SELECT") for text in statements) == 1  # who is restless
    with database.read() as session:
        assert changes(session) == before


def test_an_outage_is_told_once_and_its_end_once(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}])
    stage.see(api="uudddddduuuu")
    assert stage.told() == [("api", "down"), ("api", "up")]
    assert stage.facts("api", "down")["message"] == "no connection: refused"
    assert stage.facts("api", "up")["down_s"] == 6 * 60


def test_a_first_failure_is_checked_again_and_told_to_nobody(database: Database) -> None:
    stage = Stage(database, [{"id": "api", "recheck": "3s"}])
    done = stage.see(api="uudu")
    assert [(one.monitor, one.delay) for one in rechecks(done)] == [("api", 3.0)]
    assert stage.told() == []


def test_not_being_able_to_look_is_told_to_nobody(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}])
    stage.see(api="uu????uu")
    assert stage.told() == []
    stage.see(api="dd??dduu")
    assert stage.told() == [("api", "down"), ("api", "up")]


def test_what_comes_and_goes_is_told_once_until_it_is_steady(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}])
    stage.see(api="u" + "dduu" * 6 + "u" * 20)
    kinds = [kind for _, kind in stage.told()]
    assert kinds.count("flapping") == 1
    assert kinds[-1] == "up"
    assert len(kinds) < 2 * 6


def test_an_incident_is_opened_and_resolved_for_a_monitor_that_says_so(database: Database) -> None:
    stage = Stage(database, [{"id": "api", "incident": True}, {"id": "web"}])
    stage.see(api="udd", web="udd")
    assert stage.incidents() == [("Api is down", "investigating")]
    stage.see(api="uu", web="uu")
    assert stage.incidents() == [("Api is down", "resolved")]


def test_a_parents_outage_holds_back_its_childrens_notices_and_nothing_else(database: Database) -> None:
    stage = Stage(database, [{"id": "router"}, {"id": "api", "depends_on": ["router"]}, {"id": "web"}])
    done = stage.see(api="ud", router="uu", web="uu")
    assert {(one.monitor, one.delay) for one in rechecks(done)} == {("api", 3.0), ("router", 0.0)}
    stage.see(api="ddd", router="ddd")
    assert stage.told() == [("router", "down")]
    assert stage.facts("router", "down")["dependents"] == ["Api"]
    assert stage.standing("api").verdict is Verdict.DOWN  # its history goes on
    stage.see(api="uuuu", router="uuuu")
    assert stage.told() == [("router", "down"), ("router", "up")]


def test_a_child_that_failed_a_moment_before_its_parent_is_held_back_too(database: Database) -> None:
    stage = Stage(database, [{"id": "router"}, {"id": "api", "depends_on": ["router"]}])
    stage.see(api="udd", router="uuu")
    assert stage.told() == [("api", "down")]  # on its way
    stage.see(api="dd", router="dd")
    assert stage.told() == [("router", "down")]


def test_a_child_that_stays_down_is_told_when_its_parent_is_back_with_the_cause(database: Database) -> None:
    stage = Stage(database, [{"id": "router"}, {"id": "api", "depends_on": ["router"]}])
    stage.see(api="uddd", router="uddd")
    stage.see(api="dddddddd", router="uuuuuuuu")
    assert stage.told() == [("router", "down"), ("router", "up"), ("api", "down")]
    assert stage.facts("api", "down")["cause"] == "Router"


def test_a_monitor_still_down_when_its_window_ends_is_told_then(database: Database) -> None:
    window = {"title": "Backup", "start": "2027-01-15T08:02:00Z", "for": "5m", "monitors": ["api"]}
    stage = Stage(database, [{"id": "api", "incident": True}], maintenance=[window])
    stage.see(api="uuudd")
    assert (stage.told(), stage.incidents()) == ([], [])
    stage.see(api="dddd")
    assert stage.told() == [("api", "down")]
    assert stage.incidents() == [("Api is down", "investigating")]


def test_an_outage_within_a_window_is_told_to_nobody(database: Database) -> None:
    window = {"title": "Backup", "start": "2027-01-15T08:02:00Z", "for": "10m", "monitors": ["api"]}
    stage = Stage(database, [{"id": "api"}], maintenance=[window])
    stage.see(api="uuudduuuuuuuuuu")
    assert stage.told() == []


def test_the_end_of_an_outage_told_before_the_window_is_told_inside_it(database: Database) -> None:
    window = {"title": "Backup", "start": "2027-01-15T08:04:00Z", "for": "30m", "monitors": ["api"]}
    stage = Stage(database, [{"id": "api"}], maintenance=[window])
    stage.see(api="uddddddduu")
    assert stage.told() == [("api", "down"), ("api", "up")]


def test_nobody_is_reminded_while_it_is_worked_on(database: Database) -> None:
    window = {"title": "Repair", "start": "2027-01-15T08:05:00Z", "for": "20m", "monitors": ["api"]}
    routes = [{"to": ["hook"], "repeat": "5m"}]
    stage = Stage(database, [{"id": "api"}], maintenance=[window], routes=routes)
    stage.see(api="udd")
    assert stage.deliver() == ["down"]
    for _ in range(21):
        stage.see(api="d")
        assert stage.deliver() == []
    stage.see(api="ddd")
    assert stage.deliver() == ["down"]  # the work is over, and it still lasts


def test_a_paused_monitor_is_judged_no_more_and_what_waits_is_withdrawn(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}], routes=[{"to": ["hook"], "delay": "1h"}])
    stage.see(api="udd")
    assert stage.told() == [("api", "down")]  # it waits for its time
    stage.configure([{"id": "api", "paused": True}], routes=[{"to": ["hook"], "delay": "1h"}])
    stage.sweep()
    standing = stage.standing("api")
    assert (standing.verdict, standing.paused) == (Verdict.UNKNOWN, True)
    assert stage.told() == []
    stage.configure([{"id": "api"}])
    stage.sweep()
    stage.see(api="uu")
    assert stage.standing("api").verdict is Verdict.UP


def test_what_leaves_the_manifest_keeps_its_spells_and_returns_with_them(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}, {"id": "web"}])
    stage.see(api="uu", web="uu")
    stage.configure([{"id": "web"}])
    stage.sweep()
    stage.configure([{"id": "api"}, {"id": "web"}])
    stage.see(api="uu", web="uu")
    with database.read() as session:
        spells = session.scalars(select(SpellRow).where(SpellRow.monitor == "api").order_by(SpellRow.start)).all()
    assert [(spell.verdict, spell.end is None) for spell in spells] == [("up", False), ("up", True)]


@pytest.mark.parametrize("number", [1_000])
def test_a_thousand_failing_at_once_are_settled_in_one_transaction(database: Database, number: int) -> None:
    stage = Stage(database, [{"id": f"m{n}"} for n in range(number)])
    stage.see(**{f"m{n}": "udd" for n in range(number)})
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(NoticeRow)) == number
    assert len(stage.told()) == number


def test_unanswered_slots_between_two_answers_become_a_gap(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}])
    stage.see(api="uu")
    gap = stage.now
    stage.due("api")
    stage.minute += 1
    stage.see(api="uuuu")
    stage.reap()
    assert spells_of(database) == ["up", "unknown", "up"]
    with database.read() as session:
        unknown = session.scalars(select(SpellRow).where(SpellRow.verdict == "unknown")).one()
    assert (unknown.start, unknown.end) == (gap, gap + 60_000_000)
    assert stage.told() == []


def test_unanswered_slots_at_the_end_make_a_monitor_unknown(database: Database) -> None:
    stage = Stage(database, [{"id": "api"}])
    stage.see(api="uu")
    for _ in range(3):
        stage.due("api")
        stage.minute += 1
    stage.minute += 3
    stage.reap()
    standing = stage.standing("api")
    assert (standing.verdict, standing.known, standing.reason.value) == (Verdict.UNKNOWN, Verdict.UP, "missed")
    assert spells_of(database) == ["up", "unknown"]
    stage.see(api="u")
    assert spells_of(database) == ["up", "unknown", "up"]


def spells_of(database: Database) -> list[str]:
    """Verdicts of the spells, in order."""
    with database.read() as session:
        return list(session.scalars(select(SpellRow.verdict).order_by(SpellRow.start)))


def test_evidence_is_kept_of_what_made_suspect_and_of_what_confirmed(database: Database) -> None:
    stage = Stage(database, [{"id": "a"}])
    found, moments = Evidence(), []
    found.note("body", "<h1>Oops</h1>")
    for _ in range(4):
        signal = stage.signal("a", "d")
        moments.append(signal.moment)
        with database.begin() as session:
            settled = stage.settling.settle(session, Counter(), [signal], stage.now, {signal[:3]: found})
        stage.settling.done(settled)
        stage.minute += 1
    with database.read() as session:
        kept = evidence.of(session, "a")
    assert [one.moment for one in kept] == [moments[1], moments[0]]  # the others tell nothing new
    assert kept[0].entries[0].text == "<h1>Oops</h1>"


async def test_a_group_is_asked_as_soon_as_a_member_flips_and_believes_at_once(database: Database) -> None:
    stage = Stage(
        database, [{"id": "a"}, {"id": "b"}, {"id": "all", "check": {"kind": "group", "members": ["a", "b"]}}]
    )
    stage.see(a="uu", b="uu")
    (settled,) = stage.see(a="d")
    assert "all" not in {one.monitor for one in settled.rechecks}
    (settled,) = stage.see(a="d")
    assert Recheck("all", "local", 0.0) in settled.rechecks
    probe = Probe(Guard.from_setting("internal"), known=Knowledge(database))
    outcome = await answer(stage.roster.by_key["all"], probe, fresh=True)
    assert (outcome.verdict, outcome.message) == (Verdict.DOWN, "1 of 2 members is down: A")
    stage.settle([seen(stage.roster.by_key["all"], "local", stage.now, outcome)])
    assert stage.standing("all").verdict is Verdict.DOWN

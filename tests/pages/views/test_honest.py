"""No view tells more than is known, nor more than is public."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from typing import NamedTuple

import pytest
from sqlalchemy import select

from signalbox import ledger
from signalbox.checks.evidence import Evidence
from signalbox.clock import iso
from signalbox.errors import NotFound
from signalbox.incidents import writing
from signalbox.incidents.specs import Affected, IncidentSpec, Status, UpdateSpec
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.specs import What
from signalbox.monitors import evidence
from signalbox.monitors.models import SpellRow
from signalbox.pages import views
from signalbox.pages.shelf import Body
from signalbox.pages.specs import RESERVED
from signalbox.pages.specs import Evidence as Telling
from signalbox.pages.state import SOONEST_STALE
from signalbox.pages.views import doubt, strip
from signalbox.signals import Reason, Signal, Verdict
from signalbox.uptime import days
from tests.pages.views.conftest import BY, HOUR, MINUTE, NOW, Scene


class Asked(NamedTuple):
    """A batch for the ledger."""

    location: str
    moment: int
    part: int
    monitors: tuple[str, ...]
    revision: int


def fall_silent(scene: Scene) -> None:
    """Nobody has asked anything for six hours, and nobody said that what went on ended."""
    with scene.database.begin() as session:
        ledger.note(session, [Asked("local", NOW - 6 * HOUR, 0, ("api", "docs"), 0)])


def made(scene: Scene, path: str) -> Body:
    """A view made now, whatever is on the shelf."""
    wanted = scene.gallery.wanted(path)
    assert wanted is not None
    return scene.gallery._make(wanted)[0]


def test_hours_that_nobody_asked_in_are_up_in_no_view(scene: Scene) -> None:
    fall_silent(scene)
    receipt = scene.html("monitor/api/receipt", "window=1d")
    assert "75.00" in receipt  # its coverage: of 24 hours 18 are known
    assert re.search(r"<small>.*7\d\.\d\d", scene.html("monitor/api"))
    day = scene.html("day/2026-11-24").partition('id="docs"')[2].partition("</li>")[0]
    assert '<path class="l-none" d="M' in day
    assert "No data" in day
    assert "Docs was up" not in scene.html("was-it-me", f"monitor=docs&at={iso(NOW - 2 * HOUR)}")


def test_an_outage_that_goes_on_is_told_to_whoever_asks_now(scene: Scene) -> None:
    with scene.database.begin() as session:
        for row in session.query(SpellRow).where(SpellRow.end.is_(None)):
            row.end = NOW - 10 * MINUTE
            session.add(
                SpellRow(
                    monitor=row.monitor, verdict="down", reason="timeout", message="", start=NOW - 10 * MINUTE,
                    end=None, confirmed=NOW - 9 * MINUTE, trouble=None, flapping=False, paused=False,
                )
            )  # fmt: skip
    assert "Docs was down" in scene.html("was-it-me", "monitor=docs")


def test_no_cache_keeps_a_view_for_longer_than_it_is_true(scene: Scene) -> None:
    ages = [int(age) for age in re.findall(r"=(\d+)", made(scene, "wall").cache_control)]
    assert sum(ages) < SOONEST_STALE


def test_of_many_services_the_same_is_known_as_of_few(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monitors, at = scene.gallery._window.monitors, NOW - 10 * MINUTE
    with scene.database.read() as session:
        few = doubt.answered(session, scene.store, monitors, at, NOW)
        monkeypatch.setattr(doubt, "FEW", 1)
        assert doubt.answered(session, scene.store, monitors, at, NOW) == few
        monkeypatch.setattr(doubt, "_MOST", 1)  # too many to be looked at: what was confirmed is told
        most = doubt.answered(session, scene.store, monitors, at, NOW)
    assert [(one.code, one.checks) for one in few] == [("passed", 11)] * 2
    assert [(one.code, one.checks) for one in most] == [("passed", 0)] * 2


def test_the_draft_of_an_update_changes_nothing_that_is_seen(scene: Scene) -> None:
    first = IncidentSpec(title="Slow", body="Slow.", monitors={"docs": Affected.DEGRADED}, started_at=NOW - HOUR)
    with scene.database.begin() as session:
        public = writing.open_(session, first, by=BY, now=NOW - HOUR).public
    before = made(scene, f"incident/{public}").content
    said = UpdateSpec(
        body="Gone.", status=Status.IDENTIFIED, draft=True, monitors={"docs": Affected.MAJOR, "api": Affected.MAJOR}
    )
    with scene.database.begin() as session:
        writing.update(session, public, said, by=BY, now=NOW - MINUTE)
    assert made(scene, f"incident/{public}").content == before


def test_work_on_another_page_has_no_name_here(scene: Scene) -> None:
    for title, page in (("Move of the inner page", "other"), ("Move of this page", "main")):
        with scene.database.begin() as session:
            what = What(pages=(page,))
            maintenance.start_now(session, title=title, for_=3_600, what=what, by=BY, now=NOW - 5 * MINUTE)
    scene.board.look(NOW)
    for path in ("monitor/api", "history", "day/2026-11-24", "monitor/api/receipt", "@2026-11-24T11:58Z", "wall"):
        assert "inner page" not in scene.html(path), path
    assert "Move of this page" in scene.html("monitor/api")


def test_cells_are_the_same_with_and_without_what_is_told_of_them(scene: Scene) -> None:
    monitors = list(scene.gallery._window.monitors)
    fall_silent(scene)
    parts = days.days("Europe/Budapest", date(2026, 10, 1), 60)
    with scene.database.read() as session:
        for silent in (None, NOW - 6 * HOUR):
            told = strip.strips(session, monitors, parts, NOW, silent)
            assert strip.kinds(session, monitors, parts, NOW, silent) == [told[one.key].bar for one in monitors]
    assert {"x", "u", "."} <= set("".join(one.bar for one in told.values()))


def test_nobody_learns_that_there_is_a_draft(scene: Scene) -> None:
    with scene.database.begin() as session:
        draft = writing.open_(session, IncidentSpec(title="Not yet", draft=True), by=BY, now=NOW).public
        other = writing.open_(session, IncidentSpec(title="Not here", pages=["other"]), by=BY, now=NOW).public
    said = set()
    for public in (draft, other, "nothing"):
        with pytest.raises(NotFound) as refused:
            scene.html(f"incident/{public}")
        said.add(str(refused.value))
    assert said == {"there is no such incident"}


def test_a_moment_before_anything_was_kept_is_not_found(scene: Scene) -> None:
    for moment in ("0001-01-01T00:00Z", "1970-01-02T00:00Z"):
        for zoom in ("60m", "24h", "90d"):
            with pytest.raises(NotFound):
                scene.html(f"@{moment}", f"z={zoom}")


def test_a_query_of_more_than_anybody_needs_asks_for_nothing(scene: Scene) -> None:
    many = "&".join(f"q{number}=1" for number in range(30))
    assert scene.gallery.wanted("history", f"q=writes&{many}") == scene.gallery.wanted("history")


def test_what_there_is_not_is_no_bug_of_ours(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFound):
        scene.html("incident/nothing")
    assert "publish.bug" not in capsys.readouterr().out


def test_no_page_can_stand_where_a_view_does() -> None:
    for path in ("incident/x", "history", "day/2026-11-20", "monitor/x", "group/x", "was-it-me", "wall"):
        if views.found(path):
            assert path.partition("/")[0] in RESERVED


def test_the_last_event_goes_on_only_as_far_as_anybody_knows(scene: Scene) -> None:
    assert "goes on" in scene.html("monitor/docs")
    fall_silent(scene)
    html = made(scene, "monitor/docs").content.decode()
    assert "goes on" not in html
    since = f'no data since <time datetime="{iso(NOW - 6 * HOUR)}">'
    assert since.replace(".000000", "") in html
    assert "11 d 18 h" in html  # as long as it is known, not twelve days


def test_of_many_services_it_is_said_how_far_is_looked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    note = "only the checks within 5 minutes are looked at"
    assert note not in scene.html("was-it-me")
    monkeypatch.setattr(doubt, "FEW", 1)
    assert note in made(scene, "was-it-me").content.decode()
    assert note not in scene.html("was-it-me", "monitor=docs")


def test_an_incident_has_what_a_script_needs_to_count(scene: Scene) -> None:
    """And no age or countdown in words: in a tab without script they would be wrong soon."""
    with scene.database.begin() as session:
        spec = IncidentSpec(
            title="Slow", body="We look.", next_update_by=NOW + 30 * MINUTE, started_at=NOW - 9 * MINUTE
        )
        public = writing.open_(session, spec, by=BY, now=NOW - 8 * MINUTE).public
    html = scene.html(f"incident/{public}")
    assert 'data-due="2026-11-24T12:30:30Z"' in html
    assert '<span data-ago="2026-11-24T11:51:30Z"></span>' in html  # when it started
    assert '<span data-ago="2026-11-24T11:52:30Z"></span>' in html  # when that was said
    assert "ago)" not in html
    assert "Next update by 13:30<" in html  # by the page's clock


def test_on_paper_a_view_says_from_when_it_is_and_where_it_is_to_be_had(scene: Scene) -> None:
    scene.gallery._public_url = "https://status.example.com"
    html = scene.html("history/2026-11")
    line = "Data from 24 Nov 2026, 12:00 UTC, https://status.example.com/history/2026-11"
    assert f'<p class="print-only" data-printed>{line}</p>' in html


def test_what_a_check_saw_is_shown_only_where_the_owner_wants_all_told(scene: Scene) -> None:
    with scene.database.begin() as session:
        row = session.scalars(select(SpellRow).where(SpellRow.monitor == "api", SpellRow.verdict == "down")).first()
        assert row is not None
        at, seen = row.start, Evidence()
        seen.note("body", "<script>alert(1)</script> Oops")
        signal = Signal(
            "api", "local", at, at, "https://api", "http", Verdict.DOWN, Reason.STATUS, 503, False,
            None, None, None, None, None, "the server answered 503", None,
        )  # fmt: skip
        evidence.keep(session, [(signal, seen)])
    link = f"monitor/api/seen/{at}"
    for told, is_there in ((Telling.REASON, False), (Telling.MESSAGE, False), (Telling.FULL, True)):
        pages = [dataclasses.replace(page, evidence=told) for page in scene.gallery._window.pages]
        scene.gallery._window.replace_pages(pages)
        assert (link in made(scene, "monitor/api").content.decode()) is is_there
        if not is_there:
            with pytest.raises(NotFound):
                made(scene, link)
            continue
        html = made(scene, link).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; Oops" in html
        assert "the server answered 503" in html
        with pytest.raises(NotFound):
            made(scene, f"monitor/api/seen/{at + 1}")

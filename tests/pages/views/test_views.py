"""Every view says what is known, in the page's zone, escaped, and nothing that is not public."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from signalbox.errors import NotFound
from signalbox.incidents import writing
from signalbox.incidents.specs import IncidentSpec
from signalbox.pages import views
from signalbox.pages.language import LANGUAGES, language
from signalbox.pages.specs import Evidence
from signalbox.pages.views import windows
from signalbox.signals import Verdict
from tests.pages.examples import seen
from tests.pages.views.conftest import BY, DOWN, MINUTE, NOW, Scene
from tests.servers.process import await_condition

VIEWS = [
    "incident/{incident}", "history", "history/2026-11", "history/2026-10", "day/2026-11-20", "day/2026-11-24",
    "day/2026-10-25", "monitor/api", "monitor/docs", "monitor/api/receipt", "was-it-me", "wall", "how-we-measure",
    "@2026-11-20T14:30Z", "group/core-team",
]  # fmt: skip


def test_each_view_is_a_whole_page_of_escaped_html(scene: Scene) -> None:
    for path in VIEWS:
        html = scene.html(path.format(incident=scene.incident))
        assert html.lower().startswith("<!doctype html>"), path
        assert "<h1" in html, path
        assert "<script> fail" not in html, path
        assert "API <b>" not in html, path
        assert "secret words" not in html, path  # what a check said is the owner's to show


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_view_speaks_the_readers_language(scene: Scene, code: str) -> None:
    for path in VIEWS:
        html = scene.html(path.format(incident=scene.incident), f"lang={code}")
        assert f'<html lang="{code}"' in html, path
        assert ('dir="rtl"' in html) == (code == "ar"), path


def test_links_lead_on_in_the_language_that_the_address_names(scene: Scene) -> None:
    for path in VIEWS:
        asked = scene.html(path.format(incident=scene.incident), "lang=de")
        body = asked[asked.index("<body") :]
        within = [link for link in re.findall(r'href="([^"]*)"', body) if link.startswith((".", "?"))]
        assert within, path
        assert all("lang=" in link for link in within), path
        assert body.count("<form") == body.count('name="lang" value="de"'), path
        unasked = re.sub(r'href="(\?|[./]*api/words\?)lang=en', "", scene.html(path.format(incident=scene.incident)))
        assert "lang=en" not in unasked, path


def test_another_language_keeps_what_else_was_asked(scene: Scene) -> None:
    assert 'href="?lang=de&amp;monitor=api&amp;q=slow"' in scene.html("history", "q=slow&monitor=api")


def test_what_there_is_not_is_not_found(scene: Scene) -> None:
    for path in ("incident/nothing", "monitor/nothing", "day/2026-02-30", "day/2027-01-01", "history/2027-01"):
        with pytest.raises(NotFound):
            scene.html(path)
    with pytest.raises(NotFound):
        scene.html("monitor/api/receipt", "window=nonsense")
    assert scene.gallery.wanted("nothing") is None
    assert scene.gallery.wanted("other/history") is None


def test_a_draft_is_nobodys_business(scene: Scene) -> None:
    with scene.database.begin() as session:
        public = writing.open_(session, IncidentSpec(title="Not yet", draft=True), by=BY, now=NOW).public
    with pytest.raises(NotFound):
        scene.html(f"incident/{public}")
    assert "Not yet" not in scene.html("history")


def test_an_incident_links_each_update_and_tells_what_it_said_before(scene: Scene) -> None:
    html = scene.html(f"incident/{scene.incident}")
    assert 'id="u-1"' in html
    assert 'href="#u-1"' in html
    assert "<del>Some</del><ins>Most</ins>" in html
    assert "A bad deploy." in html
    assert "1 h 15 min" in html
    assert BY not in html


def test_history_lists_a_month_by_day_and_turns_to_its_neighbours(scene: Scene) -> None:
    html = scene.html("history/2026-11")
    assert f"incident/{scene.incident}" in html
    assert 'href="./day/2026-11-20"' in html or 'href="../day/2026-11-20"' in html
    assert 'rel="prev"' in html
    assert 'rel="next"' not in html  # nothing is known of next month
    assert 'rel="prev"' not in scene.html("history/2026-10")  # nor of the time before anybody watched


@pytest.mark.parametrize(("query", "found"), [("q=writes", True), ("q=nothing", False), ("monitor=docs", False)])
def test_history_is_searched_by_words_and_service(scene: Scene, query: str, found: bool) -> None:
    assert (f"incident/{scene.incident}" in scene.html("history/2026-11", query)) is found


def test_the_year_marks_the_day_with_downtime(scene: Scene) -> None:
    html = scene.html("history")
    assert re.search(r'k-x" href="[./]+day/2026-11-20"', html)
    assert re.search(r'k-u" href="[./]+day/2026-11-21"', html)


def test_a_day_tells_its_downtime_to_the_minute_in_the_pages_zone(scene: Scene) -> None:
    html = scene.html("day/2026-11-20")
    assert "15:02–16:12" in html  # Budapest
    assert "no answer in time" in html
    assert "95.138" in html or "95.13" in html
    assert "@2026-11-20T14:02Z" in html


def test_a_day_of_twentyfive_hours_says_so(scene: Scene) -> None:
    assert "25 hours" in scene.html("day/2026-10-25")
    assert "25 hours" not in scene.html("day/2026-10-26")


def test_a_receipt_adds_up_to_its_number(scene: Scene) -> None:
    html = scene.html("monitor/api/receipt", "window=2026-11-20")
    assert "1 − (1 × 4200 + 0 × 0) ÷ (86400 − 0 − 0 − 0 − 0) = 95.13 %" in html


@pytest.mark.parametrize("code", LANGUAGES)
def test_formulas_are_in_the_readers_language(scene: Scene, code: str) -> None:
    say = language(code).say
    for path in ("monitor/api/receipt", "how-we-measure"):
        html = scene.html(path, f"lang={code}")
        assert say("formula.uptime") in html
        assert say("formula.coverage") in html
        assert "w_down" not in html
    assert ("95,13 %" if code in ("de", "fr", "es", "pt-BR", "hu") else "95.13 %") in scene.html(
        "monitor/api/receipt", f"window=2026-11-20&lang={code}"
    )


def test_a_service_tells_uptime_and_answer_times_and_changes(scene: Scene) -> None:
    html = scene.html("monitor/api", "z=60m")
    assert html.count("<dt>") == 5
    assert 'data-island="chart"' in html
    assert "20 ms" in html
    assert "no answer in time" in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("monitor=api&at=2026-11-20T15:30", "was down"),  # by the page's clock
        ("monitor=api&at=2026-11-20T14:30:00Z", "was down"),
        ("monitor=docs&at=2026-11-20T14:30Z", "Docs was up"),
        ("monitor=docs&at=2026-10-01T14:30Z", "Nothing is known of Docs"),
        ("monitor=docs", "checks of Docs passed"),
        ("monitor=docs&at=nonsense", "could not be read"),
        ("monitor=docs&at=2099-01-01T00:00", "could not be read"),
        ("monitor=docs&at=0001-01-01T00:00", "could not be read"),
    ],
)
def test_whether_it_was_just_me_is_answered_from_what_was_seen(scene: Scene, query: str, words: str) -> None:
    assert words in scene.html("was-it-me", query)


def test_failures_too_few_for_an_outage_are_told(scene: Scene) -> None:
    docs: Any = next(monitor for monitor in scene.gallery._window.monitors if monitor.id == "docs")
    scene.store.append([seen(docs, NOW - 90 * MINUTE, Verdict.DOWN), seen(docs, NOW - 89 * MINUTE)])
    html = scene.html("was-it-me", "monitor=docs&at=2026-11-24T10:30Z")
    assert "1 of 2 checks of Docs failed, too few for an outage" in html


def test_views_have_paths_of_their_own(scene: Scene) -> None:
    for path in VIEWS:
        wanted = path.format(incident="k3v9")
        assert sum(bool(route.pattern.fullmatch(wanted)) for route in views.ROUTES) == 1, wanted


def test_one_reading_serves_all_who_ask_the_same(scene: Scene) -> None:
    wanted = scene.gallery.wanted("history", "q=writes&unknown=1&lang=de", "fr")
    assert wanted == scene.gallery.wanted("history", "lang=de&q=writes", "")
    assert wanted is not None
    first = scene.gallery.view(wanted)
    (body,) = first if not hasattr(first, "result") else first.result(10)
    assert scene.gallery.view(wanted) == (body,)
    assert DOWN < NOW


def test_a_moment_shows_the_page_as_it_stood(scene: Scene) -> None:
    html = scene.html("@2026-11-20T14:30Z")
    assert "Major outage: API" in html
    assert "You are looking at the past" in html
    assert "Over." not in html  # said later
    assert "All systems operational" in scene.html("@2026-11-20T13:30Z")


@pytest.mark.parametrize("moment", ["2099-01-01T00:00Z", "2026-02-30T00:00Z", "0000-01-01T00:00Z"])
def test_a_moment_that_was_not_is_not_found(scene: Scene, moment: str) -> None:
    with pytest.raises(NotFound):
        scene.html(f"@{moment}")


def test_a_group_tells_what_its_services_reached_together_and_each(scene: Scene) -> None:
    html = scene.html("group/core-team", "z=60m")
    assert html.count("<dl") == 3
    assert "99.906%" in html  # 4 200 s down of 52 d, which is 40 d of one and 12 d of the other
    assert "99.878%" in html
    assert re.search(r"<td>(48|49|50) ms</td>", html)
    with pytest.raises(NotFound):
        scene.html("group/core")


def test_what_a_check_said_is_shown_where_the_owner_allows_it(scene: Scene) -> None:
    told = [dataclasses.replace(page, evidence=Evidence.MESSAGE) for page in scene.gallery._window.pages]
    scene.gallery._window.replace_pages(told)
    assert "secret words" in scene.html("monitor/api")


def test_a_reload_is_seen_within_a_second(scene: Scene) -> None:
    assert "Docs" in scene.html("monitor/docs")
    scene.gallery._window.replace_monitors([one for one in scene.gallery._window.monitors if one.id != "docs"])

    def is_gone() -> bool:
        try:
            scene.html("monitor/docs")
        except NotFound:
            return True
        return False

    await_condition(is_gone, "the view to follow the reload")


def test_windows_are_as_long_as_they_say() -> None:
    for name, length in (("7d", 7), ("30d", 30), ("1y", 365)):
        window = windows.named(name, "Europe/Budapest", NOW)
        assert window.end - window.start == length * 86_400_000_000
    assert len(windows.named("90d", "Europe/Budapest", NOW).edges) == 91

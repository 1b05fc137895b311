"""What a page tells of incidents: only its own, by names it shows, with texts that are safe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.incidents.service import Incident, Update
from signalbox.incidents.specs import Affected, Impact, Status
from signalbox.maintenance.calendar import Calendar
from signalbox.pages import announcements, html, snapshot
from signalbox.pages.board import Known
from signalbox.pages.document import PageDocument, State
from signalbox.pages.html import Place
from signalbox.pages.window import Window
from tests.pages.examples import NOW, PAGE, every_minute, monitor
from tests.pages.test_html import HOSTILE, SHELL, Reader

HOUR = 3_600 * MICROS
DAY = 24 * HOUR
NAMES = {"api": "API", "web": "Web"}


def said(number: int, body: str = "", *, at: int = NOW, monitors: dict[str, Affected] | None = None) -> Update:
    return Update(
        number=number, status=Status.INVESTIGATING, body=body, monitors=monitors or {}, happened_at=at, created_at=at,
        edited_at=None, next_update_by=None, notify=True, draft=False,
    )  # fmt: skip


def incident(public: str = "a1", *, started: int = NOW - HOUR, resolved: int | None = None, **more: Any) -> Incident:
    plain = Incident(
        id=1, public=public, title="Slow answers", impact=Impact.MINOR,
        status=Status.RESOLVED if resolved else Status.INVESTIGATING, origin="person", automatic=False, group=None,
        pages=(), draft=False, notify=True, started_at=started, detected_at=None, resolved_at=resolved,
        next_update_by=None, created_at=started, edited_at=None, postmortem=None, postmortem_at=None,
        updates=(said(1),),
    )  # fmt: skip
    return replace(plain, **more)


def document(*incidents: Incident, now: int = NOW) -> PageDocument:
    monitors = [monitor("api", name="API")]
    window = Window(monitors, (PAGE,))
    window.add(every_minute(monitors[0], "u" * 60))
    return snapshot.build(window, PAGE, now, Known(incidents=incidents, calendar=Calendar(())))


def test_a_page_shows_incidents_of_all_pages_and_its_own() -> None:
    known = Known(incidents=[incident("all"), incident("main", pages=("main",)), incident("other", pages=("other",))])
    assert [one.public for one in announcements.of_page(known, "main")] == ["all", "main"]


def test_of_several_incidents_the_worst_marks_a_monitor_and_those_that_are_over_do_not() -> None:
    small = incident(updates=(said(1, monitors={"api": Affected.DEGRADED, "web": Affected.OPERATIONAL}),))
    large = incident("a2", updates=(said(1, monitors={"api": Affected.MAJOR}),))
    over = replace(large, public="a3", resolved_at=NOW, updates=(said(1, monitors={"web": Affected.MAJOR}),))
    assert announcements.impacts([small, large, over]) == {"api": State.MAJOR}


def test_monitors_that_the_page_does_not_show_are_not_named() -> None:
    one = incident(updates=(said(1, monitors={"api": Affected.PARTIAL, "secret": Affected.MAJOR}),))
    told = announcements.incident(one, NAMES)
    assert [(each.name, each.state) for each in told.affected] == [("API", State.PARTIAL)]
    assert told.state is State.PARTIAL
    assert "secret" not in told.model_dump_json()


@pytest.mark.parametrize(
    ("impact", "state"),
    [
        (Impact.NONE, State.DEGRADED),
        (Impact.MINOR, State.DEGRADED),
        (Impact.MAJOR, State.PARTIAL),
        (Impact.CRITICAL, State.MAJOR),
    ],
)
def test_an_incident_that_names_no_monitor_is_marked_by_its_impact(impact: Impact, state: State) -> None:
    assert announcements.incident(incident(impact=impact), NAMES).state is state


def test_an_open_incident_is_never_green_although_all_checks_are_well() -> None:
    found = document(incident())
    assert (found.headline.code, found.headline.state) == ("incident", State.DEGRADED)
    read = Reader(html.fill(SHELL, found, Place())).text
    assert "We are looking into a problem" in read
    assert "All systems operational" not in read


def test_days_of_the_past_are_days_of_the_pages_zone() -> None:
    late = clock.to_micros(datetime.fromisoformat("2026-11-22T23:30:00+00:00"))
    over = incident(started=late - 60 * MICROS, resolved=late)
    assert [day.day for day in announcements.past([over], NAMES, "UTC", NOW).listed] == ["2026-11-22"]
    assert [day.day for day in announcements.past([over], NAMES, "Europe/Budapest", NOW).listed] == ["2026-11-23"]


def test_an_incident_over_three_days_leaves_eleven_calm_ones() -> None:
    over = incident(started=NOW - 3 * DAY, resolved=NOW - DAY)
    told = announcements.past([over], NAMES, "UTC", NOW)
    assert (told.calm, len(told.listed)) == (11, 1)


def test_of_many_incidents_the_page_lists_the_last_ones_and_counts_the_rest() -> None:
    over = [incident(f"i{n}", started=NOW - n * HOUR - 60, resolved=NOW - n * HOUR) for n in range(50)]
    told = announcements.past(over, NAMES, "UTC", NOW)
    listed = [one.id for day in told.listed for one in day.incidents]
    assert listed == [f"i{n}" for n in range(announcements.LISTED)]
    assert told.more == 50 - announcements.LISTED


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_of_an_incident_does_nothing(text: str) -> None:
    def read(words: str) -> Reader:
        one = incident(title=words, updates=(said(1, words),), postmortem=words)
        return Reader(html.fill(SHELL, document(one), Place()))

    found, harmless = read(text), read("harmless")
    assert [tag for tag, _ in found.elements if tag in {"script", "img", "iframe", "style"}] == [
        tag for tag, _ in harmless.elements if tag in {"script", "img", "iframe", "style"}
    ]
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]


def test_older_updates_are_folded_and_every_one_has_its_anchor() -> None:
    updates = tuple(said(number, f"Said {number}", at=NOW - (5 - number) * 600 * MICROS) for number in range(5, 0, -1))
    text = html.fill(SHELL, document(incident(updates=updates)), Place())
    assert [text.index(f'id="incident-a1-u-{number}"') for number in range(5, 0, -1)] == sorted(
        text.index(f'id="incident-a1-u-{number}"') for number in range(5, 0, -1)
    )
    folded = text.index("2 earlier updates")
    assert text.index('id="incident-a1-u-3"') < folded < text.index('id="incident-a1-u-2"')

"""A page of the past stands as it stood: what came later is not known yet."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert

from signalbox.clock import MICROS, iso
from signalbox.db import Database
from signalbox.errors import Refused, Unavailable
from signalbox.incidents import writing
from signalbox.incidents.specs import Affected, IncidentSpec, UpdateSpec
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.specs import What
from signalbox.monitors import service
from signalbox.monitors.models import SpellRow
from signalbox.pages import moments
from signalbox.pages.document import PageDocument, Zoom
from signalbox.signals import Signal
from signalbox.stores.memory import MemoryStore
from tests.pages.examples import every_minute
from tests.pages.test_board import BY, DAY, HOUR, NOW, PAGE, watched

__all__ = ["watched"]
MINUTE = 60 * MICROS
DOWN = (NOW // HOUR - 30) * HOUR
"""When it went down, for 20 minutes."""


def spelled(database: Database) -> None:
    """The monitor was up for long, then down for 20 minutes, and is up."""
    parts = [("up", NOW - 100 * DAY, DOWN), ("down", DOWN, DOWN + 20 * MINUTE), ("up", DOWN + 20 * MINUTE, None)]
    with database.begin() as session:
        key = service.active(session)[0].key
        session.execute(delete(SpellRow))
        rows = [
            {"monitor": key, "verdict": verdict, "reason": "connect", "message": "", "start": start, "end": end,
             "confirmed": start, "trouble": None, "flapping": False, "paused": False}
            for verdict, start, end in parts
        ]  # fmt: skip
        session.execute(insert(SpellRow), rows)


def page(database: Database, moment: int, zoom: Zoom = Zoom.HOUR, store: MemoryStore | None = None) -> PageDocument:
    with database.read() as session:
        return moments.at(session, service.active(session), PAGE, moment, NOW, zoom=zoom, store=store)


def test_while_it_was_down_the_page_says_so_and_not_before_nor_after(watched: Database) -> None:
    spelled(watched)
    before, within, after = (page(watched, DOWN + minutes * MINUTE) for minutes in (-2, 4, 25))
    assert [told.headline.code for told in (before, within, after)] == ["operational", "major-all", "operational"]
    minutes = [told.groups[0].items[0].minutes for told in (before, within, after)]
    assert minutes == ["u" * 60, "u" * 55 + "x" * 5, "u" * 34 + "x" * 20 + "u" * 6]
    assert within.groups[0].items[0].uptime == "91.66"  # 55 of 60 checks
    assert within.generated_at == iso(DOWN + 5 * MINUTE - MICROS)
    assert before.headline.recent is not None
    assert after.headline.recent is not None
    assert (before.headline.recent.down, after.headline.recent.names) == (0, ["API"])


def test_longer_windows_end_at_that_moment(watched: Database) -> None:
    spelled(watched)
    told = page(watched, DOWN + 4 * MINUTE, Zoom.DAYS)
    item = told.groups[0].items[0]
    assert told.scale is not None
    assert item.bar == "u" * 89 + "x"
    assert (item.marks[0].down_s, item.marks[0].spans[0].end) == (299, None)
    assert item.minutes is not None
    assert page(watched, DOWN - MINUTE, Zoom.DAYS).groups[0].items[0].bar == "u" * 90


def test_an_incident_is_told_as_far_as_it_was_told_then(watched: Database) -> None:
    spelled(watched)
    opened, updated, resolved = DOWN + 2 * MINUTE, DOWN + 10 * MINUTE, DOWN + 30 * MINUTE
    with watched.begin() as session:
        spec = IncidentSpec(title="Slow answers", body="We look.", monitors={"api": Affected.PARTIAL})
        public = writing.open_(session, spec, by=BY, now=opened).public
        writing.update(session, public, UpdateSpec(body="Found it.", status="identified"), by=BY, now=updated)
        writing.resolve(session, public, UpdateSpec(body="Over."), by=BY, now=resolved)
    told = {at: page(watched, at) for at in (opened - MINUTE, opened, updated, resolved)}
    assert [(len(one.incidents), one.past and len(one.past.listed)) for one in told.values()] == [
        (0, 0), (1, 0), (1, 0), (0, 1),
    ]  # fmt: skip
    first, second = told[opened].incidents[0], told[updated].incidents[0]
    assert (first.status, len(first.updates), second.status, len(second.updates)) == (
        "investigating",
        1,
        "identified",
        2,
    )
    assert first.resolved_at is None
    assert page(watched, DOWN + 25 * MINUTE).headline.code == "partial"  # what it says, though all checks were fine


def test_work_of_that_time_shows(watched: Database) -> None:
    spelled(watched)
    begun = DOWN + 5 * HOUR
    with watched.begin() as session:
        maintenance.start_now(session, title="Upgrade", for_=3_600, what=What(monitors=("api",)), by=BY, now=begun)
    assert [page(watched, at).headline.code for at in (begun - MINUTE, begun + MINUTE, begun + 2 * HOUR)] == [
        "operational", "maintenance", "operational",
    ]  # fmt: skip
    assert [one.title for one in page(watched, begun + MINUTE).maintenance] == ["Upgrade"]


def test_the_signals_of_that_hour_are_shown_where_there_are_any(watched: Database) -> None:
    spelled(watched)
    with watched.read() as session:
        monitor = service.active(session)[0]
    store = MemoryStore()
    store.append(every_minute(monitor, "ugux?", last=DOWN - 10 * MINUTE))
    told = page(watched, DOWN - 10 * MINUTE, store=store).groups[0].items[0]
    assert (told.minutes, told.signals, told.uptime) == ("." * 55 + "ugux.", 5, "75.00")
    assert page(watched, DOWN - 10 * MINUTE, store=Away()).groups[0].items[0].minutes == "u" * 60


def test_what_was_not_watched_yet_is_not_on_the_page(watched: Database) -> None:
    spelled(watched)
    with watched.read() as session:
        monitors = service.active(session)
        first = moments.at(session, monitors, PAGE, NOW - 200 * DAY, NOW)
    assert first.headline.code == "waiting"


def test_what_is_to_come_is_refused(watched: Database) -> None:
    with pytest.raises(Refused, match="still to come"):
        page(watched, NOW + MINUTE)


class Away(MemoryStore):
    """A store whose server is away."""

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        raise Unavailable("the store is away")


def test_a_moment_is_judged_by_its_own_time(watched: Database) -> None:
    spelled(watched)
    assert page(watched, NOW - 80 * DAY).headline.code == "operational"
    assert page(watched, NOW - 80 * DAY).newest_result_at == page(watched, NOW - 80 * DAY).generated_at

"""An installation with a past, and its views as a reader gets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from signalbox import clock
from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.configured import add
from signalbox.incidents import writing
from signalbox.incidents.specs import Affected, IncidentSpec, PostmortemSpec, UpdateEditSpec, UpdateSpec
from signalbox.monitors import service
from signalbox.monitors.models import MonitorRow, SpellRow
from signalbox.monitors.specs import MonitorSpec
from signalbox.pages.board import Board
from signalbox.pages.service import Page
from signalbox.pages.template import Template
from signalbox.pages.views.gallery import Gallery
from signalbox.pages.window import Window
from signalbox.signals import Reason, Verdict
from signalbox.stores.memory import MemoryStore
from tests.pages.examples import seen
from tests.pages.test_html import SHELL

BY = "cli:ada"
MINUTE, HOUR, DAY = 60 * MICROS, 3_600 * MICROS, 86_400 * MICROS
NOW = clock.to_micros(datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC))
DOWN = clock.to_micros(datetime(2026, 11, 20, 14, 2, tzinfo=UTC))
"""When the API went down, for 70 minutes."""


@dataclass
class Scene:
    """The installation, and what a reader gets from it."""

    database: Database
    store: MemoryStore
    gallery: Gallery
    board: Board
    incident: str

    def html(self, path: str, query: str = "", accepted: str = "") -> str:
        """The HTML of a view; raises what making it raised."""
        wanted = self.gallery.wanted(path, query, accepted)
        assert wanted is not None, f"no view is at {path}"
        found = self.gallery.view(wanted)
        (body,) = found.result(10) if isinstance(found, Future) else found
        return body.content.decode()


@pytest.fixture
def scene(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """`api` was down four days ago and told of; `docs` was always up; each was asked every minute of the last hour."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with database.begin() as session:
        for id_, name in (("api", "API <b>"), ("docs", "Docs")):
            spec = MonitorSpec(id=id_, name=name, group="Core team", check=HttpCheck(url=f"https://{id_}.example.com"))
            add(session, MonitorRow, id_, spec, columns=service.columns(spec), now=1)
        keys = {monitor.id: monitor.key for monitor in service.active(session)}
        spell = _spells(keys["api"])
        session.add_all([
            spell(NOW - 40 * DAY, DOWN, Verdict.UP, Reason.OK),
            spell(DOWN, DOWN + 70 * MINUTE, Verdict.DOWN, Reason.TIMEOUT),
            spell(DOWN + 70 * MINUTE, None, Verdict.UP, Reason.OK),
            _spells(keys["docs"])(NOW - 12 * DAY, None, Verdict.UP, Reason.OK),
        ])  # fmt: skip
    public = _told(database)
    with database.read() as session:
        monitors = service.active(session)
    window = Window(monitors, (Page(slug="main", title="Acme status", timezone="Europe/Budapest"),))
    store = MemoryStore()
    store.append([seen(monitor, NOW - at * MINUTE, total=20.0 + at) for monitor in monitors for at in range(60)])
    window.fill(store)
    board = Board(database)
    board.look(NOW)
    gallery = Gallery(window, board, store, Template(SHELL, "default-src 'none'"), reading=database.read)
    yield Scene(database, store, gallery, board, public)
    gallery.close()


def _spells(key: str) -> Callable[[int, int | None, Verdict, Reason], SpellRow]:
    def spell(start: int, end: int | None, verdict: Verdict, reason: Reason) -> SpellRow:
        return SpellRow(
            monitor=key, verdict=verdict.value, reason=reason.value, message="secret words", start=start, end=end,
            confirmed=start + 5 * MICROS, trouble=None, flapping=False, paused=False,
        )  # fmt: skip

    return spell


def _told(database: Database) -> str:
    """An incident with an update that was edited, and a postmortem."""
    first = IncidentSpec(
        title="Writes <script> fail", body="Some **writes** fail.", monitors={"api": Affected.PARTIAL}, started_at=DOWN
    )
    with database.begin() as session:
        public = writing.open_(session, first, by=BY, now=DOWN + 3 * MINUTE).public
        writing.edit_update(
            session, public, 1, UpdateEditSpec(body="Most **writes** fail."), by=BY, now=DOWN + 5 * MINUTE
        )
        over = UpdateSpec(body="Over.", monitors={"api": Affected.OPERATIONAL})
        writing.resolve(session, public, over, by=BY, now=DOWN + 75 * MINUTE)
        writing.write_postmortem(session, public, PostmortemSpec(body="A bad deploy."), by=BY, now=DOWN + 2 * DAY)
    return public

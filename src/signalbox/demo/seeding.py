"""How does a demo come to its past? Through the doors of a real one, each step as of when it happened."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from signalbox.db import Database
from signalbox.db.installation import raise_changes
from signalbox.demo import story
from signalbox.demo.counting import rollups
from signalbox.demo.judging import Course, course
from signalbox.demo.telling import open_by_itself, tell
from signalbox.demo.world import DAY, Beginning, World, gap
from signalbox.history import rolling
from signalbox.manifest import apply, document
from signalbox.manifest.document import Manifest
from signalbox.monitors import standings
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor, active
from signalbox.pipeline.sweeping import Sweeping
from signalbox.signals import Signal
from signalbox.stores.base import Store

MANIFEST: Final = Path(__file__).with_name("signalbox.yaml")
RAW_DAYS = 29
"""Days that single signals are made of: SQLite keeps thirty."""


class Past(NamedTuple):
    """What happened, and how it was judged."""

    world: World
    courses: Mapping[str, Course]


Say = Callable[[str, float], None]
"""Is told what is being done, and how much of the whole is done."""


def manifest(only: Collection[str] | None = None) -> Manifest:
    """What the demo watches: all of it, or these monitors (by id)."""
    whole = document.load(MANIFEST, {})
    if only is None:
        return whole
    return whole.model_copy(update={"monitors": tuple(one for one in whole.monitors if one.id in only)})


def zone() -> str:
    """Whose clocks the page shows."""
    return manifest().pages[0].timezone


def silently(words: str, share: float) -> None:
    """Tell nobody."""


def seed(
    database: Database,
    store: Store,
    beginning: Beginning,
    *,
    only: Collection[str] | None = None,
    raw_days: int = RAW_DAYS,
    say: Say = silently,
) -> World:
    """Fill an installation that is empty with the past of that beginning."""
    say("monitors", 0.0)
    monitors = _watch(database, manifest(only), beginning)
    world = World(monitors, beginning)
    say("outages", 0.02)
    courses = {one.key: course(world, one.key) for one in monitors}
    _stand(database, courses, beginning)
    _pause(database, manifest(only), beginning)
    say("incidents", 0.06)
    with database.begin() as session:
        open_by_itself(session, monitors, courses, beginning)
        tell(session, beginning, {one.id for one in monitors})
        raise_changes(session)
    with uncollected():
        _keep(database, store, Past(world, courses), raw_days, say)
    say("done", 1.0)
    return world


def _watch(database: Database, whole: Manifest, beginning: Beginning) -> list[Monitor]:
    """The monitors: first without the new one, and nobody paused."""
    running = [one.model_copy(update={"paused": False}) for one in whole.monitors]
    first = [one for one in running if one.id != story.NEW[0]]
    with database.begin() as session:
        apply.apply(session, whole.model_copy(update={"monitors": tuple(first)}), beginning.start)
        new = max(beginning.start, beginning.at(-story.NEW[1], story.NEW[2]))
        apply.apply(session, whole.model_copy(update={"monitors": tuple(running)}), new)
        return active(session)


def _stand(database: Database, courses: Mapping[str, Course], beginning: Beginning) -> None:
    """Standings and spells, as judged, and what nobody saw."""
    with database.begin() as session:
        standings.save(session, {key: one.standing for key, one in courses.items()})
        standings.write_spells(session, [change for one in courses.values() for change in one.changes])
        start, end = gap(beginning)
        if story.GAP[0] in courses and start > beginning.start:
            standings.blank_out(session, standings.Gap(story.GAP[0], start, end), end)


def _pause(database: Database, whole: Manifest, beginning: Beginning) -> None:
    moment = max(beginning.start, beginning.at(-story.PAUSED[1], story.PAUSED[2]))
    with database.begin() as session:
        apply.apply(session, whole, moment)
    roster = Roster(database)
    roster.refresh()
    with database.begin() as session:
        Sweeping(roster).sweep(session, moment)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for reference cycles: it takes a third of the time that signals take, and finds none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _keep(database: Database, store: Store, past: Past, raw_days: int, say: Say) -> None:
    """Days, a day at a time: what each amounted to, and of the last ones every signal."""
    world, courses = past
    start, now = world.beginning.start, world.beginning.now
    first, today = start // DAY, now // DAY
    with database.begin() as session:
        for day in range(first - rolling.EMPTY, first):
            rolling.keep(session, day, {}, now)  # or whoever rolls up would look for more
    for day in range(first, today + 1):
        say("signals", 0.08 + 0.9 * (day - first) / (today - first + 1))
        span = max(day * DAY, start), min((day + 1) * DAY, now)
        is_raw = day > today - raw_days
        if is_raw:
            store.load(signals(world, courses, *span))
        if day < today:
            found = rolling.count(store, day) if is_raw else rollups(world, courses, *span)
            with database.begin() as session:
                rolling.keep(session, day, found, now)
    store.roll(now)


def signals(world: World, courses: Mapping[str, Course], start: int, end: int) -> Sequence[Signal]:
    """All signals of start ≤ t < end, oldest first."""
    found: list[Signal] = []
    for key, one in courses.items():
        telling = {signal.moment: signal for signal in one.telling if start <= signal.moment < end}
        found += world.answering[key].well(slot for slot in world.asked_at(key, start, end) if slot not in telling)
        found += telling.values()
    found.sort(key=_moment)
    return found


def _moment(signal: Signal) -> int:
    return signal.moment

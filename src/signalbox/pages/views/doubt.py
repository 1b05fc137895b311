"""Was it just me? What our checks saw at a moment, for somebody for whom something did not work then."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from signalbox.clock import MICROS, to_datetime, to_micros
from signalbox.errors import Unavailable
from signalbox.monitors.service import Monitor
from signalbox.pages.document import State
from signalbox.pages.views.base import LONG_AGO, Asked, Route, Shown, Source, monitors_by_id
from signalbox.signals import Signal, Verdict
from signalbox.stores.base import Readable
from signalbox.uptime import service
from signalbox.uptime.pieces import Counted, pieces

AROUND = 300 * MICROS
"""How far before and after the moment checks are looked at, at least; and one interval of slower monitors."""

FEW = 20
"""Monitors whose checks are looked up one by one, each as far as its interval reaches."""

_RARE = 7_200.0  # seconds: of monitors asked more rarely no checks farther off are looked at
_MOST = 50_000  # checks that are read for one answer


class Answer(NamedTuple):
    """What is known of one service around that moment."""

    id: str
    name: str
    code: str  # outage, degraded, maintenance, failures, passed, unknown
    state: State
    checks: int
    failed: int
    locations: int


_STATES = {
    "outage": State.MAJOR, "degraded": State.DEGRADED, "maintenance": State.MAINTENANCE, "failures": State.DEGRADED,
    "passed": State.OPERATIONAL, "unknown": State.NO_DATA,
}  # fmt: skip
_OF_COUNTED = {Counted.DOWN: "outage", Counted.DEGRADED: "degraded", Counted.MAINTENANCE: "maintenance"}


def show(asked: Asked, source: Source) -> Shown:
    """The answer for one service, or for each on the page; without a moment in the question, for now."""
    at, wrong = _moment(asked)
    chosen = monitors_by_id(source).get(asked.query.get("monitor", ""))
    monitors = [chosen] if chosen else list(source.window.monitors)
    with source.reading() as session:
        silent = source.silent(session, asked.now)
        answers = answered(session, source.store, monitors, at, asked.now, silent=silent)
    worst = max((one.state for one in answers), key=list(State).index, default=State.NO_DATA)
    return Shown(
        "doubt.html",
        asked.language.say("doubt.title"),
        asked.language.say("doubt.description", title=asked.page.title),
        {
            "monitors": source.window.monitors, "chosen": chosen.id if chosen else "", "at": to_datetime(at),
            "written": f"{to_datetime(at).astimezone(asked.zone):%Y-%m-%dT%H:%M}", "wrong": wrong,
            "is_many": len(monitors) > FEW,
            "answers": answers, "is_asked": bool(asked.query.get("at") or chosen), "minutes": AROUND // 60 // MICROS,
            "troubled": [one for one in answers if one.code in ("outage", "degraded", "failures")],
        },
        state=worst,
        indexed=False,
    )  # fmt: skip


def answered(
    session: Session, store: Readable, monitors: Sequence[Monitor], at: int, now: int, *, silent: int | None = None
) -> list[Answer]:
    """What the record and the stored checks say of each at that moment. `silent`: see `Source.silent`."""
    start, end = at - AROUND, min(at + AROUND, now) + 1
    known = service.histories(session, monitors, start, end, silent=silent)
    after = max(now, at + 1)  # what goes on goes on in the moment of now, too
    checks = _checks(store, monitors, at)
    return [
        _answer(
            monitor,
            [piece.counted for piece in pieces(known[monitor.key], at, at + 1, after)],
            any(piece.counted is Counted.DOWN for piece in pieces(known[monitor.key], start, end, after)),
            checks.get(monitor.key, ()),
        )
        for monitor in monitors
    ]


def _checks(store: Readable, monitors: Sequence[Monitor], at: int) -> dict[str, Sequence[Signal]]:
    """What is stored of the time around that moment, by key: of a few monitors each for itself, as far as an interval
    reaches; of many at once; and of so many that it would be more than a reader is worth, nothing."""
    if len(monitors) > FEW:
        seen: defaultdict[str, list[Signal]] = defaultdict(list)
        is_much = sum(2 * AROUND / MICROS / one.every for one in monitors) > _MOST
        for signal in () if is_much else _raw(store, None, at, AROUND):
            seen[signal.monitor].append(signal)
        return dict(seen)
    return {one.key: _raw(store, one.key, at, max(AROUND, round(min(one.every, _RARE) * MICROS))) for one in monitors}


def _raw(store: Readable, monitor: str | None, at: int, around: int) -> Sequence[Signal]:
    try:
        return store.raw(monitor, at - around, at + around + 1)
    except Unavailable:
        return ()


def _answer(monitor: Monitor, counted: Sequence[Counted], was_down: bool, checks: Sequence[Signal]) -> Answer:
    """An outage some minutes away is told where checks failed: who asks did not look at the clock that closely."""
    asked = [one for one in checks if one.verdict is not Verdict.UNKNOWN]
    failed = sum(one.verdict is Verdict.DOWN for one in asked)
    code = next((_OF_COUNTED[one] for one in counted if one in _OF_COUNTED), None)
    if code is None and failed and was_down:
        code = "outage"
    if code is None:
        passed = bool(asked) or Counted.UP in counted
        code = "failures" if failed else "passed" if passed else "unknown"
    locations = len({one.location for one in asked})
    return Answer(monitor.id, monitor.name, code, _STATES[code], len(asked), failed, locations)


def _moment(asked: Asked) -> tuple[int, bool]:
    """The moment asked for, by the page's clock where it names no zone; and whether it could not be read."""
    written = asked.query.get("at", "")
    if not written:
        return asked.now, False
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return asked.now, True
    local = found if found.tzinfo else found.replace(tzinfo=asked.zone)
    try:
        moment = to_micros(local.astimezone(UTC))
    except OverflowError:
        return asked.now, True
    is_past = asked.now - LONG_AGO < moment <= asked.now
    return (moment, False) if is_past else (asked.now, True)


ROUTE = Route("doubt", re.compile(r"was-it-me"), frozenset({"monitor", "at"}), show)

"""How did a page stand at some minute of the past? From what was confirmed, announced and said until then.

What was written later is left out, with two limits: a text that was edited since reads as it reads now and says so,
and whether an outage was seen at some locations only is not kept. An outage shows from its first failed check on,
though readers were told only once it was confirmed. Verbs take a session; times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from signalbox import ledger
from signalbox.clock import MICROS
from signalbox.errors import Refused, SignalboxError
from signalbox.incidents import service as incidents
from signalbox.incidents.specs import Status
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.calendar import Calendar, Occasion
from signalbox.maintenance.specs import Expected
from signalbox.monitors.judge import Standing
from signalbox.pages import announcements, bars, items, snapshot, state
from signalbox.pages.bars import Bar, Frame
from signalbox.pages.board import DAY, PAST, Known, Outage
from signalbox.pages.document import Item, PageDocument, State, Zoom
from signalbox.pages.latencies import Answers
from signalbox.pages.past import REACH, Told
from signalbox.pages.service import Page
from signalbox.pages.state import Service
from signalbox.pages.track import HOUR, MINUTE, Hour, Track
from signalbox.signals import Verdict
from signalbox.stores.base import Readable
from signalbox.uptime import service as uptime
from signalbox.uptime.percent import Sums
from signalbox.uptime.pieces import Counted, History, Piece, pieces

if TYPE_CHECKING:
    from signalbox.monitors.service import Monitor

_MOST = 50_000  # signals that are asked of the store; where there are more in an hour, what was confirmed is shown
_SOON = 7 * DAY
_SHORT = 2 * DAY  # that spells are read back, but for a bar of days


@dataclass(frozen=True)
class Then:
    """What was known at a moment; where bars of that moment come from."""

    moment: int
    histories: dict[str, History]
    incidents: Sequence[incidents.Incident]
    calendar: Calendar

    def bar(self, key: str, frame: Frame, now: int) -> Bar:
        """A monitor's bar."""
        return bars.bar(self.histories[key], frame.edges, now)

    def since(self, key: str) -> int | None:
        """The first moment that anything is known of it, as far back as bars reach."""
        return min((spell.start for spell in self.histories[key].spells), default=None)

    def told(self, key: str) -> Sequence[Told]:
        """Written incidents that touched it, oldest first."""
        return [
            Told(one.public, one.started_at, one.resolved_at, one.pages)
            for one in reversed(self.incidents)
            if key in one.monitors
        ]

    def work(self, monitor: Monitor, page: Page) -> Occasion | None:
        """Announced work that was under way; of several the one that ended last."""
        found = (one for one in self.under_way() if one.spec.covers(monitor, (page.slug,)))
        return max(found, key=lambda one: one.end, default=None)

    def under_way(self) -> Iterator[Occasion]:
        """All of it, by its announcement."""
        for work in self.calendar.works:
            if work.since <= self.moment:
                yield from work.windows(self.moment, self.moment + 1)

    def to_come(self) -> list[Occasion]:
        """What was announced for the week after, each with its next window."""
        found = []
        for work in self.calendar.works:
            if work.since <= self.moment and (work.until is None or work.until > self.moment):
                coming = (one for one in work.windows(self.moment, self.moment + _SOON) if one.start > self.moment)
                found += list(coming)[:1]
        return sorted(found, key=lambda one: one.start)


def at(
    session: Session,
    monitors: Sequence[Monitor],
    page: Page,
    moment: int,
    now: int,
    *,
    zoom: Zoom = Zoom.HOUR,
    store: Readable | None = None,
) -> PageDocument:
    """The page at the end of that minute. With a store that has them, its 60 minutes are those of the signals, else
    of what was confirmed. `Refused` where the moment is still to come."""
    if moment > now:
        raise Refused("that moment is still to come")
    then_at = min(moment // MINUTE * MINUTE + MINUTE - MICROS, now)
    then = _then(session, monitors, then_at, now, REACH if zoom is Zoom.DAYS else _SHORT)
    there = [one for one in monitors if one.created_at <= then_at or then.histories[one.key].spells]
    hours = _hours(store, there, then)
    impacts = announcements.impacts([one for one in then.incidents if not one.pages or page.slug in one.pages])
    shown = items.Bars(then, Answers(), page, zoom, then_at)
    groups: dict[str | None, list[items.Row]] = {}
    services: list[Service] = []
    for monitor in there:
        item, newest = _item(then, monitor, page, impacts.get(monitor.key), hours.get(monitor.key))
        services.append(Service(monitor.name, item.state, newest, item.paused))
        groups.setdefault(monitor.group, []).append(shown.row(monitor, item))
    known = Known(
        {key: Standing() for key, one in then.histories.items() if one.spells},
        then.incidents,
        then.calendar,
        _outages(then),
    )
    return snapshot.document(
        page, then_at, there, services, known=known, groups=[shown.group(name, rows) for name, rows in groups.items()],
        scale=shown.scale, work=[*then.under_way(), *then.to_come()],
    )  # fmt: skip


def _then(session: Session, monitors: Sequence[Monitor], moment: int, now: int, reach: int) -> Then:
    calendar = maintenance.load(session)
    fastest = min((one.every for one in monitors if not one.paused), default=None)
    silent = uptime.silent(ledger.newest(session), fastest, now)
    known = uptime.histories(session, monitors, moment - reach, moment + 1, calendar=calendar, silent=silent)
    told = incidents.touching(session, moment - PAST * DAY, moment + 1)
    return Then(moment, known, [one for each in told if (one := rewound(each, moment))], calendar)


def rewound(one: incidents.Incident, moment: int) -> incidents.Incident | None:
    """An incident as far as it was told by then; None if nothing was."""
    said = tuple(update for update in one.updates if max(update.created_at, update.happened_at) <= moment)
    if one.created_at > moment or (one.updates and not said):
        return None
    is_over = one.resolved_at is not None and one.resolved_at <= moment
    promised = None if is_over else next((update.next_update_by for update in said), None)
    status = said[0].status if said else one.status
    return replace(
        one,
        updates=said,
        status=one.status if is_over else Status.INVESTIGATING if status is Status.RESOLVED else status,
        resolved_at=one.resolved_at if is_over else None,
        detected_at=one.detected_at if one.detected_at is not None and one.detected_at <= moment else None,
        next_update_by=promised,
        postmortem=one.postmortem if one.postmortem_at is not None and one.postmortem_at <= moment else None,
    )


def _item(then: Then, monitor: Monitor, page: Page, impact: State | None, hour: Hour | None) -> tuple[Item, int | None]:
    """A monitor as it stood, and its newest result."""
    lately = pieces(then.histories[monitor.key], then.moment - DAY, then.moment + 1, then.moment + 1)
    work, spell = then.work(monitor, page), lately[-1].spell
    told = state.Told(
        verdict=spell.verdict if spell else None, judged=True, paused=spell is not None and spell.paused, impact=impact,
        work=work is not None, expected_down=work is not None and work.spec.expected is Expected.DOWN,
    )  # fmt: skip
    newest = _newest(lately, then.moment)
    if hour is None:
        hour = _confirmed(then.histories[monitor.key], monitor.every, then.moment)
    elif hour.newest is not None:
        newest = hour.newest
    shown = state.shown((), newest, monitor.every, then.moment, told)
    return snapshot.item(monitor, shown, told, hour, newest), newest


def _newest(lately: Sequence[Piece], moment: int) -> int | None:
    """The last moment of the day before that something was known."""
    known = (piece.end for piece in lately if piece.spell and piece.spell.verdict is not Verdict.UNKNOWN)
    last = max(known, default=None)
    return None if last is None else min(last, moment)


def _hours(store: Readable | None, monitors: Sequence[Monitor], then: Then) -> dict[str, Hour]:
    """The 60 minutes of each monitor that the store has signals of; none while it is away."""
    tracks = {monitor.key: Track(monitor.target, monitor.every) for monitor in monitors}
    if store is None or sum(HOUR / MICROS / one.every for one in monitors) > _MOST:
        return {}
    try:
        signals = store.raw(None, then.moment - HOUR - MINUTE, then.moment + 1)
    except SignalboxError:
        return {}
    places: dict[str, int] = {}
    for signal in signals:
        if signal.monitor in tracks:
            tracks[signal.monitor].add(signal, places.setdefault(signal.location, len(places)))
    return {key: track.hour(then.moment) for key, track in tracks.items() if len(track)}


def _confirmed(history: History, every: float, moment: int) -> Hour:
    """60 minutes from what was confirmed. As many signals as were due."""
    first = moment // MINUTE - 59
    edges = [(first + at) * MINUTE for at in range(61)]
    found = bars.plain(History(history.spells, (), history.annotations), edges, moment)
    due = _due(found.sums, every)
    lost = -(-due * found.sums.down // found.sums.known) if found.sums.known else 0
    return Hour(found.kinds.replace("z", ".").replace("m", "u"), [None] * 60, due, due, due - lost, None, ())


def _due(sums: Sums, every: float) -> int:
    return -(-sums.known // round(every * MICROS))


def _outages(then: Then) -> list[Outage]:
    """What had been down within a day."""
    return [
        Outage(key, piece.start, piece.end if piece.end <= then.moment else None)
        for key, history in then.histories.items()
        for piece in pieces(history, then.moment - DAY, then.moment + 1, then.moment + 1)
        if piece.counted is Counted.DOWN
    ]

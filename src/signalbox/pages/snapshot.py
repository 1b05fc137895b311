"""What does a page say now? What the window, the board and the past know, as one document."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from signalbox import clock
from signalbox.maintenance.calendar import Occasion
from signalbox.maintenance.specs import Expected
from signalbox.pages import announcements, items, state
from signalbox.pages.board import DAY, Known, Outage
from signalbox.pages.document import Group, Item, PageDocument, PageHead, Recent, Scale, State, Zoom
from signalbox.pages.items import Row
from signalbox.pages.latencies import Answers, coarse
from signalbox.pages.past import Past
from signalbox.pages.service import Page
from signalbox.pages.state import Service, Shown, Told
from signalbox.pages.track import Hour
from signalbox.pages.window import Window
from signalbox.signals import Verdict

if TYPE_CHECKING:
    from signalbox.monitors.service import Monitor

_NAMES = 5
_NOTHING = Known()


class Behind(NamedTuple):
    """What lies behind a page: the past 90 days and the answer times of a process that serves pages."""

    past: Past
    answers: Answers = Answers()


def build(
    window: Window,
    page: Page,
    now: int,
    known: Known = _NOTHING,
    *,
    zoom: Zoom = Zoom.HOUR,
    behind: Behind | None = None,
) -> PageDocument:
    """The document of a page as of `now` (UTC microseconds). Every page shows every monitor, in manifest order;
    groups come in the order in which their first monitor does. Without a past nothing is known but 60 minutes."""
    monitors = window.monitors
    incidents = announcements.of_page(known, page.slug)
    impacts = announcements.impacts(incidents)
    past, answers = behind or Behind(Past())
    bars = items.Bars(past, answers, page, zoom, now, window=window)
    work = [*known.calendar.current(now), *known.calendar.upcoming(now)] if known.calendar else []
    groups: dict[str | None, list[Row]] = {}
    services: list[Service] = []
    for monitor in monitors:
        hour = (window.hour if zoom is Zoom.HOUR else window.lately)(monitor.key, now)
        newest, verdicts = _newest(monitor, hour, known)
        told = _told(monitor, known, impacts, page, now, newest)
        shown = state.shown(verdicts, newest, monitor.every, now, told)
        services.append(Service(monitor.name, shown.state, newest, told.paused))
        if not hour.minutes and shown.state is not State.OPERATIONAL:
            hour = window.hour(monitor.key, now)
        groups.setdefault(monitor.group, []).append(bars.row(monitor, item(monitor, shown, told, hour, newest)))
    return document(
        page, now, monitors, services, known=known, groups=[bars.group(name, of) for name, of in groups.items()],
        scale=bars.scale, work=work,
    )  # fmt: skip


def document(
    page: Page,
    now: int,
    monitors: Sequence[Monitor],
    services: Sequence[Service],
    *,
    known: Known,
    groups: list[Group],
    scale: Scale | None,
    work: Sequence[Occasion],
) -> PageDocument:
    """The document of these groups, with its banner and with what is told; `work`: under way, then to come."""
    names = {monitor.key: monitor.name for monitor in monitors}
    incidents = announcements.of_page(known, page.slug)
    open_ones = [one for one in incidents if one.resolved_at is None]
    stale_after = state.stale_after(monitor.every for monitor in monitors if not monitor.paused)
    newest = _newest_of_all(services, known)
    return PageDocument(
        page=PageHead(
            slug=page.slug, title=page.title, timezone=page.timezone, zoom=zoom_of(page),
            language=page.language,
        ),
        generated_at=clock.iso(now),
        newest_result_at=None if newest is None else clock.iso(newest),
        stale_after_s=stale_after,
        headline=state.headline(
            services, stale_after, now, [one.title for one in open_ones], _recent(monitors, known, page.slug, now)
        ),
        scale=scale,
        incidents=[announcements.incident(one, names) for one in open_ones],
        maintenance=announcements.windows(work, monitors, page.slug),
        groups=groups,
        past=None if known.calendar is None else announcements.past(incidents, names, page.timezone, now),
    )  # fmt: skip


def zoom_of(page: Page) -> Zoom:
    """What a page opens with."""
    return page.zoom


def _newest(monitor: Monitor, hour: Hour, known: Known) -> tuple[int | None, Collection[Verdict]]:
    """The slot of a monitor's newest result, and what its newest signals say: nothing, if there are newer results
    than the signals that are known here."""
    heard = known.heard(monitor.key, monitor.every)
    if heard is None or (hour.newest is not None and hour.newest >= heard):
        return hour.newest, hour.verdicts
    return heard, ()


def _newest_of_all(services: Sequence[Service], known: Known) -> int | None:
    asked = [service.newest for service in services if service.newest is not None and not service.paused]
    newest = max(asked, default=None)
    return newest if newest is None or known.settled is None else max(newest, known.settled)


def _told(  # noqa: PLR0917 - one thing each
    monitor: Monitor, known: Known, impacts: Mapping[str, State], page: Page, now: int, newest: int | None
) -> Told:
    """What is known of a monitor beside its signals; `newest`: the slot of its newest result."""
    standing = known.standings.get(monitor.key)
    work = known.calendar.covering(monitor, now, (page.slug,)) if known.calendar else None
    verdicts = {place.known for place in standing.places.values()} if standing else set()
    return Told(
        verdict=standing.verdict if standing and standing.since else None,
        judged=known.is_read or standing is not None,
        behind=newest is not None and known.is_behind(monitor.key, newest, state.stale_after([monitor.every])),
        partly=Verdict.DOWN in verdicts and len(verdicts - {None}) > 1,
        paused=monitor.paused,
        impact=impacts.get(monitor.key),
        work=work is not None,
        expected_down=work is not None and work.spec.expected is Expected.DOWN,
    )


def _recent(monitors: Sequence[Monitor], known: Known, slug: str, now: int) -> Recent | None:
    """What was down in the last 24 hours; None where nothing was, and not all were watched for that long."""
    shown = {monitor.key: monitor for monitor in monitors}
    down = [
        (outage.end, shown[outage.monitor].name)
        for outage in known.outages
        if outage.end is not None and outage.monitor in shown and not _was_work(known, outage, shown, slug)
    ]
    watched = all(monitor.key in known.standings and monitor.created_at < now - DAY for monitor in monitors)
    if not down and not watched:
        return None
    names = list(dict.fromkeys(name for _, name in sorted(down, reverse=True)))
    recovered = clock.iso(max(end for end, _ in down)) if down else None
    return Recent(down=len(names), names=names[:_NAMES], recovered_at=recovered)


def _was_work(known: Known, outage: Outage, shown: Mapping[str, Monitor], slug: str) -> bool:
    """Did it all happen while work went on that had been announced?"""
    if known.calendar is None or outage.end is None:
        return False
    windows = known.calendar.windows(shown[outage.monitor], outage.start, outage.end, (slug,))
    return sum(window.end - window.start for window in windows) >= outage.end - outage.start


def item(monitor: Monitor, shown: Shown, told: Told, hour: Hour, newest: int | None) -> Item:
    """A monitor with its 60 minutes, as far as they are known; `newest` is the slot of its newest result."""
    return Item(
        id=monitor.id,
        name=monitor.name,
        state=shown.state,
        paused=told.paused,
        checking=shown.checking,
        quiet=shown.quiet,
        interval_s=monitor.every,
        checked_at=None if newest is None else clock.iso(newest),
        signals=hour.signals,
        uptime=percent(hour.available, hour.known),
        minutes=hour.minutes or None,
        latency=[one if one is None or one < 100 else coarse(one) for one in hour.latency],
    )


def percent(part: int, whole: int) -> str | None:
    """`part` of `whole` in percent, cut (never rounded up) to two decimals: `99.98`. None of nothing."""
    if not whole:
        return None
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"

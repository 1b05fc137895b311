"""What does a page say now? The window's and the board's knowledge as one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from signalbox import clock
from signalbox.maintenance.specs import Expected
from signalbox.pages import announcements, state
from signalbox.pages.board import DAY, Known, Outage
from signalbox.pages.document import Group, Item, PageDocument, PageHead, Recent, State
from signalbox.pages.state import Service, Shown, Told
from signalbox.pages.track import Hour
from signalbox.pages.window import Page, Window
from signalbox.signals import Verdict

if TYPE_CHECKING:
    from signalbox.monitors.service import Monitor

_NAMES = 5
_NOTHING = Known()


def build(window: Window, page: Page, now: int, known: Known = _NOTHING) -> PageDocument:
    """The document of a page as of `now` (UTC microseconds). Every page shows every monitor, in manifest order;
    groups come in the order in which their first monitor does."""
    monitors = window.monitors
    names = {monitor.key: monitor.name for monitor in monitors}
    incidents = announcements.of_page(known, page.slug)
    impacts = announcements.impacts(incidents)
    groups: dict[str | None, list[Item]] = {}
    services: list[Service] = []
    for monitor in monitors:
        hour = window.hour(monitor.key, now)
        told = _told(monitor, known, impacts, page, now)
        shown = state.shown(hour.verdicts, hour.newest, monitor.every, now, told)
        groups.setdefault(monitor.group, []).append(_item(monitor, shown, told, hour))
        services.append(Service(monitor.name, shown.state, hour.newest, told.paused))
    stale_after = state.stale_after(monitor.every for monitor in monitors if not monitor.paused)
    asked = [service.newest for service in services if service.newest is not None and not service.paused]
    newest = max(asked, default=None)
    open_ones = [one for one in incidents if one.resolved_at is None]
    return PageDocument(
        page=PageHead(slug=page.slug, title=page.title, timezone=page.timezone),
        generated_at=clock.iso(now),
        newest_result_at=None if newest is None else clock.iso(newest),
        stale_after_s=stale_after,
        headline=state.headline(
            services, stale_after, now, [one.title for one in open_ones], _recent(monitors, known, page.slug, now)
        ),
        incidents=[announcements.incident(one, names) for one in open_ones],
        maintenance=announcements.windows(known.calendar, monitors, page.slug, now),
        groups=[_group(name, items) for name, items in groups.items()],
        past=None if known.calendar is None else announcements.past(incidents, names, page.timezone, now),
    )


def _told(monitor: Monitor, known: Known, impacts: Mapping[str, State], page: Page, now: int) -> Told:
    """What is known of a monitor beside its signals."""
    standing = known.standings.get(monitor.key)
    work = known.calendar.covering(monitor, now, (page.slug,)) if known.calendar else None
    verdicts = {place.known for place in standing.places.values()} if standing else set()
    return Told(
        verdict=standing.verdict if standing and standing.since else None,
        judged=known.is_read or standing is not None,
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


def _item(monitor: Monitor, shown: Shown, told: Told, hour: Hour) -> Item:
    return Item(
        id=monitor.id,
        name=monitor.name,
        state=shown.state,
        paused=told.paused,
        checking=shown.checking,
        quiet=shown.quiet,
        interval_s=monitor.every,
        checked_at=None if hour.newest is None else clock.iso(hour.newest),
        signals=hour.signals,
        uptime=percent(hour.available, hour.known),
        minutes=hour.minutes,
        latency=hour.latency,
    )


def _group(name: str | None, items: list[Item]) -> Group:
    return Group(name=name, state=state.group_state([item.state for item in items]), items=items)


def percent(part: int, whole: int) -> str | None:
    """`part` of `whole` in percent, cut (never rounded up) to two decimals: `99.98`. None of nothing."""
    if not whole:
        return None
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"

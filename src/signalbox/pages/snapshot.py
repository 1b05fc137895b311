"""What does a page say now? The window's knowledge as one document."""

from __future__ import annotations

from signalbox import clock
from signalbox.pages import state
from signalbox.pages.document import Group, Item, PageDocument, PageHead, State
from signalbox.pages.track import Hour
from signalbox.pages.window import Page, Window


def build(window: Window, page: Page, now: int) -> PageDocument:
    """The document of a page as of `now` (UTC microseconds). Every page shows every monitor, in manifest order;
    groups come in the order in which their first monitor does."""
    groups: dict[str | None, list[Item]] = {}
    services: list[state.Service] = []
    monitors = window.monitors
    for monitor in monitors:
        hour = window.hour(monitor.key, now)
        shown = state.item_state(hour.verdicts, hour.newest, monitor.every, now)
        groups.setdefault(monitor.group, []).append(_item(monitor.id, monitor.name, monitor.every, shown, hour))
        services.append(state.Service(monitor.name, shown, hour.newest))
    stale_after = state.stale_after(monitor.every for monitor in monitors)
    newest = max((service.newest for service in services if service.newest is not None), default=None)
    return PageDocument(
        page=PageHead(slug=page.slug, title=page.title, timezone=page.timezone),
        generated_at=clock.iso(now),
        newest_result_at=None if newest is None else clock.iso(newest),
        stale_after_s=stale_after,
        headline=state.headline(services, stale_after, now),
        groups=[_group(name, items) for name, items in groups.items()],
    )


def _item(id_: str, name: str, every: float, shown: State, hour: Hour) -> Item:
    return Item(
        id=id_,
        name=name,
        state=shown,
        interval_s=every,
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

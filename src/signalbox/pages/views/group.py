"""How did a group of services do? Together and each, over several windows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from signalbox.clock import to_datetime
from signalbox.errors import NotFound, Unavailable
from signalbox.history import service as history
from signalbox.history.zooms import Span, Zoom
from signalbox.monitors.service import Monitor
from signalbox.pages import cells, snapshot
from signalbox.pages.cells import Bar
from signalbox.pages.document import Group, State
from signalbox.pages.views import strip, windows
from signalbox.pages.views.base import Asked, Route, Shown, Source
from signalbox.pages.views.reached import Reached, reached
from signalbox.slugs import slug

_MOST = 200  # services of which one view tells


class Member(NamedTuple):
    """One of its services. Answer times are milliseconds over the whole window."""

    id: str
    name: str
    state: State
    reached: list[Reached]
    bar: Bar
    p50: float | None
    p95: float | None
    p99: float | None


def show(asked: Asked, source: Source) -> Shown:
    """The group whose name has that slug, and the window that its answer times are taken from."""
    zoom = windows.zoom(asked.query.get("z"))
    group = _group(asked, source)
    monitors = [one for one in source.window.monitors if one.group == group.name][:_MOST]
    window = windows.named("90d", asked.zone.key, asked.now)
    with source.reading() as session:
        lines = reached(asked, source, session, monitors)
        bars = strip.strips(session, monitors, window.edges, asked.now, source.silent(session, asked.now))
        times = {one.key: _times(session, source, one, zoom.span(asked.now)) for one in monitors}
    states = {item.id: item.state for item in group.items}
    members = [
        Member(one.id, one.name, states[one.id], lines[one.id], bars[one.key], *times[one.key])
        for one in monitors
        if one.id in states
    ]
    name = group.name or ""
    return Shown(
        "group.html",
        name,
        asked.language.say("monitor.description", name=name, title=asked.page.title),
        {
            "group": group, "members": members, "reached": lines[""], "bar": _together([one.bar for one in members]),
            "first": to_datetime(window.start), "zoom": zoom.value, "zooms": [one.value for one in Zoom],
            "windows": windows.NAMED,
        },
        state=group.state,
        live=True,
    )  # fmt: skip


def _group(asked: Asked, source: Source) -> Group:
    document = snapshot.build(source.window, asked.page, asked.now, source.known)
    for group in document.groups:
        if group.name is not None and slug(group.name) == asked.path["id"]:
            return group
    raise NotFound("there is no such group")


def _times(
    session: Session, source: Source, monitor: Monitor, span: Span
) -> tuple[float | None, float | None, float | None]:
    """The percentiles of the whole window, of histograms put together; none where the store that has them is away."""
    try:
        found = history.series(session, source.store, monitor.key, span._replace(step=span.end - span.start))
    except Unavailable:
        return None, None, None
    return (found[-1].p50, found[-1].p95, found[-1].p99) if len(found) == 1 else (None, None, None)


def _together(bars: Sequence[Bar]) -> Bar:
    """Each cell as its worst one; partly down where some were down and others were not."""
    bar, marks = cells.combined(bars)
    return Bar(bar, marks, step=bars[0].step if bars else None)


ROUTE = Route("group", re.compile(r"group/(?P<id>[a-z0-9][a-z0-9-]{0,79})"), frozenset({"z"}), show)

"""What did a check see when it failed? Told to readers only where the page's owner wants everything told."""

from __future__ import annotations

import re

from signalbox.clock import to_datetime
from signalbox.errors import NotFound
from signalbox.monitors import evidence
from signalbox.pages.specs import Evidence
from signalbox.pages.views.base import Asked, Route, Shown, Source, monitors_by_id


def show(asked: Asked, source: Source) -> Shown:
    """The evidence of the check of that service and moment."""
    monitor = monitors_by_id(source).get(asked.path["id"])
    if monitor is None or asked.page.evidence is not Evidence.FULL:
        raise NotFound("there is no such service")
    moment = int(asked.path["moment"])
    with source.reading() as session:
        found = [one for one in evidence.of(session, monitor.key, before=moment + 1, limit=1) if one.moment == moment]
    if not found:
        raise NotFound("there is nothing of that check any more")
    return Shown(
        "seen.html",
        monitor.name,
        asked.language.say("monitor.seen-description", name=monitor.name),
        {"monitor": monitor, "kept": found[0], "at": to_datetime(moment)},
        indexed=False,
    )


ROUTE = Route(
    "seen", re.compile(r"monitor/(?P<id>[a-z0-9][a-z0-9-]{0,99})/seen/(?P<moment>[0-9]{1,18})"), frozenset(), show
)

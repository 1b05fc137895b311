"""Which views does a page have? One module each, and a line here."""

from __future__ import annotations

from typing import Final

from signalbox.pages.views import day, doubt, group, history, incident, measure, moment, monitor, receipt, seen, wall
from signalbox.pages.views.base import Route

ROUTES: Final[tuple[Route, ...]] = (
    incident.ROUTE,
    history.ROUTE,
    day.ROUTE,
    monitor.ROUTE,
    group.ROUTE,
    receipt.ROUTE,
    seen.ROUTE,
    doubt.ROUTE,
    moment.ROUTE,
    wall.ROUTE,
    measure.ROUTE,
)


def found(path: str) -> tuple[Route, dict[str, str]] | None:
    """The view at that path below a page, and what its pattern matched; None if there is none."""
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match:
            return route, {name: value for name, value in match.groupdict().items() if value is not None}
    return None

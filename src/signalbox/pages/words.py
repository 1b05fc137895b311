"""How does the page word what a document says? The browser's side words it the same way: `web/shared/golden` holds
both to it. Plain text; whoever writes it into HTML escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from signalbox.pages.document import Group, Headline, Item, PageDocument, State

STATES = {
    State.OPERATIONAL: "Operational",
    State.NO_DATA: "No data",
    State.MAINTENANCE: "Under maintenance",
    State.DEGRADED: "Degraded",
    State.PARTIAL: "Partial outage",
    State.MAJOR: "Major outage",
}
_DOWN = {"x": "down", "p": "partly down"}
_LIST = 5  # names said before "and n more"


def count(number: int, one: str) -> str:
    """`1 minute`, `2 minutes`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def headline(said: Headline) -> str:
    """The banner's first line."""
    several = f"{said.affected} of {said.total} services"
    name = said.names[0] if said.affected == 1 and said.names else None
    match said.code:
        case "stale":
            return "We cannot confirm the current status"
        case "waiting":
            return "Waiting for the first checks"
        case "empty":
            return "No services here yet"
        case "major-all":
            return "Major outage: all services"
        case "major":
            return f"Major outage: {name}" if name else f"{several} down"
        case "partial":
            return f"Partial outage: {name}" if name else f"{several} affected"
        case "degraded":
            return f"Slow or failing for some: {name}" if name else f"{several} degraded"
        case "operational":
            return "Operational" if said.no_data else "All systems operational"


def detail(said: Headline, downtime: Sequence[str]) -> str:
    """The banner's second line, maybe empty. `downtime` names what was down within the past 60 minutes."""
    match said.code:
        case "stale":
            return "Below is the last state we know."
        case "waiting" | "empty":
            return ""
        case "operational" if said.no_data:
            verb = "has" if said.no_data == 1 else "have"
            return f"{count(said.no_data, 'service')} {verb} no data"
        case "operational" if not downtime:
            return ""
        case "operational":
            who = downtime[0] if len(downtime) == 1 else f"{len(downtime)} services"
            return f"{who} had downtime in the past 60 minutes"
    if said.affected == 1 and said.code != "major-all":
        return ""  # the headline names it
    names = said.names[:_LIST]
    more = said.affected - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def tab(title: str, said: Headline) -> str:
    """The title of the browser's tab."""
    if said.code == "stale":
        return f"? {title}"
    if said.code == "major-all":
        return f"● Down: all services | {title}"
    if said.code == "major":
        more = f" and {said.affected - 1} more" if said.affected > 1 else ""
        return f"● Down: {said.names[0]}{more} | {title}"
    return f"({said.affected}) {title}" if said.affected else title


def with_downtime(document: PageDocument) -> list[str]:
    """Names of the services that were down, at least in part, in some minute shown."""
    items = (item for group in document.groups for item in group.items)
    return [item.name for item in items if "x" in item.minutes or "p" in item.minutes]


def group_sum(group: Group) -> str:
    """A group's members in a few words."""
    services = count(len(group.items), "service")
    without = sum(item.state is State.NO_DATA for item in group.items)
    bad = sum(item.state not in (State.NO_DATA, State.OPERATIONAL) for item in group.items)
    if bad:
        return f"{services}, {bad} not operational"
    return f"{services}, {without} without data" if without else f"{services}, all operational"


def downtime_summary(minutes: str) -> str | None:
    """`2 minutes with downtime`, or None when there was none."""
    number = minutes.count("x") + minutes.count("p")
    return f"{count(number, 'minute')} with downtime" if number else None


def downtime_list(minutes: str, first: datetime, zone: ZoneInfo) -> list[str]:
    """Each stretch of downtime: `14:02–14:04 (2 min) down`. `first` is when the first minute starts."""
    lines: list[str] = []
    at = 0
    for kind, run in groupby(minutes):
        length = len(list(run))
        if kind in _DOWN:
            start = (first + timedelta(minutes=at)).astimezone(zone)
            end = (first + timedelta(minutes=at + length)).astimezone(zone)
            lines.append(f"{start:%H:%M}–{end:%H:%M} ({length} min) {_DOWN[kind]}")
        at += length
    return lines


def bar_label(minutes: str) -> str:
    """What a bar shows, for those who do not see it."""
    up = sum(minutes.count(kind) for kind in "ugp")
    parts = [
        f"{count(up, 'minute')} up" if up else "",
        downtime_summary(minutes) or "",
        f"{count(minutes.count('.'), 'minute')} without data" if "." in minutes else "",
    ]
    return ", ".join(part for part in parts if part)


def worst_minutes(items: Sequence[Item]) -> str:
    """The worst character of each minute over several bars."""
    return "".join(min(column, key="xpgu.".index) for column in zip(*(item.minutes for item in items), strict=True))

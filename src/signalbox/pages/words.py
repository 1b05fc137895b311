"""How does the page word what a document says? The browser's side words it the same way: `web/shared/golden` holds
both to it. Plain text; whoever writes it into HTML escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from zoneinfo import ZoneInfo

from signalbox.pages import times
from signalbox.pages.document import Group, Headline, Item, PageDocument, Recent, State
from signalbox.pages.times import count

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


def state(item: Item, now: datetime, zone: tzinfo) -> str:
    """A service's state in words; of old data with its time."""
    if item.state is not State.NO_DATA:
        return STATES[item.state]
    if item.paused:
        return "Paused"
    if item.quiet and item.checked_at is not None:
        return f"No data since {times.written(datetime.fromisoformat(item.checked_at), now, zone)}"
    return STATES[State.NO_DATA]


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
        case "paused":
            return "Nothing is checked at present"
        case "major-all":
            return "Major outage: all services"
        case "major":
            return f"Major outage: {name}" if name else f"{several} down"
        case "partial":
            return f"Partial outage: {name}" if name else f"{several} affected"
        case "degraded":
            return f"Slow or failing for some: {name}" if name else f"{several} degraded"
        case "incident":
            return "We are looking into a problem"
        case "maintenance":
            return f"Planned maintenance: {name}" if name else f"Planned maintenance: {said.affected} services"
        case "operational":
            return "Operational" if said.no_data else "All systems operational"


def detail(said: Headline, downtime: Sequence[str], now: datetime) -> str:
    """The banner's second line, maybe empty. `downtime` names what was down within the past 60 minutes."""
    match said.code:
        case "stale":
            return "Below is the last state we know."
        case "waiting" | "empty":
            return ""
        case "paused":
            return "All checks are paused."
        case "operational" if said.no_data:
            verb = "has" if said.no_data == 1 else "have"
            return f"{count(said.no_data, 'service')} {verb} no data"
        case "operational" if said.recent is not None and said.recent.recovered_at is not None:
            return _recovered(said.recent, said.recent.recovered_at, now)
        case "operational":
            return _calm(said.recent is not None, downtime)
    if said.affected == 1 and said.code not in ("major-all", "incident"):
        return ""  # the headline names it
    names = said.names[:_LIST]
    more = said.affected - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _recovered(recent: Recent, at: str, now: datetime) -> str:
    who = recent.names[0] if recent.down == 1 and recent.names else count(recent.down, "service")
    return f"Recovered {times.ago(datetime.fromisoformat(at), now)} from an outage of {who}"


def _calm(all_day: bool, failed: Sequence[str]) -> str:
    """With a whole day known, what failed was not enough for an outage; else it may have been one."""
    if not failed:
        return "Nothing has been down in the last 24 hours" if all_day else ""
    who = failed[0] if len(failed) == 1 else f"{len(failed)} services"
    if all_day:
        return f"Some checks of {who} failed in the past 60 minutes, too few for an outage"
    return f"{who} had downtime in the past 60 minutes"


def tab(title: str, said: Headline) -> str:
    """The title of the browser's tab."""
    if said.code == "stale":
        return f"? {title}"
    if said.code == "major-all":
        return f"● Down: all services | {title}"
    if said.code == "major":
        more = f" and {said.affected - 1} more" if said.affected > 1 else ""
        return f"● Down: {said.names[0]}{more} | {title}"
    if said.code in ("partial", "degraded", "incident"):
        return f"({said.affected}) {title}"
    return title


def with_downtime(document: PageDocument) -> list[str]:
    """Names of the services that were down, at least in part, in some minute shown."""
    items = (item for group in document.groups for item in group.items)
    return [item.name for item in items if "x" in item.minutes or "p" in item.minutes]


def group_sum(group: Group) -> str:
    """A group's members in a few words."""
    services = count(len(group.items), "service")
    without = sum(item.state is State.NO_DATA for item in group.items)
    work = sum(item.state is State.MAINTENANCE for item in group.items)
    fine = sum(item.state is State.OPERATIONAL for item in group.items)
    bad = len(group.items) - without - work - fine
    if bad:
        return f"{services}, {bad} not operational"
    if work:
        return f"{services}, {work} under maintenance"
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

"""How is an incident, or work that was announced, told in a few words? As `web/shared/app/utils/telling.ts` tells it;
`golden/telling.json` holds both to it. Plain text; whoever writes it into HTML escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from signalbox.pages import times
from signalbox.pages.document import AffectedService, Incident, Maintenance, Past, State
from signalbox.pages.language import Language

SHOWN: Final = 3
"""Updates of an incident that are shown at once; older ones are folded."""

_AFFECTED: Final = (State.DEGRADED, State.PARTIAL, State.MAJOR, State.MAINTENANCE)


def status(language: Language, code: str) -> str:
    """`Investigating`, `Identified`, `Monitoring`, `Resolved`."""
    return language.say(f"status.{code}")


def affects(language: Language, affected: Sequence[AffectedService]) -> str:
    """`Affects API (partial outage), Webhooks`, or empty."""
    names = [
        language.say(f"affected.{one.state.value}", name=one.name) if one.state in _AFFECTED else one.name
        for one in affected
    ]
    return language.say("incident.affects", names=language.listed(names)) if names else ""


def promise(language: Language, incident: Incident, now: datetime, zone: tzinfo) -> tuple[str, bool]:
    """When the next update comes, and whether it is overdue; empty where none was promised or none is needed."""
    if incident.next_update_by is None or incident.resolved_at is not None:
        return "", False
    due = datetime.fromisoformat(incident.next_update_by)
    time = times.written(language, due, now, zone)
    if now >= due:
        return language.say("incident.overdue", length=times.lasted(language, now - due), time=time), True
    return f"{language.say('incident.promise', time=time)} ({times.until(language, due, now)})", False


def course(language: Language, incident: Incident, now: datetime, zone: tzinfo) -> str:
    """`Started 14:02 · detected after 40 s · resolved 16:10 (2 h 08 min)`."""
    started = datetime.fromisoformat(incident.started_at)
    parts = [language.say("incident.started", time=times.written(language, started, now, zone))]
    if incident.detected_at is not None and incident.detected_at > incident.started_at:
        passed = datetime.fromisoformat(incident.detected_at) - started
        parts.append(language.say("incident.detected", length=times.lasted(language, passed)))
    if incident.resolved_at is not None:
        end = datetime.fromisoformat(incident.resolved_at)
        time, length = times.written(language, end, started, zone), times.lasted(language, end - started)
        parts.append(language.say("incident.resolved", time=time, length=length))
    return language.say("list.dot").join(parts)


def earlier(language: Language, number: int) -> str:
    """`2 earlier updates`."""
    return language.count("incident.earlier", number)


def progress(language: Language, work: Maintenance, now: datetime) -> str:
    """`Starts in 3 days`, `In progress, ends in 40 minutes`, `In progress, 25 minutes over plan`."""
    start, end, planned = map(datetime.fromisoformat, (work.starts_at, work.ends_at, work.planned_end_at))
    if now < start:
        return language.say("work.starts", **{"in": times.until(language, start, now)})
    if now >= planned and planned < end:
        return language.say("work.over", span=times.span(language, now - planned))
    if now < end:
        return language.say("work.ends", **{"in": times.until(language, end, now)})
    return language.say("work.done")


def when(language: Language, work: Maintenance, now: datetime, zone: ZoneInfo) -> str:
    """`Mon 23 Nov, 22:00–23:30 (Europe/Budapest)`: when a window is, and whose time that is."""
    start, end = datetime.fromisoformat(work.starts_at), datetime.fromisoformat(work.ends_at)
    return f"{times.between(language, start, end, now, zone)} ({zone.key.replace('_', ' ')})"


def touches(language: Language, work: Maintenance) -> str:
    """`Affects Email, Search · Short interruptions are possible`."""
    affected = language.say("incident.affects", names=language.listed(work.affected))
    return language.say("list.dot").join([affected, language.say(f"work.expected-{work.expected}")])


def quiet(language: Language, past: Past) -> str:
    """`No incidents on the other 12 days`."""
    if past.calm == past.days:
        return language.count("past.calm", past.days)
    return language.count("past.quiet", past.calm) if past.calm > 1 else ""


def more(language: Language, past: Past) -> str:
    """`12 more incidents are not listed`, or empty."""
    return language.count("past.more", past.more) if past.more else ""

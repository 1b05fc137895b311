"""How does somebody say how a manual monitor stands? A verb that takes a session; it is judged within a second."""

from __future__ import annotations

from sqlalchemy.orm import Session

from signalbox import audit
from signalbox.errors import Conflict, Refused
from signalbox.heartbeats import service
from signalbox.heartbeats.pings import Ping, Sort
from signalbox.monitors import editing
from signalbox.signals import Verdict

LONGEST = 300
"""Characters of a message."""
_KIND = "manual"


def say(session: Session, id_: str, verdict: Verdict, message: str, *, by: str, now: int) -> None:
    """Say how it stands, from now on. `Conflict` when it is a monitor that programs ask, or is paused."""
    found = editing.find(session, id_)
    if found.spec["check"]["kind"] != _KIND:
        raise Conflict(f'"{id_}" is no manual monitor: how it stands, its checks say')
    if found.is_paused:
        raise Conflict(f'"{id_}" is paused: resume it first')
    if len(message) > LONGEST or not message.isprintable():
        raise Refused(f"message: write one line of at most {LONGEST} characters")
    service.record(session, [Ping(found.key, now, Sort(verdict.value), source=by, said=message)])
    audit.record(session, by, "verdict", "monitor", id_, after={"verdict": verdict.value, "message": message})

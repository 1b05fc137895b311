"""An installation with a few monitors and one channel, and changes of their standings."""

from __future__ import annotations

from typing import Any

from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.configured import add
from signalbox.incidents import automatic, service, writing
from signalbox.incidents.automatic import Step
from signalbox.incidents.models import TemplateRow
from signalbox.incidents.service import Incident
from signalbox.incidents.specs import IncidentSpec, IncidentTemplateSpec, UpdateSpec
from signalbox.monitors import service as monitors
from signalbox.monitors.judge import Change, Standing
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.service import Monitor
from signalbox.monitors.specs import MonitorSpec
from signalbox.notifications import outbox
from signalbox.signals import Reason, Verdict
from tests.notifications.office import START, Office

NOW = START
MINUTE = 60 * MICROS
BY = "cli:ada"


def watch(database: Database, *ids: str, group: str | None = None) -> list[Monitor]:
    """Watch these."""
    with database.begin() as session:
        for id_ in ids:
            check = HttpCheck(url=f"https://{id_}.example")
            spec = MonitorSpec(id=id_, name=id_.title(), group=group, check=check, incident=True)
            add(session, MonitorRow, id_, spec, columns=monitors.columns(spec), now=1)
    with database.read() as session:
        return [one for one in monitors.active(session) if one.id in ids]


def keep_words(database: Database, **written: Any) -> None:
    """Keep a template."""
    spec = IncidentTemplateSpec.model_validate(written)
    columns = {"when": spec.when.value, "automatic": spec.automatic}
    with database.begin() as session:
        add(session, TemplateRow, spec.id, spec, columns=columns, now=1)


def listening(database: Database) -> Office:
    """An office with a channel that hears of everything."""
    return Office(database, "ops")


def told(database: Database) -> list[str]:
    """Keys of the notices in the outbox, oldest first."""
    with database.read() as session:
        return [one.notice for one in reversed(outbox.log(session))]


def opened(database: Database, now: int = NOW, **written: Any) -> Incident:
    """An incident that a person opened."""
    spec = IncidentSpec.model_validate({"title": "Trouble", **written})
    with database.begin() as session:
        return writing.open_(session, spec, by=BY, now=now)


def updated(database: Database, public: str, now: int = NOW + MINUTE, **written: Any) -> Incident:
    """An update that a person wrote."""
    with database.begin() as session:
        return writing.update(session, public, UpdateSpec.model_validate(written), by=BY, now=now)


def found(database: Database, public: str) -> Incident:
    with database.read() as session:
        return service.find(session, public)


def everything(database: Database) -> list[Incident]:
    """All incidents, the newest first."""
    with database.read() as session:
        return service.listing(session, limit=10_000)


HEALTHY = Standing(Verdict.UP, Verdict.UP, since=1)


def down(monitor: Monitor, at: int = NOW, *, opens: bool = True, message: str = "refused") -> Step:
    """It went down."""
    after = Standing(Verdict.DOWN, Verdict.DOWN, Reason.CONNECT, message, at, at)
    return Step(monitor, Change(monitor.key, HEALTHY, after, at + 4 * MICROS, "local"), opens)


def up(monitor: Monitor, trouble: int = NOW, at: int = NOW + 5 * MINUTE, *, opens: bool = True) -> Step:
    """Its trouble is over."""
    after = Standing(Verdict.UP, Verdict.UP, since=at)
    return Step(monitor, Change(monitor.key, down(monitor, trouble).change.after, after, at + MICROS, "local"), opens)


def follow(database: Database, *steps: Step, now: int = NOW + 4 * MICROS) -> None:
    with database.begin() as session:
        automatic.follow(session, steps, now)

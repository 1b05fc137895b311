"""An installation in which incidents happen: monitors, pages, changes of monitors, and what was said and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from signalbox.audit import AuditRow
from signalbox.checks.http import HttpCheck
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.configured import add
from signalbox.db.installation import raise_changes
from signalbox.incidents import automatic, service, writing
from signalbox.incidents.automatic import Step
from signalbox.incidents.models import TemplateRow
from signalbox.incidents.service import Incident
from signalbox.incidents.specs import IncidentSpec, IncidentTemplateSpec, UpdateSpec
from signalbox.monitors import service as monitors
from signalbox.monitors.judge import Change, Standing
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec
from signalbox.notifications import channels
from signalbox.notifications.models import NoticeRow
from signalbox.notifications.specs import WebhookChannel
from signalbox.signals import Reason, Verdict

NOW = 1_800_000_000 * MICROS
SECOND, MINUTE = MICROS, 60 * MICROS
BY = "cli:ann"


class Scene:
    """What tests do, in transactions of their own."""

    def __init__(self, database: Database, groups: dict[str, str | None]) -> None:
        self.database = database
        with database.begin() as session:
            for id_, group in groups.items():
                check = HttpCheck(url=f"https://{id_}.example")
                spec = MonitorSpec(id=id_, name=id_.title(), group=group, tags=("prod",), check=check, incident=True)
                add(session, MonitorRow, id_, spec, columns=monitors.columns(spec), now=1)
            hook = WebhookChannel.model_validate({"id": "hook", "kind": "webhook", "url": "https://hooks.example"})
            channels.make(session, hook, by=BY, now=1)
        with database.read() as session:
            self.monitors = {one.id: one for one in monitors.active(session)}

    def step(self, id_: str, at: int, *, up: bool = False, trouble: int | None = None, opens: bool = True) -> Step:
        """A change: down since `at`, or up since `at` after a trouble."""
        down = Standing(
            Verdict.DOWN, Verdict.DOWN, Reason.CONNECT, "no connection: refused", trouble or at, trouble or at
        )
        fine = Standing(Verdict.UP, Verdict.UP, since=at)
        before, after = (down, fine) if up else (fine._replace(since=1), down)
        return Step(self.monitors[id_], Change(id_, before, after, at + 3 * SECOND, "local"), opens)

    def follow(self, *steps: Step, now: int) -> None:
        """Let incidents follow these changes."""
        with self.database.begin() as session:
            raise_changes(session)
            automatic.follow(session, steps, now)

    def down(self, *ids: str, at: int = NOW) -> None:
        """These fail."""
        self.follow(*(self.step(id_, at) for id_ in ids), now=at + 3 * SECOND)

    def up(self, *ids: str, at: int, trouble: int = NOW) -> None:
        """These work again."""
        self.follow(*(self.step(id_, at, up=True, trouble=trouble) for id_ in ids), now=at + 3 * SECOND)

    def leave(self, *ids: str, now: int) -> None:
        """These are not watched any more."""
        with self.database.begin() as session:
            raise_changes(session)
            automatic.leave(session, ids, now)

    def open(self, *, now: int = NOW, **spec: Any) -> Incident:
        """A person opens one."""
        with self.database.begin() as session:
            written = IncidentSpec.model_validate({"title": "Trouble", **spec})
            return writing.open_(session, written, by=BY, now=now, pages=["main"])

    def update(self, public: str, *, now: int, resolves: bool = False, **spec: Any) -> Incident:
        """A person says how it goes."""
        verb = writing.resolve if resolves else writing.update
        with self.database.begin() as session:
            return verb(session, public, UpdateSpec.model_validate(spec), by=BY, now=now)

    def templates(self, *specs: dict[str, Any]) -> None:
        """Keep these words."""
        with self.database.begin() as session:
            for one in map(IncidentTemplateSpec.model_validate, specs):
                columns = {"when": one.when.value, "automatic": one.automatic}
                add(session, TemplateRow, one.id, one, columns=columns, now=1)

    def all(self) -> list[Incident]:
        """All incidents, the newest first."""
        with self.database.read() as session:
            return service.listing(session, limit=10_000)

    def one(self) -> Incident:
        """The only one."""
        (found,) = self.all()
        return found

    def told(self) -> list[NoticeRow]:
        """Notices, in their order."""
        with self.database.read() as session:
            return list(session.scalars(select(NoticeRow).order_by(NoticeRow.id)))

    def audited(self, kind: str = "incident") -> list[tuple[str, str]]:
        """Who did what."""
        with self.database.read() as session:
            query = select(AuditRow.actor, AuditRow.action).where(AuditRow.kind == kind).order_by(AuditRow.id)
            return [(row.actor, row.action) for row in session.execute(query)]


def said(one: Incident) -> Sequence[tuple[str, str]]:
    """Status and text of each update, the newest first."""
    return [(update.status.value, update.body) for update in one.updates]

"""An outbox with a clock that the test sets, and a provider that does what the test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from signalbox.clock import MICROS
from signalbox.db import Database, configured
from signalbox.notifications import channels, dispatch, outbox, outcomes, service
from signalbox.notifications.dispatch import Rates
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.models import ChannelRow, RouteRow
from signalbox.notifications.notices import Kind, Notice, Severity
from signalbox.notifications.outbox import Entry
from signalbox.notifications.routes import RouteSpec
from signalbox.notifications.specs import WebhookChannel

START = 1_800_000_000 * MICROS  # a Friday, 08:00 UTC
OK, AWAY = Result(True, "200"), Result(False, "connection refused")
REFUSED = Result(False, "404 not found", permanent=True)

Answer = Callable[[str, Letter], Result]


def notice(kind: Kind, monitor: str = "db", trouble: int = 0, at: int = 0, **more: Any) -> Notice:
    """One notice about a monitor's trouble; `trouble` and `at` are seconds after the start."""
    severity = Severity.DEGRADED if kind is Kind.DEGRADED else Severity.DOWN
    happened = START + at * MICROS
    given = {"severity": severity, "monitor": monitor, "facts": {"name": monitor}, **more}
    thread = f"{monitor}@{START + trouble * MICROS}"
    return Notice(f"{thread}:{kind}:{happened}", thread, kind, happened=happened, confirmed=happened, **given)


def down(monitor: str = "db", trouble: int = 0, at: int = 0, **more: Any) -> Notice:
    return notice(Kind.DOWN, monitor, trouble, at, **more)


def up(monitor: str = "db", trouble: int = 0, at: int = 60, **more: Any) -> Notice:
    return notice(Kind.UP, monitor, trouble, at, **more)


class Office:
    """One courier's view of an outbox, a second at a time."""

    def __init__(self, database: Database, *names: str) -> None:
        self.database, self.now = database, START
        self.arrived: list[tuple[str, Letter]] = []  # what the provider said yes to
        self.tried: list[tuple[int, str, Letter, Result]] = []
        self.answer: Answer = lambda channel, letter: OK
        self.rates: Rates = {}
        self.courier = "courier"
        for name in names:
            spec = WebhookChannel.model_validate({"id": name, "kind": "webhook", "url": f"https://{name}.example"})
            with database.begin() as session:
                configured.add(session, ChannelRow, name, spec, columns=channels.columns(spec), now=START)

    def route(self, **spec: Any) -> None:
        """Add a route."""
        route = RouteSpec.model_validate({"id": f"r{len(self.routes())}", **spec})
        with self.database.begin() as session:
            configured.add(session, RouteRow, route.id, route, columns=service.route_columns(route), now=START)

    def routes(self) -> list[RouteSpec]:
        with self.database.read() as session:
            return service.active_routes(session)

    def announce(self, *notices: Notice, held: Mapping[str, str] | None = None) -> int:
        with self.database.begin() as session:
            return outbox.announce(session, notices, self.now, held)

    def release(self, *threads: str, facts: Mapping[str, Mapping[str, Any]] | None = None) -> int:
        with self.database.begin() as session:
            return outbox.release(session, threads, self.now, facts)

    def acknowledge(self, thread: str, by: str = "link:ops") -> bool:
        with self.database.begin() as session:
            return outbox.acknowledge(session, thread, by, self.now)

    def look(self) -> int:
        """What a courier does in one round. Returns how many letters it tried."""
        with self.database.read() as session:
            if not dispatch.is_anything_due(session, self.now):
                return 0
        with self.database.begin() as session:
            claims = dispatch.take(session, self.now, self.courier, rates=self.rates)
        for claim in claims:
            result = self.send(claim.channel, claim.letter)
            with self.database.begin() as session:
                outcomes.finish(session, claim, result, self.courier, self.now)
        return len(claims)

    def send(self, channel: str, letter: Letter) -> Result:
        """What the provider says, and its memory."""
        result = self.answer(channel, letter)
        self.tried.append((self.now, channel, letter, result))
        if result.ok:
            self.arrived.append((channel, letter))
        return result

    def run(self, seconds: int, step: int = 1) -> None:
        """Let time pass, with a look each `step` seconds."""
        for _ in range(0, seconds, step):
            self.now += step * MICROS
            while self.look():
                pass

    def told(self, channel: str | None = None) -> list[str]:
        """What arrived, as `KIND MONITOR`, in order."""
        return [
            f"{one.kind} {one.monitor}" for key, letter in self.arrived if channel in {None, key}
            for one in letter.notices
        ]  # fmt: skip

    def log(self) -> Sequence[Entry]:
        """The delivery log, oldest first."""
        with self.database.read() as session:
            return outbox.log(session, limit=10_000)[::-1]

    def states(self, channel: str = "ops") -> list[str]:
        """`KIND STATE` of what was written for a channel, oldest first."""
        return [f"{one.kind} {one.state}" for one in self.log() if one.channel == channel]

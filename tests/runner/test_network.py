"""A failure is believed when canaries answer, and not when they are silent. Sockets are real, on loopback."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from signalbox.checks.base import Outcome
from signalbox.checks.canary import Canary
from signalbox.checks.http import HttpCheck
from signalbox.db import Database
from signalbox.db.configured import Origin
from signalbox.db.installation import set_canaries
from signalbox.guard import Guard
from signalbox.monitors.locations import note_offline, offline
from signalbox.monitors.service import Monitor
from signalbox.notifications.notices import Kind, Notice, Severity
from signalbox.runner import canaries, network
from signalbox.runner.network import Network
from signalbox.runner.surroundings import Surroundings
from signalbox.signals import Reason, Verdict
from tests.servers.process import free_port

UP = Outcome(Verdict.UP, Reason.OK, available=True)
TIMED_OUT = Outcome(Verdict.DOWN, Reason.TIMEOUT, "no answer within 10 s", total=10_000.0)
BROKEN = Outcome(Verdict.DOWN, Reason.STATUS, "the server answered 500", http_status=500)


class Wire:
    """A gateway on loopback that answers while the wire is whole, and is silent while it is cut."""

    def __init__(self) -> None:
        self.port = free_port()
        self.knocks = 0
        self._server: socket.socket | None = None
        self._waiting: list[socket.socket] = []

    def cut(self) -> None:
        """From now on nobody answers: the queue of whoever listens is full."""
        self._server = socket.socket()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server.bind(("127.0.0.1", self.port))
        self._server.listen(0)
        for _ in range(2):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self.port))
            self._waiting.append(waiting)

    def mend(self) -> None:
        """From now on connections are refused, which is an answer."""
        for one in (*self._waiting, *([self._server] if self._server else [])):
            one.close()
        self._waiting, self._server = [], None

    def look(self) -> Surroundings:
        """What a process finds around it; called once a round."""
        self.knocks += 1
        return Surroundings(("127.0.0.1",))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A whole wire, and times that a test can wait for."""
    made = Wire()
    monkeypatch.setattr(canaries, "GATEWAY_PORTS", (made.port,))
    monkeypatch.setattr(network, "PATIENCE", 0.3)
    monkeypatch.setattr(network, "APART", 0.1)
    monkeypatch.setattr(network, "AGAIN", 0.1)
    monkeypatch.setattr(network, "SETTLE", 0.0)
    yield made
    made.mend()


class Told:
    """What would be told."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def announce(self, _session: object, notices: object, _now: int) -> None:
        """As `outbox.announce`."""
        assert isinstance(notices, list)
        self.notices += notices


@asynccontextmanager
async def opened(
    database: Database, look: Callable[[], Surroundings], told: Told | None = None, guard: str = "internal"
) -> AsyncIterator[Network]:
    """A network whose first round is over."""
    made = Network(database, "fra", Guard.from_setting(guard), (told or Told()).announce, look)
    made.open()
    try:
        await until(lambda: made.is_open is not None, "the first round")
        yield made
    finally:
        await made.close()


async def until(holds: Callable[[], object], what: str) -> None:
    """Return once it holds."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)
    assert holds(), what


def monitor(key: str = "one", url: str = "https://example.com/") -> Monitor:
    """A monitor of that URL."""
    check = HttpCheck(url=url)
    return Monitor(key, key, key, None, (), check, check.target, 60, 10.0, 0, Origin.MANIFEST)


async def test_a_failure_is_believed_while_the_gateway_answers(database: Database, wire: Wire) -> None:
    async with opened(database, wire.look) as own:
        assert await own.believe(TIMED_OUT, time.monotonic() - 10) is TIMED_OUT


async def test_a_failure_is_unknown_while_all_canaries_are_silent(database: Database, wire: Wire) -> None:
    async with opened(database, wire.look) as own:
        wire.cut()
        seen = await own.believe(replace(TIMED_OUT, available=True), time.monotonic() - 10)
        assert (seen.verdict, seen.reason, seen.available) == (Verdict.UNKNOWN, Reason.OFFLINE, False)
        assert "our own network was down" in seen.message
        assert seen.total == 10_000.0


async def test_what_began_while_canaries_were_silent_is_unknown_also_when_they_are_back(
    database: Database, wire: Wire
) -> None:
    async with opened(database, wire.look) as own:
        wire.cut()
        during = time.monotonic()
        await own.believe(TIMED_OUT, during)
        wire.mend()
        await until(lambda: not own.is_silent, "canaries to answer")
        assert (await own.believe(TIMED_OUT, during)).reason is Reason.OFFLINE
        assert await own.believe(TIMED_OUT, time.monotonic()) is TIMED_OUT


async def test_a_network_that_is_back_has_a_while_to_find_its_ways(
    database: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "SETTLE", 0.5)
    async with opened(database, wire.look) as own:
        wire.cut()
        await own.believe(TIMED_OUT, time.monotonic())
        wire.mend()
        await until(lambda: not own.is_silent, "canaries to answer")
        assert (await own.believe(TIMED_OUT, time.monotonic())).reason is Reason.OFFLINE
        begun = time.monotonic()
        while await own.believe(TIMED_OUT, time.monotonic()) is not TIMED_OUT:
            assert time.monotonic() - begun < 10, "the while does not end"
            await asyncio.sleep(0.01)


async def test_a_name_that_was_looked_up_while_canaries_were_silent_tells_nothing_for_a_while(
    database: Database, wire: Wire
) -> None:
    not_found = Outcome(Verdict.DOWN, Reason.DNS, "no name server can be reached")
    async with opened(database, wire.look) as own:
        assert await own.believe(not_found, time.monotonic()) is not_found
        wire.cut()
        await own.believe(TIMED_OUT, time.monotonic())
        wire.mend()
        await until(lambda: not own.is_silent, "canaries to answer")
        assert (await own.believe(not_found, time.monotonic())).reason is Reason.OFFLINE  # it is remembered


async def test_a_thousand_failures_at_once_cause_one_round(database: Database, wire: Wire) -> None:
    async with opened(database, wire.look) as own:
        before, started = wire.knocks, time.monotonic()
        seen = await asyncio.gather(*(own.believe(TIMED_OUT, started) for _ in range(1_000)))
        assert all(one is TIMED_OUT for one in seen)
        assert wire.knocks == before + 1


async def test_one_who_gives_up_takes_nobody_with_it(database: Database, wire: Wire) -> None:
    async with opened(database, wire.look) as own:
        first = asyncio.create_task(own.believe(TIMED_OUT, time.monotonic()))
        second = asyncio.create_task(own.believe(TIMED_OUT, time.monotonic()))
        await asyncio.sleep(0)
        first.cancel()
        assert await second is TIMED_OUT


async def test_a_canary_that_never_answered_proves_nothing(database: Database, wire: Wire) -> None:
    wire.cut()
    async with opened(database, wire.look) as own:
        started = time.monotonic()
        assert await own.believe(TIMED_OUT, started) is TIMED_OUT
        assert time.monotonic() - started < 0.1  # and nobody waits for it
        wire.mend()
        own.hurry()
        await until(lambda: own.is_open is False, "the first answer")
        wire.cut()
        assert (await own.believe(TIMED_OUT, time.monotonic())).reason is Reason.OFFLINE


async def test_a_machine_that_leans_on_nobody_believes_what_it_sees(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(database, Surroundings) as own:
        assert await own.believe(TIMED_OUT, time.monotonic()) is TIMED_OUT
        own.hurry()
    assert capsys.readouterr().out.count("no gateway and no name server") == 1


async def test_what_a_cut_takes_out_of_the_routes_is_still_asked(database: Database, wire: Wire) -> None:
    around = [Surroundings(("127.0.0.1",))]
    async with opened(database, lambda: around[0]) as own:
        wire.cut()
        around[0] = Surroundings()
        assert (await own.believe(TIMED_OUT, time.monotonic())).reason is Reason.OFFLINE


async def test_only_failures_that_a_cut_network_can_cause_are_doubted_until_many_fail(
    database: Database, wire: Wire
) -> None:
    async with opened(database, wire.look) as own:
        for number in range(10):
            assert not own.doubts(monitor(f"m{number}"), UP)
        assert own.doubts(monitor("m0"), TIMED_OUT)
        assert not own.doubts(monitor("m1"), BROKEN)
        assert own.doubts(monitor("m2"), BROKEN)  # three of ten
        assert not own.doubts(monitor("m0"), UP)
        assert not own.doubts(monitor("m2"), BROKEN)
        assert not own.doubts(monitor("m3"), Outcome(Verdict.UNKNOWN, Reason.BLOCKED))


@pytest.mark.parametrize(
    "url", ["http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/", "http://a.localhost/"]
)
async def test_a_target_on_this_machine_needs_no_network(database: Database, wire: Wire, url: str) -> None:
    async with opened(database, wire.look) as own:
        assert not own.doubts(monitor(url=url), TIMED_OUT)


async def test_canaries_of_the_manifest_decide_once_one_has_answered(
    database: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Wire()
    monkeypatch.setattr(canaries, "parse", lambda _: Canary("127.0.0.1", far.port))  # which stands for one far away
    with database.begin() as session:
        set_canaries(session, [f"127.0.0.1:{far.port}"])
    far.cut()
    try:
        async with opened(database, wire.look) as own:
            assert await own.believe(TIMED_OUT, time.monotonic()) is TIMED_OUT  # the gateway answers
            far.mend()
            own.hurry()
            await until(lambda: f"127.0.0.1:{far.port}" in own.canaries.silence, "the far one to count")
            far.cut()
            assert (await own.believe(TIMED_OUT, time.monotonic())).reason is Reason.OFFLINE  # though the gateway does
    finally:
        far.mend()


async def test_the_guard_has_a_say_in_what_the_manifest_names(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.begin() as session:
        set_canaries(session, ["10.0.0.1:53", "169.254.169.254:80"])
    async with opened(database, Surroundings, guard="public-only") as own:
        assert await own.believe(TIMED_OUT, time.monotonic()) is TIMED_OUT
    said = capsys.readouterr().out
    assert "10.0.0.1 is not a public address" in said
    assert "metadata" in said


async def test_a_cut_is_written_and_told_once_and_so_is_its_end(database: Database, wire: Wire) -> None:
    told = Told()
    async with opened(database, wire.look, told) as own, opened(database, wire.look, told) as other:
        wire.cut()
        await own.believe(TIMED_OUT, time.monotonic())
        other.hurry()
        await until(lambda: told.notices, "the notice")
        await until(lambda: own.is_written and other.is_written, "both to have written")
        (cut,) = told.notices
        with database.read() as session:
            (row,) = offline(session)
        assert (cut.kind, cut.severity, cut.thread) == (Kind.OFFLINE, Severity.INFO, f"location:fra@{row.since}")
        assert cut.happened == row.since == row.good
        assert f"no answer from 127.0.0.1:{wire.port}" == cut.facts["message"] == row.detail
        wire.mend()
        await until(lambda: len(told.notices) == 2, "the end")
        await until(lambda: own.is_written and other.is_written, "both to have written")
        end = told.notices[1]
        assert (end.kind, end.thread) == (Kind.ONLINE, cut.thread)
        assert end.happened > cut.happened
        with database.read() as session:
            assert offline(session) == []
    assert len(told.notices) == 2


async def test_one_silent_round_is_told_to_nobody(database: Database, wire: Wire) -> None:
    told = Told()
    async with opened(database, wire.look, told) as own:
        wire.cut()
        assert (await own.believe(TIMED_OUT, time.monotonic())).reason is Reason.OFFLINE
        wire.mend()
        await until(lambda: not own.is_silent, "canaries to answer")
    assert told.notices == []


async def test_a_cut_that_a_dead_process_wrote_is_ended_by_the_next_one(database: Database, wire: Wire) -> None:
    with database.begin() as session:
        note_offline(session, "fra", 5, "no answer", 5)
    told = Told()
    async with opened(database, wire.look, told):
        await until(lambda: told.notices, "the end")
    assert [(one.kind, one.thread) for one in told.notices] == [(Kind.ONLINE, "location:fra@5")]


async def test_a_database_that_is_away_is_tried_again(
    tmp_path: Path, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "WRITE_AGAIN", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'later.db'}", data=tmp_path)  # it has no tables yet
    told = Told()
    try:
        async with opened(database, wire.look, told) as own:
            wire.cut()
            assert (await own.believe(TIMED_OUT, time.monotonic())).reason is Reason.OFFLINE
            database.migrate()
            await until(lambda: told.notices, "the notice")
    finally:
        database.close()


async def test_canaries_that_stay_silent_while_most_targets_answer_are_doubted(
    database: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "DOUBT", 0.5)
    async with opened(database, wire.look) as own:
        for number in range(10):
            own.doubts(monitor(f"m{number}"), UP)
        wire.cut()
        assert (await own.believe(TIMED_OUT, time.monotonic())).reason is Reason.OFFLINE
        await until(lambda: own.is_open, "the doubt")
        assert await own.believe(TIMED_OUT, time.monotonic()) is TIMED_OUT


async def test_it_closes_at_once(database: Database, wire: Wire) -> None:
    async with opened(database, wire.look) as own:
        wire.cut()
        waiting = asyncio.create_task(own.believe(TIMED_OUT, time.monotonic()))
        await asyncio.sleep(0.05)
        waiting.cancel()
        started = time.monotonic()
    assert time.monotonic() - started < 1.0
    assert len(asyncio.all_tasks()) == 1

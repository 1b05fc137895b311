"""Does the HTTP client answer whoever asked, free what is cancelled, and end when told?"""

from __future__ import annotations

import asyncio
import select
import threading
from collections.abc import Callable

import pytest

from signalbox.checks.curl import Answer, Curl, Error, Request
from signalbox.checks.curl import client as client_module
from signalbox.checks.curl.easy import Easy
from signalbox.checks.http import HttpCheck
from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.signals import Reason, Verdict
from tests.servers.hostile import Server, Visit, answering, silent
from tests.servers.process import await_condition

PATIENCE = 20.0


def request(server: Server, timeout: float = PATIENCE) -> Request:
    """A HEAD for that server."""
    return Request(server.url(), "127.0.0.1", server.port, ["127.0.0.1"], timeout, literal=True)


@pytest.fixture
def curl() -> Curl:
    """A client, not open yet."""
    return Curl(Guard.from_setting("internal"))


def test_several_event_loops_on_several_threads_share_one_client(curl: Curl) -> None:
    async def many(server: Server) -> list[int]:
        return [answer.status for answer in await asyncio.gather(*(curl.fetch(request(server)) for _ in range(30)))]

    curl.open()
    statuses: list[int] = []
    with Server(answering()) as server:
        threads = [threading.Thread(target=lambda: statuses.extend(asyncio.run(many(server)))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    curl.close()
    assert statuses == [200] * 90


async def test_a_cancelled_request_closes_its_connection(curl: Curl) -> None:
    ended = threading.Event()

    def watch(visit: Visit) -> None:
        visit.request()
        visit.connection.recv(1)  # returns when the client is gone
        ended.set()

    curl.open()
    with Server(watch) as server:
        task = asyncio.create_task(curl.fetch(request(server)))
        await asyncio.to_thread(await_condition, lambda: server.requests, "the request")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, PATIENCE)
    with Server(answering()) as server:
        assert (await curl.fetch(request(server))).status == 200
    curl.close()


async def test_a_request_that_is_cancelled_before_it_starts_is_never_sent(curl: Curl) -> None:
    curl.open()
    with Server(answering()) as server:
        tasks = [asyncio.create_task(curl.fetch(request(server))) for _ in range(20)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await curl.fetch(request(server))).status == 200
        assert server.visits == 1
    curl.close()


async def test_closing_from_another_thread_cancels_what_is_under_way(curl: Curl) -> None:
    curl.open()
    with Server(silent) as server:
        task = asyncio.create_task(curl.fetch(request(server, 60)))
        await asyncio.to_thread(await_condition, lambda: server.visits, "the connection")
        await asyncio.to_thread(curl.close)
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(RuntimeError, match="not open"):
            await curl.fetch(request(server))


async def test_systems_without_epoll_are_served_by_their_selector(curl: Curl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll")
    curl.open()
    with Server(answering()) as server:
        answers = await asyncio.gather(*(curl.fetch(request(server)) for _ in range(20)))
    curl.close()
    assert [answer.status for answer in answers] == [200] * 20


async def test_a_closed_client_opens_again(curl: Curl) -> None:
    with Server(answering()) as server:
        for _ in range(2):
            curl.open()
            curl.open()
            assert (await curl.fetch(request(server))).status == 200
            curl.close()
            curl.close()


async def test_a_forbidden_address_is_never_connected_to() -> None:
    curl = Curl(Guard.from_setting("10.0.0.0/8"))
    curl.open()
    with Server(answering()) as server:
        answer = await curl.fetch(request(server))
        assert server.visits == 0
    curl.close()
    assert answer.error == Error.FORBIDDEN
    assert "127.0.0.1" in answer.text


async def test_the_address_really_connected_to_is_judged_again(curl: Curl) -> None:
    """Even if a forbidden address slipped past the first look, no request would be sent to it."""
    curl.open()
    with Server(answering()) as server:
        blind = request(server)
        blind.addresses = ["10.0.0.1"]  # allowed by the guard below; the literal host is where libcurl goes
        curl.close()
        strict = Curl(Guard.from_setting("10.0.0.0/8"))
        strict.open()
        answer = await strict.fetch(blind)
        strict.close()
        assert answer.error == Error.FORBIDDEN
        assert server.requests in ([], [b""])


async def test_more_requests_than_places_wait_their_turn(curl: Curl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "in_flight_limit", lambda: 4)
    curl.open()
    with Server(answering()) as server:
        answers = await asyncio.gather(*(curl.fetch(request(server)) for _ in range(50)))
    curl.close()
    assert {answer.status for answer in answers} == {200}


async def test_who_gets_no_turn_in_time_was_missed_and_not_down(
    make_probe: Callable[..., Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "in_flight_limit", lambda: 2)
    probe = make_probe()
    with Server(silent) as hanging, Server(answering()) as server:
        stuck = [asyncio.create_task(HttpCheck(url=hanging.url()).ask(probe, 60)) for _ in range(2)]
        await asyncio.to_thread(await_condition, lambda: hanging.visits == 2, "both places taken")
        outcome = await HttpCheck(url=server.url()).ask(probe, 0.3)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.MISSED)
        assert (await HttpCheck(url=server.url()).ask(probe, PATIENCE)).verdict is Verdict.UP


async def test_a_request_that_makes_no_sense_raises_for_who_made_it_and_nobody_else(curl: Curl) -> None:
    curl.open()
    with Server(answering()) as server:
        broken = request(server)
        broken.timeout = "soon"  # type: ignore[assignment]
        with pytest.raises(TypeError):
            await curl.fetch(broken)
        broken = request(server)
        broken.url = 5  # type: ignore[assignment]
        with pytest.raises(AttributeError):
            await curl.fetch(broken)
        assert (await curl.fetch(request(server))).status == 200
    curl.close()


async def test_a_bug_of_ours_reaches_who_asked_and_nobody_else(curl: Curl, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Easy):
        def answer(self, error: int, text: str) -> Answer:
            raise ZeroDivisionError

    curl.open()
    with Server(answering()) as server:
        monkeypatch.setattr(client_module, "Easy", Broken)
        with pytest.raises(ZeroDivisionError):
            await curl.fetch(request(server))
        monkeypatch.undo()
    curl.close()


async def test_a_timer_that_ends_too_soon_is_set_again(curl: Curl, monkeypatch: pytest.MonkeyPatch) -> None:
    """uvloop's timers count whole milliseconds and may end before time.monotonic() says so."""
    loop = asyncio.get_running_loop()
    later = loop.call_later
    monkeypatch.setattr(loop, "call_later", lambda delay, call, *args: later(max(0.0, delay - 0.01), call, *args))
    curl.open()
    with Server(silent) as server:
        answer = await asyncio.wait_for(curl.fetch(request(server, 0.3)), PATIENCE)
        assert answer.error == Error.OPERATION_TIMEDOUT
    with Server(answering()) as server:
        assert (await asyncio.wait_for(curl.fetch(request(server)), PATIENCE)).status == 200
    curl.close()

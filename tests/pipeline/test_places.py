"""A monitor is never asked twice at once, and a host never by more than it may."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from signalbox.checks.base import Outcome
from signalbox.db.configured import Origin
from signalbox.monitors.service import Monitor
from signalbox.monitors.specs import MonitorSpec
from signalbox.pipeline.places import Places
from signalbox.signals import Reason, Verdict


def monitor(key: str, url: str = "https://example.com/", every: int = 60) -> Monitor:
    spec = MonitorSpec.model_validate({"id": key, "name": key, "check": {"kind": "http", "url": url}})
    return Monitor(key, key, key, None, (), spec.check, url, every, 10.0, 0, Origin.API)


class Target:
    """Answers when it is let to; counts who is with it."""

    def __init__(self) -> None:
        self.asked = self.inside = self.most = 0
        self.open = asyncio.Event()

    async def ask(self) -> Outcome:
        self.asked += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.open.wait()
        finally:
            self.inside -= 1
        return Outcome(Verdict.UP, Reason.OK, message=str(self.asked))


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_slot_that_comes_meanwhile_gets_the_answer_of_the_check_under_way() -> None:
    places, target = Places(10), Target()
    slots = [asyncio.ensure_future(places.answer(monitor("a"), target.ask)) for _ in range(5)]
    await _settled()
    assert target.asked == 1
    target.open.set()
    outcomes = await asyncio.gather(*slots)
    assert len({id(outcome) for outcome in outcomes}) == 1
    await places.answer(monitor("a"), target.ask)
    assert target.asked == 2


async def test_a_recheck_is_none_when_a_slot_has_the_same_answer() -> None:
    places, target = Places(10), Target()
    slot = asyncio.ensure_future(places.answer(monitor("a"), target.ask))
    await _settled()
    assert await places.answer_again(monitor("a"), target.ask) is None
    target.open.set()
    assert (await slot).verdict is Verdict.UP

    target.open.clear()
    again = asyncio.ensure_future(places.answer_again(monitor("a"), target.ask))
    await _settled()
    slot = asyncio.ensure_future(places.answer(monitor("a"), target.ask))
    await _settled()
    target.open.set()
    assert (await again, (await slot).message) == (None, "2")

    alone = await places.answer_again(monitor("a"), target.ask)
    assert alone is not None
    assert (alone.message, target.asked) == ("3", 3)


async def test_what_asks_nobody_sees_what_was_said_just_now() -> None:
    """A group that is answered for already would miss the change that it is asked again for."""
    places, target = Places(10), Target()
    check = {"kind": "group", "members": ["a"]}
    spec = MonitorSpec.model_validate({"id": "g", "name": "g", "check": check})
    group = Monitor("g", "g", "g", None, (), spec.check, "", 60, 10.0, 0, Origin.API)
    slot = asyncio.ensure_future(places.answer(group, target.ask))
    await _settled()
    again = asyncio.ensure_future(places.answer_again(group, target.ask))
    await _settled()
    assert target.asked == 2
    target.open.set()
    assert None not in await asyncio.gather(slot, again)


async def test_no_more_than_so_many_ask_one_host_and_others_do_not_wait_for_them() -> None:
    places, target, other = Places(3), Target(), Target()
    other.open.set()
    waiting = [asyncio.ensure_future(places.answer(monitor(str(number)), target.ask)) for number in range(10)]
    await _settled()
    assert (target.inside, target.asked) == (3, 3)
    assert (await places.answer(monitor("x", "https://other.example/"), other.ask)).verdict is Verdict.UP
    target.open.set()
    assert {outcome.verdict for outcome in await asyncio.gather(*waiting)} == {Verdict.UP}
    assert (target.asked, target.most) == (10, 3)
    assert places._hosts == {}
    assert places._under_way == {}


async def test_this_machine_may_be_asked_by_any_number() -> None:
    places, target = Places(1), Target()
    waiting = [
        asyncio.ensure_future(places.answer(monitor(str(number), "http://127.0.0.1:8000/"), target.ask))
        for number in range(10)
    ]
    await _settled()
    assert target.inside == 10
    target.open.set()
    await asyncio.gather(*waiting)


async def test_who_waits_too_long_is_not_asked_and_that_is_no_failure() -> None:
    places, target = Places(1), Target()
    first = asyncio.ensure_future(places.answer(monitor("a"), target.ask))
    await _settled()
    late = await places.answer(monitor("b", every=1), target.ask)
    assert (late.verdict, late.reason) == (Verdict.UNKNOWN, Reason.MISSED)
    assert late.message == "not asked in time: at most 1 checks ask example.com at once"
    target.open.set()
    assert (await first).verdict is Verdict.UP
    assert target.asked == 1


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_who_is_cancelled_leaves_no_place_taken(which: int) -> None:
    places, target = Places(1), Target()
    tasks = [asyncio.ensure_future(places.answer(monitor(str(number)), target.ask)) for number in range(3)]
    await _settled()
    tasks[which].cancel()
    await _settled()
    target.open.set()
    ended: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in ended] == [number == which for number in range(3)]
    assert places._hosts == {}

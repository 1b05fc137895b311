"""Is a token fetched once for all who need it, and by nobody once nobody does?"""

from __future__ import annotations

import asyncio

import pytest

from signalbox.checks.tokens import Token, Tokens


class Fetching:
    """A fetch that can be held up."""

    def __init__(self) -> None:
        self.count, self.gate, self.cancelled = 0, asyncio.Event(), False

    async def __call__(self) -> Token:
        self.count += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return Token(f"t{self.count}")


async def test_those_who_come_meanwhile_wait_for_the_same_fetch() -> None:
    tokens, fetch = Tokens(), Fetching()
    waiting = [asyncio.create_task(tokens.get("a", fetch)) for _ in range(3)]
    await asyncio.sleep(0)
    fetch.gate.set()
    assert await asyncio.gather(*waiting) == [("t1", True)] * 3
    assert await tokens.get("a", fetch) == ("t1", False)
    assert await tokens.get("b", fetch) == ("t2", True)
    assert await tokens.get("a", fetch, "t1") == ("t3", True)


async def test_a_fetch_ends_with_the_last_who_waits_for_it() -> None:
    tokens, fetch = Tokens(), Fetching()
    first, second = (asyncio.create_task(tokens.get("a", fetch)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.sleep(0)
    assert not fetch.cancelled
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.sleep(0)
    assert fetch.cancelled
    fetch.gate.set()
    assert await tokens.get("a", fetch) == ("t2", True)


async def test_a_failure_reaches_all_who_wait_and_is_not_kept() -> None:
    tokens, count = Tokens(), 0

    async def fail() -> Token:
        nonlocal count
        count += 1
        await asyncio.sleep(0)
        raise ZeroDivisionError

    ends = await asyncio.gather(*(tokens.get("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(end) for end in ends] == [ZeroDivisionError] * 3
    with pytest.raises(ZeroDivisionError):
        await tokens.get("a", fail)
    assert count == 2


async def test_a_token_that_is_about_to_expire_is_fetched_again() -> None:
    tokens, count = Tokens(), 0

    async def fetch() -> Token:
        nonlocal count
        count += 1
        return Token(f"t{count}", 0.0)

    assert await tokens.get("a", fetch) == ("t1", True)
    assert await tokens.get("a", fetch) == ("t2", True)

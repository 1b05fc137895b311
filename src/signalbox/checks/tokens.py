"""Which token do we have? Tokens of one process by whom they were asked from, until shortly before they expire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import NamedTuple

_MOST = 1_024  # tokens kept
_MARGIN, _SHARE = 30.0, 0.1  # a token is given up so many seconds before it expires, or that share of its life
UNTOLD = 300.0  # seconds that a token counts whose life was not told


class Token(NamedTuple):
    """A token, and how many seconds it lives from when it came."""

    text: str
    life: float = UNTOLD


class _Kept(NamedTuple):
    text: str
    until: float  # time.monotonic()


class Tokens:
    """Shared by all checks of a process. Whoever needs the same token at one time waits for one fetch.

    One fetch for each event loop, that is; a task cannot be waited for from another.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}
        self._fetches: dict[tuple[asyncio.AbstractEventLoop, Hashable], _Fetch] = {}

    async def get(
        self, key: Hashable, fetch: Callable[[], Awaitable[Token]], refused: str | None = None
    ) -> tuple[str, bool]:
        """The token of that key, and whether it came just now. `refused`: one that is not taken any more.

        Raises what `fetch` raises. Once nobody waits for it, the fetch is cancelled.
        """
        kept = self._kept.get(key)
        if kept is not None and kept.until > time.monotonic() and kept.text != refused:
            return kept.text, False
        loop = asyncio.get_running_loop()
        under_way = self._fetches.get((loop, key))
        if under_way is None:
            under_way = self._fetches[loop, key] = _Fetch(loop.create_task(self._fetched(key, fetch)))
        under_way.waiting += 1
        try:
            return await asyncio.shield(under_way.task), True
        finally:
            under_way.waiting -= 1
            if (under_way.task.done() or not under_way.waiting) and self._fetches.get((loop, key)) is under_way:
                del self._fetches[loop, key]
                under_way.task.cancel()

    async def _fetched(self, key: Hashable, fetch: Callable[[], Awaitable[Token]]) -> str:
        start = time.monotonic()
        text, life = await fetch()
        self._kept.pop(key, None)
        while len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]  # the oldest
        self._kept[key] = _Kept(text, start + life - min(_MARGIN, life * _SHARE))
        return text


class _Fetch:
    """A fetch under way, and how many wait for it."""

    def __init__(self, task: asyncio.Task[str]) -> None:
        self.task, self.waiting = task, 0
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to see it

"""Which bytes are ready to be sent? Bodies are made when somebody asks and they are out of date: once, whoever else
asks meanwhile, in a thread of their own."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from signalbox.errors import SignalboxError, Unavailable
from signalbox.pages.lane import Lane

log = structlog.get_logger(__name__)

LARGEST = 64 * 1024 * 1024
"""Bytes kept ready, together; one body alone may be larger."""

STUCK = 10.0
"""Seconds after which a making is taken to hang: readers are refused from then on, instead of made to wait."""

_LONGEST_REST = 20.0
"""Seconds. What was made is served while its thread rests, so this bounds how old it gets, whatever took so long."""

_SHARES = 8  # of a queue; a reader may have one of them
_MUCH = 128 * 1024  # bytes of a page from which it is kept compressed alone: of some 40 services
_LEAST_GZIP = 512  # bytes below which compressing gains nothing


class Crowding(Unavailable):
    """One reader has so many different answers in the making that others come first."""


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes ready to be sent, as they are and compressed, named by a hash of their content."""

    plain: bytes | None  # None: whoever wants them so unpacks them
    packed: bytes | None  # gzip, where that is smaller
    tag: str
    media_type: str
    cache_control: str
    heads: dict[str, list[tuple[bytes, bytes]]] = field(default_factory=dict, compare=False, repr=False)
    """Header fields of an answer with it, by name; for whoever sends it to make once."""

    @classmethod
    def of(
        cls, content: bytes, media_type: str, cache_control: str, essence: str = "", *, for_browsers: bool = False
    ) -> Body:
        """Compress and name the content. The name begins with its `essence`, where it has one, and a dot. Much of what
        is `for_browsers`, all of which unpack it, is kept compressed alone."""
        packed = gzip.compress(content, 6, mtime=0) if len(content) >= _LEAST_GZIP else content
        is_smaller = len(packed) < len(content)
        return cls(
            None if is_smaller and for_browsers and len(content) >= _MUCH else content,
            packed if is_smaller else None,
            (f"{essence}." if essence else "") + hashlib.sha256(content).hexdigest()[:32],
            media_type,
            cache_control,
        )

    @property
    def content(self) -> bytes:
        """The bytes as they are."""
        return gzip.decompress(self.packed or b"") if self.plain is None else self.plain

    @property
    def size(self) -> int:
        """Bytes it takes in memory."""
        return len(self.plain or b"") + len(self.packed or b"")


Bodies = tuple[Body, ...]
K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class _Kept:
    bodies: Bodies
    stamp: object  # what it was made from
    made: float  # monotonic seconds
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = sum(body.size for body in self.bodies)


class Shelf(Generic[K]):
    """Bodies by key, each with the stamp of what it was made from.

    `at_least` seconds pass between two makings of the same key, and after one that took long all rest nine times as
    long (20 s at the most), so that making takes about a tenth of one core. Until it is `too_old` the last one is
    served meanwhile; with `too_old=0` whoever asks after the pause waits for the new one. At most `queue` keys wait,
    an eighth of them for the same reader, and nobody once a making has hung for ten seconds. Readers take turns.
    """

    def __init__(self, name: str, at_least: float = 1.0, too_old: float = 5.0, queue: int = 64) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, _Kept] = OrderedDict()
        self._pending: dict[K, Future[Bodies]] = {}
        self._brought: Counter[str] = Counter()  # of what is pending, by reader
        self._lane = Lane(name)
        self._at_least, self._too_old, self._queue = at_least, too_old, queue
        self._share = max(1, queue // _SHARES)
        self._rest = 0.0  # seconds that all rest after the last making
        self._rested = 0.0  # monotonic moment when that is over
        self._began = float("inf")  # monotonic moment when what is being made was begun

    def take(self, key: K, stamp: object, make: Callable[[], Bodies], by: str = "") -> Bodies | Future[Bodies]:
        """The bodies if some are ready, else what will become them.

        `make` runs in the shelf's thread when what is kept has another stamp; `by` is the reader who asks, where that
        matters. Raises `Unavailable` when too many keys wait already, or for a making that hangs, `Crowding` when too
        many are of that reader; the future raises what `make` raised.
        """
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return self._start(key, stamp, make, by)
            self._kept.move_to_end(key)
            if kept.stamp == stamp:
                return kept.bodies
            now = time.monotonic()
            age = now - kept.made
            if age < self._at_least:
                return kept.bodies
            if age < max(self._too_old, 2 * self._rest):
                if now >= self._rested and key not in self._pending:
                    with suppress(Unavailable):  # what is ready is served all the same
                        self._start(key, stamp, make, by)
                return kept.bodies
            return self._start(key, stamp, make, by)

    def _start(self, key: K, stamp: object, make: Callable[[], Bodies], by: str) -> Future[Bodies]:
        if time.monotonic() - self._began > STUCK:
            raise Unavailable("what is being made hangs, so nothing else is; try again in a few seconds")
        pending = self._pending.get(key)
        if pending is None:
            if len(self._pending) >= self._queue:
                raise Unavailable("too many different answers are being made; try again in a few seconds")
            if by and self._brought[by] >= self._share:
                raise Crowding("you are waiting for too many different answers; try again when some of them are there")
            self._brought[by] += 1
            pending = self._pending[key] = self._lane.submit(lambda: self._make(key, stamp, make, by), by)
        return pending

    def _make(self, key: K, stamp: object, make: Callable[[], Bodies], by: str) -> Bodies:
        self._began = start = time.monotonic()
        try:
            kept = _Kept(make(), stamp, start)
        except Unavailable as error:
            log.warning("publish.unavailable", key=str(key), error=str(error))
            raise
        except SignalboxError:  # what there is not, or may not be asked: said to whoever asks
            raise
        except Exception:
            log.exception("publish.bug", key=str(key))
            raise
        else:
            with self._lock:
                self._put(key, kept)
            return kept.bodies
        finally:
            end = time.monotonic()
            with self._lock:
                del self._pending[key]
                self._brought[by] -= 1
                if not self._brought[by]:
                    del self._brought[by]  # nobody is remembered
                self._began = float("inf")
                self._rest = rest_after(end - start)
                self._rested = end + self._rest

    def _put(self, key: K, kept: _Kept) -> None:
        kept.made = time.monotonic()
        self._kept[key] = kept
        self._kept.move_to_end(key)
        total = sum(one.size for one in self._kept.values())
        while total > LARGEST and len(self._kept) > 1:
            total -= self._kept.popitem(last=False)[1].size

    def close(self) -> None:
        """Let go of the thread, after what it is making now, or after 2 s if that hangs."""
        self._lane.close()


def rest_after(took: float) -> float:
    """Seconds of rest after a making. The last bodies are served meanwhile, and after twice that they are too old."""
    return min(9 * took, _LONGEST_REST)

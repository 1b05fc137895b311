"""What does `/signals` say? For every monitored URL its newest records, oldest first: the contract with the clients
of the tutorial that this product grew out of.

A URL without a record is left out, and monitors that share a URL share its list.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from signalbox.clock import MICROS
from signalbox.pages.track import Record
from signalbox.stores.base import Store

if TYPE_CHECKING:
    from signalbox.monitors.service import Monitor

MOST_RECORDS = 300_000
"""Records in one answer: some 33 MB."""

_AT_ONCE = 20_000  # signals read from a store and packed before the next are


class SignalRecord(BaseModel):
    """What one check saw."""

    url: str
    http_status: int = Field(description="Status of the answer; −1 when none came.")
    available: bool = Field(description="Whether the target did what is expected of it; by default 200 ≤ status < 400.")
    received: str = Field(
        description="The moment the check was due, RFC 3339 in UTC.", json_schema_extra={"format": "date-time"}
    )


class UrlSignals(BaseModel):
    """A monitored URL and its newest records, oldest first."""

    url: str
    records: list[SignalRecord]


Read = Callable[[Sequence[str]], dict[str, list[Record]]]
"""Newest records of monitors by key."""


def by_url(monitors: Iterable[Monitor]) -> dict[str, list[str]]:
    """Keys of the monitors of each URL, in manifest order."""
    keys: dict[str, list[str]] = {}
    for monitor in monitors:
        keys.setdefault(monitor.target, []).append(monitor.key)
    return keys


def write(urls: dict[str, list[str]], limit: int, read: Read) -> bytes:
    """The answer, as JSON."""
    stamp = _Stamp()
    parts: list[str] = []
    at_once = max(1, _AT_ONCE // limit)
    names = list(urls)
    for start in range(0, len(names), at_once):
        batch = names[start : start + at_once]
        records = read([key for url in batch for key in urls[url]])
        for url in batch:
            rows = _newest([records.get(key, []) for key in urls[url]], limit)
            if rows:
                parts.append(_one(json.dumps(url), rows, stamp))
    return ("[" + ",".join(parts) + "]").encode()


def from_store(store: Store, monitors: Iterable[Monitor], limit: int) -> Read:
    """Read from a store; signals that a monitor gave while it watched another URL are left out."""
    targets = {monitor.key: monitor.target for monitor in monitors}

    def read(keys: Sequence[str]) -> dict[str, list[Record]]:
        return {
            key: [Record(one.moment, one.http_status, one.available) for one in signals if one.url == targets[key]]
            for key, signals in store.latest(keys, limit).items()
        }

    return read


def _newest(lists: list[list[Record]], limit: int) -> list[Record]:
    merged = lists[0] if len(lists) == 1 else sorted(record for rows in lists for record in rows)
    return merged[-limit:]


def _one(url: str, rows: list[Record], stamp: _Stamp) -> str:
    head = f'{{"url":{url},"http_status":'
    body = ",".join([
        f'{head}{status},"available":{"true" if available else "false"},"received":"{stamp(moment)}"}}'
        for moment, status, available in rows
    ])  # fmt: skip
    return f'{{"url":{url},"records":[{body}]}}'


class _Stamp:
    """`clock.iso`, several times faster where many moments share their minutes."""

    def __init__(self) -> None:
        self._minutes: dict[int, str] = {}

    def __call__(self, moment: int) -> str:
        seconds, micros = divmod(moment, MICROS)
        minute, second = divmod(seconds, 60)
        prefix = self._minutes.get(minute)
        if prefix is None:
            prefix = self._minutes[minute] = time.strftime("%Y-%m-%dT%H:%M:", time.gmtime(minute * 60))
        return f"{prefix}{second:02d}.{micros:06d}Z"

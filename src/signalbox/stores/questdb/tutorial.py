"""What do rows mean that the tutorial wrote? They have a URL, a time, a status and whether it was available."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict
from signalbox.slugs import slug_of_url

LOCATION: Final = "local"
NAMELESS: Final = "tutorial"
"""The monitor of rows whose URL is missing or has no letter that an id could be made of."""

OldRow = Sequence[Any]
"""url, http_status, received in microseconds, available; each but the time may be None."""


def monitor_of(url: str | None, identities: Mapping[str, str]) -> str:
    """Which monitor does that URL belong to? The one that watches it, else the one a bare URL would become."""
    if url is None:
        return NAMELESS
    return identities.get(url) or identities.get(_public(url)) or _slug(url) or NAMELESS


def signal_of_tutorial(row: OldRow, identities: Mapping[str, str]) -> Signal:
    """A row of the tutorial's as a signal: same time, no phases, a verdict from what it says."""
    url, status, received, available = row
    http_status = NO_ANSWER if status is None else int(status)
    verdict, reason = _judged(bool(available), http_status)
    return Signal(
        monitor_of(url, identities), LOCATION, received, received, _public(url or ""), "http", verdict, reason,
        http_status, bool(available), None, None, None, None, None, "", None,
    )  # fmt: skip


def spread(signals: Iterable[Signal], last: dict[str, int]) -> Iterator[Signal]:
    """The signals with names of their own: of several at one time all but the first move on by microseconds.

    `last` is each monitor's last time given out, carried from one call to the next; calls go forward in time. Which
    times are taken at the end does not depend on how many rows were already there in an earlier run (it is linear
    probing), so that running it again over more rows overwrites and adds, and leaves nothing over.
    """
    for signal in sorted(signals, key=_in_order):
        moment = max(signal.moment, last.get(signal.monitor, signal.moment - 1) + 1)
        last[signal.monitor] = moment
        yield signal if moment == signal.moment else signal._replace(moment=moment)


def _in_order(signal: Signal) -> tuple[int, str, int, bool]:
    return signal.moment, signal.url, signal.http_status, signal.available


def _public(url: str) -> str:
    """The URL as people may see it: what stands before an @ in its authority is left out."""
    before, slashes, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{before}{slashes}{authority.rpartition('@')[2]}{slash}{path}"


def _judged(available: bool, http_status: int) -> tuple[Verdict, Reason]:
    if available:
        return Verdict.UP, Reason.OK
    return Verdict.DOWN, Reason.CONNECT if http_status == NO_ANSWER else Reason.STATUS


def _slug(url: str) -> str:
    try:
        return slug_of_url(url)
    except ValueError:  # not a URL at all: urlsplit refuses some brackets and ports
        return ""

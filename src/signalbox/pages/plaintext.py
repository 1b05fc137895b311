"""What does a page say in plain text? To `curl`, to programs that read, and to whoever has only a terminal.

Texts that people wrote stand on one line each, without characters that a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signalbox.clock import to_datetime
from signalbox.pages import times, words
from signalbox.pages.document import Item, PageDocument
from signalbox.pages.language import Language

_NOW = timedelta(seconds=90)  # a signal a minute keeps saying "just now"


def line(text: str) -> str:
    """The text on one line, printable characters only."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


class _Read(NamedTuple):
    """How it is read."""

    now: datetime
    zone: ZoneInfo
    language: Language
    age: timedelta | None  # of the newest signal
    old: bool  # too old to be believed


def status(document: PageDocument, now: int, language: Language) -> str:
    """The page as of `now` (UTC microseconds): headline, age, a line a service. Old data are never operational."""
    age = _age(document, to_datetime(now))
    old = document.headline.code == "stale" or (age is not None and age.total_seconds() >= document.stale_after_s)
    read = _Read(to_datetime(now), ZoneInfo(document.page.timezone), language, age, old)
    headline = language.say("banner.stale") if old else words.headline(language, document.headline)
    said = [document.page.title, headline, *_fresh(document, read), ""]
    for group in document.groups:
        said += [f"{group.name}:"] if group.name else []
        said += [_item(item, read) for item in group.items]
    said += _notices(document, read)
    return "\n".join(line(one) if one[:2] != "  " else f"  {line(one)}" for one in said) + "\n"


def _age(document: PageDocument, now: datetime) -> timedelta | None:
    newest = document.newest_result_at
    return None if newest is None else max(timedelta(), now - datetime.fromisoformat(newest))


def _fresh(document: PageDocument, read: _Read) -> Iterator[str]:
    if document.newest_result_at is None or read.age is None:
        return
    newest, say = datetime.fromisoformat(document.newest_result_at), read.language.say
    if read.old:
        yield say("age.confirmed", ago=times.ago(read.language, newest, read.now))
    elif read.age >= _NOW:
        yield say("age.old", span=times.span(read.language, read.age))
    else:
        yield say("age.now")
    yield say("age.from", time=f"{newest.astimezone(read.zone):%Y-%m-%d %H:%M %Z}")


def _item(item: Item, read: _Read) -> str:
    uptime = "—" if item.uptime is None else read.language.percent(item.uptime)
    return f"  {item.name}: {_state(item, read)}" + ("" if read.old else f" ({uptime})")


def _state(item: Item, read: _Read) -> str:
    if not read.old or item.paused:
        return words.state(read.language, item, read.now, read.zone)
    if item.checked_at is None:
        return read.language.say("state.no-data")
    checked = datetime.fromisoformat(item.checked_at)
    return read.language.say("state.since", time=times.written(read.language, checked, read.now, read.zone))


def _notices(document: PageDocument, read: _Read) -> Iterator[str]:
    for incident in document.incidents:
        at = incident.updates[0].at if incident.updates else incident.started_at
        ago = times.ago(read.language, datetime.fromisoformat(at), read.now)
        yield from ("", f"{incident.title}: {read.language.say(f'status.{incident.status}')}, {ago}")
    for work in document.maintenance:
        start, end = datetime.fromisoformat(work.starts_at), datetime.fromisoformat(work.ends_at)
        yield from ("", f"{work.title}: {times.between(read.language, start, end, read.now, read.zone)}")

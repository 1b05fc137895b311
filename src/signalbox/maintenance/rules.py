"""Which recurrence rules do we follow? A part of RFC 5545 (section 3.3.10), read from its text or refused in words.

Left out is what would make work dense or its times hard to foresee: anything faster than hourly, seconds, numbers of
weeks and of days in the year.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MOST_A_DAY = 24  # windows
MOST_COUNTED = 1_000
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LONGEST = 500  # characters
_EXAMPLE = "write a rule such as FREQ=WEEKLY;BYDAY=SU"
_DAY = re.compile(rf"([+-]?[1-9][0-9]?)?({'|'.join(DAYS)})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_WEEKS_A_YEAR = 53
_NEVER = 9998  # a year that leaves room to count from


class Frequency(StrEnum):
    """How often there is a period that a rule picks times from."""

    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read. An empty tuple: the rule does not say."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None  # the last moment; without a zone it is local time
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    days: tuple[tuple[int, int], ...] = ()  # weekday from Monday = 0, and which of them: 0 all, 1 first, -1 last
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0  # weekday


def read(text: str) -> Rule:
    """The rule that a text says, such as `FREQ=MONTHLY;BYDAY=1SU`. ValueError with what to write instead."""
    parts = _parts(text)
    if "FREQ" not in parts:
        raise ValueError(f"the rule does not say FREQ: {_EXAMPLE}")
    values = {field: reader(name, parts[name]) for name, (field, reader) in _PARTS.items() if name in parts}
    rule = Rule(frequency=_frequency(parts["FREQ"]), **values)  # type: ignore[arg-type] # each reader gives its field's
    _refuse_contradictions(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    if len(text) > _LONGEST:
        raise ValueError(f"a rule has at most {_LONGEST} characters: {_EXAMPLE}")
    parts: dict[str, str] = {}
    for part in text.upper().replace(" ", "").removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise ValueError(f"a rule is a list of NAME=VALUE with semicolons between: {_EXAMPLE}")
        if name in parts:
            raise ValueError(f"{name} is written twice: leave one out")
        if name not in _PARTS and name != "FREQ":
            raise ValueError(f"this part of a rule is not known here; known are FREQ, {', '.join(_PARTS)}")
        parts[name] = value
    return parts


def _frequency(value: str) -> Frequency:
    if value in ("SECONDLY", "MINUTELY"):
        raise ValueError("windows come hourly at most: write FREQ=HOURLY, or a longer window")
    if value not in Frequency.__members__:
        raise ValueError(f"FREQ must be one of {', '.join(Frequency)}")
    return Frequency(value)


def _number(name: str, value: str, lowest: int, highest: int) -> int:
    number = int(value) if _NUMBER.fullmatch(value) else lowest - 1
    if not lowest <= number <= highest:
        raise ValueError(f"{name} takes whole numbers from {lowest} to {highest}")
    return number


def _one(lowest: int, highest: int) -> Callable[[str, str], int]:
    return lambda name, value: _number(name, value, lowest, highest)


def _many(lowest: int, highest: int) -> Callable[[str, str], tuple[int, ...]]:
    """A list of numbers; where negative ones count from the end, there is no zero."""

    def numbers(name: str, value: str) -> tuple[int, ...]:
        found = {_number(name, one, lowest, highest) for one in value.split(",")}
        if lowest < 0 and 0 in found:
            raise ValueError(f"{name} counts from 1, or from -1 backwards")
        return tuple(sorted(found))

    return numbers


def _days(name: str, value: str) -> tuple[tuple[int, int], ...]:
    found = [_DAY.fullmatch(one) for one in value.split(",")]
    days = {(DAYS.index(one[2]), int(one[1] or 0)) for one in found if one}
    if not all(found) or any(abs(which) > _WEEKS_A_YEAR for _, which in days):
        raise ValueError(f"{name} takes days such as MO,WE or 1SU (the first Sunday) or -1FR (the last Friday)")
    return tuple(sorted(days))


def _week_start(name: str, value: str) -> int:
    if value not in DAYS:
        raise ValueError(f"{name} must be one of {', '.join(DAYS)}")
    return DAYS.index(value)


def _until(name: str, value: str) -> datetime:
    """A day counts to its end. With Z it is UTC, without it local time."""
    form = "%Y%m%d" if len(value) == 8 else "%Y%m%dT%H%M%S"
    try:
        moment = datetime.strptime(value.removesuffix("Z"), form)  # noqa: DTZ007 - local time, or made UTC below
    except ValueError:
        raise ValueError(f"{name} takes a day such as 20271231, or a time such as 20271231T220000Z") from None
    moment = moment.replace(year=min(moment.year, _NEVER))
    if len(value) == 8:
        return moment + timedelta(days=1, microseconds=-1)
    return moment.replace(tzinfo=UTC) if value.endswith("Z") else moment


_PARTS: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "INTERVAL": ("interval", _one(1, 1_000)),
    "COUNT": ("count", _one(1, MOST_COUNTED)),
    "UNTIL": ("until", _until),
    "BYMONTH": ("months", _many(1, 12)),
    "BYMONTHDAY": ("month_days", _many(-31, 31)),
    "BYDAY": ("days", _days),
    "BYHOUR": ("hours", _many(0, 23)),
    "BYMINUTE": ("minutes", _many(0, 59)),
    "BYSETPOS": ("positions", _many(-366, 366)),
    "WKST": ("week_start", _week_start),
}
assert {field for field, _ in _PARTS.values()} <= {field.name for field in fields(Rule)}


def _refuse_contradictions(rule: Rule) -> None:
    rare = rule.frequency in (Frequency.MONTHLY, Frequency.YEARLY)
    hours = len(rule.hours) or (24 if rule.frequency is Frequency.HOURLY else 1)
    refusals = (
        (rule.count is not None and rule.until is not None, "COUNT and UNTIL both say when it ends: leave one out"),
        (bool(rule.positions) and not rare, "BYSETPOS goes with FREQ=MONTHLY or FREQ=YEARLY only"),
        (bool(rule.positions) and not (rule.days or rule.month_days), "BYSETPOS picks among days: add BYDAY"),
        (any(which for _, which in rule.days) and not rare, "a numbered day goes with FREQ=MONTHLY or FREQ=YEARLY"),
        (bool(rule.month_days) and rule.frequency is Frequency.WEEKLY, "BYMONTHDAY does not go with FREQ=WEEKLY"),
        (hours * (len(rule.minutes) or 1) > MOST_A_DAY, f"at most {MOST_A_DAY} windows a day: write fewer BYMINUTE"),
    )
    for wrong, text in refusals:
        if wrong:
            raise ValueError(text)

"""How do templates write moments, days, lengths and numbers? As filters that know the reader's language, the page's
zone and what time it is: a view's `asked`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from babel.dates import format_skeleton, get_day_names
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from signalbox.pages import cells, times, waterline, words

if TYPE_CHECKING:
    from signalbox.pages.cells import Bar
    from signalbox.pages.document import Item
    from signalbox.pages.views.base import Asked

_SLOW: Final = (50, 100, 200, 500, 1000)  # milliseconds from which the next darker class begins


def _asked(context: Context) -> Asked:
    asked: Asked = context["asked"]
    return asked


@pass_context
def written(context: Context, moment: datetime) -> str:
    """A moment in the page's zone: `14:02` today, `Mon 23 Nov, 14:02` else."""
    asked = _asked(context)
    return times.written(asked.language, moment, asked.moment, asked.zone)


@pass_context
def dated(context: Context, moment: datetime) -> str:
    """`23 Nov 2026, 14:02`: clear without knowing when it is read."""
    asked = _asked(context)
    return times.dated(asked.language, moment, asked.zone)


@pass_context
def clock(context: Context, moment: datetime) -> str:
    """`14:02`."""
    return times.clock(moment, _asked(context).zone)


@pass_context
def date_of(context: Context, moment: datetime) -> str:
    """The day that a moment lies in."""
    asked = _asked(context)
    return day(context, moment.astimezone(asked.zone).date())


@pass_context
def day(context: Context, day: date) -> str:
    """`Today`, `Mon 23 Nov`; with its year where it is another one."""
    asked = _asked(context)
    if day.year == asked.moment.astimezone(asked.zone).year:
        return times.named_day(asked.language, day.isoformat(), asked.moment, asked.zone)
    return format_skeleton("yMMMd", day, locale=asked.language.locale)


@pass_context
def month(context: Context, month: date) -> str:
    """`November 2026`."""
    return format_skeleton("yMMMM", month, locale=_asked(context).language.locale)


@pass_context
def weekday(context: Context, number: int) -> str:
    """`Mon`, from 0."""
    return str(get_day_names("abbreviated", "stand-alone", locale=_asked(context).language.locale)[number])


@pass_context
def weekday_narrow(context: Context, number: int) -> str:
    """`M`, from 0."""
    return str(get_day_names("narrow", "stand-alone", locale=_asked(context).language.locale)[number])


@pass_context
def lasted(context: Context, length: timedelta) -> str:
    """`2 h 08 min`."""
    return times.lasted(_asked(context).language, length)


@pass_context
def percent(context: Context, text: str) -> str:
    """`99.98%` as the language writes it, of the text that was cut to its digits."""
    return _asked(context).language.percent(text)


@pass_context
def state_words(context: Context, item: Item) -> str:
    """A service's state in words."""
    asked = _asked(context)
    return words.state(asked.language, item, asked.moment, asked.zone)


def strip(bar: Bar, label: str) -> Markup:
    """A small bar of cells."""
    return waterline.svg(cells.paths(bar), label, len(bar.bar), height=cells.HEIGHT)


def latency_class(milliseconds: float | None) -> str:
    """The class of an answer time's step, `none` without one."""
    return "w-none" if milliseconds is None else f"s{sum(milliseconds >= limit for limit in _SLOW)}"


FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "written": written, "dated": dated, "clock": clock, "date": date_of, "day": day, "month": month, "weekday": weekday,
    "weekday_narrow": weekday_narrow,
    "lasted": lasted, "percent": percent, "state_words": state_words, "strip": strip, "latency_class": latency_class,
}  # fmt: skip

"""How does the page word what a document says? The browser's side words it the same way: `web/shared/golden` holds
both to it. Plain text; whoever writes it into HTML escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from signalbox.pages import times
from signalbox.pages.document import Group, Headline, Item, Mark, PageDocument, Recent, Scale, Span, State, Sum
from signalbox.pages.language import Language

_LIST = 5  # names said before "and n more"
_DOWN = {"x": "span.down", "p": "span.partial"}


def state(language: Language, item: Item, now: datetime, zone: tzinfo) -> str:
    """A service's state in words; of old data with its time."""
    said = _state(language, item, now, zone)
    return language.say("state.checking", state=said) if item.checking else said


def _state(language: Language, item: Item, now: datetime, zone: tzinfo) -> str:
    if item.state is State.NO_DATA and item.paused:
        return language.say("state.paused")
    if item.state is State.NO_DATA and item.quiet and item.checked_at is not None:
        since = times.written(language, datetime.fromisoformat(item.checked_at), now, zone)
        return language.say("state.since", time=since)
    return language.say(f"state.{item.state.value}")


def headline(language: Language, said: Headline) -> str:
    """The banner's first line."""
    if said.code in ("stale", "waiting", "empty", "paused", "major-all", "incident"):
        return language.say(f"banner.{said.code}")
    if said.code == "operational":
        return language.say("banner.operational-some" if said.no_data else "banner.operational")
    if said.affected == 1 and said.names:
        return language.say(f"banner.{said.code}-one", name=said.names[0])
    return language.count(f"banner.{said.code}", said.affected, total=language.number(said.total))


def detail(language: Language, said: Headline, downtime: Sequence[str], now: datetime) -> str:
    """The banner's second line, maybe empty. `downtime` names what was down within the past 60 minutes."""
    match said.code:
        case "stale" | "paused":
            return language.say(f"banner.{said.code}-detail")
        case "waiting" | "empty":
            return ""
        case "operational" if said.no_data:
            return language.count("banner.no-data", said.no_data)
        case "operational" if said.recent is not None and said.recent.recovered_at is not None:
            return _recovered(language, said.recent, datetime.fromisoformat(said.recent.recovered_at), now)
        case "operational":
            return _calm(language, said.recent is not None, downtime)
    if said.affected == 1 and said.code not in ("major-all", "incident"):
        return ""  # the headline names it
    names = said.names[:_LIST]
    return language.listed(names, said.affected - len(names))


def _recovered(language: Language, recent: Recent, at: datetime, now: datetime) -> str:
    ago = times.ago(language, at, now)
    if recent.down == 1 and recent.names:
        return language.say("banner.recovered-one", ago=ago, name=recent.names[0])
    return language.count("banner.recovered", recent.down, ago=ago)


def _calm(language: Language, all_day: bool, failed: Sequence[str]) -> str:
    """With a whole day known, what failed was not enough for an outage; else it may have been one."""
    if not failed:
        return language.say("banner.calm") if all_day else ""
    key = "banner.failed" if all_day else "banner.downtime"
    return language.say(f"{key}-one", name=failed[0]) if len(failed) == 1 else language.count(key, len(failed))


def tab(language: Language, title: str, said: Headline) -> str:
    """The title of the browser's tab."""
    match said.code:
        case "stale":
            return f"? {title}"
        case "major-all":
            return f"● {language.say('tab.all')} | {title}"
        case "major" if said.affected > 1:
            return f"● {language.count('tab.more', said.affected - 1, name=said.names[0])} | {title}"
        case "major":
            return f"● {language.say('tab.one', name=said.names[0])} | {title}"
        case "partial" | "degraded" | "incident":
            return f"({language.number(said.affected)}) {title}"
        case _:
            return title


def description(language: Language, document: PageDocument) -> str:
    """What a search engine or a messenger tells of the page."""
    now = datetime.fromisoformat(document.generated_at)
    said = document.headline
    parts = [headline(language, said), detail(language, said, with_downtime(document), now)]
    status = language.say("list.sentence").join(part.rstrip(".") for part in parts if part)
    return language.say("page.description", title=document.page.title, status=status)


def with_downtime(document: PageDocument) -> list[str]:
    """Names of the services that were down, at least in part, in some minute shown."""
    items = (item for group in document.groups for item in group.items)
    return [item.name for item in items if item.minutes and ("x" in item.minutes or "p" in item.minutes)]


def group_sum(language: Language, group: Group) -> str:
    """A group's members in a few words."""
    total = len(group.items)
    without = sum(item.state is State.NO_DATA for item in group.items)
    work = sum(item.state is State.MAINTENANCE for item in group.items)
    bad = total - without - work - sum(item.state is State.OPERATIONAL for item in group.items)
    rest = (("group.bad", bad), ("group.work", work), ("group.silent", without), ("group.fine", total))
    key, number = next((key, number) for key, number in rest if number or key == "group.fine")
    return language.listed([language.count("group.services", total), language.count(key, number)])


def downtime_summary(language: Language, minutes: str) -> str | None:
    """`2 minutes with downtime`, or None when there was none."""
    number = minutes.count("x") + minutes.count("p")
    return language.count("bar.downtime", number) if number else None


def downtime_list(language: Language, minutes: str, first: datetime, zone: tzinfo) -> list[str]:
    """Each stretch of downtime: `14:02–14:04 (2 min) down`. `first` is when the first minute starts."""
    lines: list[str] = []
    at = 0
    for kind, run in groupby(minutes):
        length = len(list(run))
        if kind in _DOWN:
            start, end = first + timedelta(minutes=at), first + timedelta(minutes=at + length)
            time = f"{times.clock(start, zone)}–{times.clock(end, zone)}"
            lines.append(language.say(_DOWN[kind], time=time, length=times.lasted(language, end - start)))
        at += length
    return lines


def bar_label(language: Language, minutes: str) -> str:
    """What a bar of minutes shows, for those who do not see it."""
    up, down = sum(minutes.count(kind) for kind in "ugp"), sum(minutes.count(kind) for kind in "px")
    counts = (("bar.up", up), ("bar.downtime", down), ("bar.silent", minutes.count(".")))
    return language.listed([language.count(key, number) for key, number in counts if number])


def worst_minutes(items: Sequence[Item]) -> str:
    """The worst character of each minute over several bars."""
    bars = [item.minutes or "." * 60 for item in items]
    return "".join(min(column, key="xpgu.".index) for column in zip(*bars, strict=True))


def cells_summary(language: Language, scale: Scale, item: Item) -> str:
    """`4 days with downtime`, `1 h 12 min with downtime`, `No downtime`, `No data`: the bar of another window."""
    return cells_label(language, scale, item.bar or "", item.marks, item.sum)


def cells_label(language: Language, scale: Scale, bar: str, marks: Sequence[Mark], known: Sum | None = None) -> str:
    """The same of any bar."""
    if not bar.strip(".z"):
        return language.say("bar.all-silent")
    down = down_cells(bar, marks)
    if not down:
        return language.say("bar.no-downtime")
    if scale.step_s is None:
        return language.count("bar.days", len(down))
    seconds = known.down_s if known else sum(mark.down_s for mark in marks)
    return language.say("bar.down-for", length=times.lasted(language, timedelta(seconds=seconds)))


def down_cells(bar: str, marks: Sequence[Mark]) -> list[int]:
    """Cells with downtime."""
    told = {mark.at for mark in marks if mark.down_s > 0}
    return [at for at, kind in enumerate(bar) if kind in "px" or at in told]


_SPANS = {"down": "x", "degraded": "g", "maintenance": "m"}


def span(language: Language, one: Span, zone: tzinfo) -> str:
    """`14:02–14:31 (29 min) down: no answer in time`."""
    start = datetime.fromisoformat(one.start)
    since = times.clock(start, zone)
    if one.end is None:
        word = language.say(f"cell.{_SPANS[one.what]}")
        said = language.listed([language.say("span.since", time=since), word])
    else:
        end = datetime.fromisoformat(one.end)
        time, length = f"{since}–{times.clock(end, zone)}", times.lasted(language, end - start)
        said = language.say(f"span.{one.what}", time=time, length=length)
    return language.say("cell.reason", span=said, reason=language.say(f"reason.{one.reason}")) if one.reason else said


def sum_words(language: Language, known: Sum, coverage: str | None) -> str:
    """`4 h 12 min down of 2,160 h; 6 h maintenance excluded; 98.4% of the time observed`: what an uptime comes from."""
    hours = times.hours(language, known.known_s)
    down = language.say("sum.down", down=times.hours(language, known.down_s), known=hours)
    parts = [down if known.down_s else language.say("sum.none", known=hours)]
    excluded = (
        ("sum.maintenance", known.maintenance_s),
        ("sum.unknown", known.unknown_s),
        ("sum.paused", known.paused_s),
    )
    parts += [language.say(key, length=times.hours(language, length)) for key, length in excluded if length]
    if coverage is not None and not coverage.startswith("100"):
        parts.append(language.say("sum.coverage", percent=language.percent(coverage)))
    return language.say("list.semicolon").join(parts)
